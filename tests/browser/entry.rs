//! A director's main job: answer what a campaign expects, with and without JavaScript, alone and at the same time as
//! somebody else.

use cpom::accounts::model::Role;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use thirtyfour::prelude::*;

use crate::browser::{Browser, Desk, journey};
use crate::house::PLAN;

const ENTRY: &str = "/plans/uca-iut-2021-2026/entry/2026";

/// A field of a cell: `field("value", "9/2024")`.
fn field(name: &str, cell: &str) -> String {
    format!("[name=\"{name}/{cell}\"]")
}

/// Something in a cell's row.
fn row(cell: &str, css: &str) -> String {
    format!("[id=\"row-{cell}\"] {css}")
}

/// Goes down one line, which saves the one that is left.
async fn next_line(browser: &Browser, css: &str) {
    browser.see(css).await.send_keys(Key::Enter + "").await.unwrap();
}

#[sqlx::test(migrations = false)]
async fn a_director_answers_what_is_expected(_: PgPoolOptions, options: PgConnectOptions) {
    journey(options, answer_with_scripts).await;
}

async fn answer_with_scripts(desk: Desk) {
    let browser = desk.signed_in(Role::Director, true).await;
    assert_eq!(browser.path().await, "/");
    browser.click("main .inbox a[href*='/entry/2026?show=due']").await;
    browser.wait_for("h1", "Saisie 2026").await;
    let due = browser.texts("tbody.entry").await.len();
    assert!(due >= 4, "the demo leaves cells to answer, {due} now");

    // A value, and down one line: the row is saved by itself, and the focus is where the eye is.
    browser.write(&field("value", "9/2024"), "3").await;
    next_line(&browser, &field("value", "9/2024")).await;
    browser.wait_for(&row("9/2024", ".saved"), "Enregistrée à").await;
    let focused = browser.run("return document.activeElement.name;").await;
    assert!(focused.as_str().is_some_and(|name| name.starts_with("value/") && name != "value/9/2024"), "{focused}");
    browser.accessible().await;

    // All else than a figure is refused, and kept as it was typed.
    let [bad, unknown, zero] = others(&browser, "9/2024").await;
    browser.write(&field("value", &bad), "49 (37%)").await;
    next_line(&browser, &field("value", &bad)).await;
    browser.wait_for(&row(&bad, ".error"), "Un nombre seul est attendu").await;
    assert_eq!(browser.value(&field("value", &bad)).await, "49 (37%)");
    browser.accessible().await;
    browser.write(&field("value", &bad), "1 250").await;
    next_line(&browser, &field("value", &bad)).await;
    browser.wait_for(&row(&bad, ".saved"), "Enregistrée à").await;

    // NR stays due, with its reason. 0 is a value.
    browser.choose(&field("status", &unknown), "NR").await;
    browser.write(&field("comment", &unknown), "Le service n’a pas répondu").await;
    browser.write(&field("value", &zero), "0").await;
    browser.wait_for(&row(&unknown, ".saved"), "Enregistrée à").await;
    next_line(&browser, &field("value", &zero)).await;
    browser.wait_for(&row(&zero, ".saved"), "Enregistrée à").await;

    browser.goto(ENTRY).await;
    assert_eq!(browser.value(&field("value", "9/2024")).await, "3");
    assert_eq!(browser.value(&field("value", &bad)).await, "1250");
    assert_eq!(browser.value(&field("status", &unknown)).await, "NR");
    assert_eq!(browser.value(&field("comment", &unknown)).await, "Le service n’a pas répondu");
    assert_eq!(browser.value(&field("value", &zero)).await, "0");
    browser.goto(&format!("{ENTRY}?show=due")).await;
    assert_eq!(browser.texts("tbody.entry").await.len(), due - 4, "four were answered, the NR too");

    // The figure tells its history where it stands.
    browser.goto(&format!("{PLAN}/indicators/9?cell=9/2024")).await;
    browser.wait_for(".history", "Direction de l’IUT").await;
    assert!(browser.text(".history .change").await.contains('3'));
    browser.accessible().await;
    browser.goto(&format!("{PLAN}/journal")).await;
    browser.wait_for("main td", "Le service n’a pas répondu").await;
    browser.accessible().await;
}

/// Three other cells to answer, of measures that take a value.
async fn others(browser: &Browser, but: &str) -> [String; 3] {
    let mut cells = Vec::new();
    for input in browser.driver.find_all(By::Css("tbody.entry input[name^='value/']")).await.unwrap() {
        let name = input.prop("name").await.unwrap().unwrap();
        cells.push(name.trim_start_matches("value/").to_owned());
    }
    cells.retain(|cell| cell != but);
    cells.truncate(3);
    cells.try_into().unwrap()
}

#[sqlx::test(migrations = false)]
async fn a_director_answers_without_javascript(_: PgPoolOptions, options: PgConnectOptions) {
    journey(options, answer_without_scripts).await;
}

async fn answer_without_scripts(desk: Desk) {
    let browser = desk.signed_in(Role::Director, false).await;
    browser.goto(&format!("{ENTRY}?show=due")).await;
    let started = browser.run("return document.documentElement.classList.contains('js');").await;
    assert_eq!(started, false, "the page's own script did not run");
    let due = browser.texts("tbody.entry").await.len();
    let [bad, unknown, zero] = others(&browser, "9/2024").await;
    browser.write(&field("value", "9/2024"), "3").await;
    browser.write(&field("value", &bad), ">3,6").await;
    browser.choose(&field("status", &unknown), "NR").await;
    browser.write(&field("comment", &unknown), "Le service n’a pas répondu").await;
    browser.write(&field("value", &zero), "0").await;
    browser.click(".savebar [type=submit]").await;

    // One of four is refused: the page says so, counts what is saved and keeps the text.
    browser.wait_for("[role=alert]", "Un nombre seul est attendu").await;
    assert_eq!(browser.value(&field("value", &bad)).await, ">3,6");
    browser.accessible().await;
    browser.click("[role=alert] a").await;
    browser.write(&field("value", &bad), "3,6").await;
    browser.click(".savebar [type=submit]").await;
    browser.wait_for("[role=status]", "enregistrée").await;
    assert_eq!(browser.texts("[role=alert]").await, Vec::<String>::new());
    assert_eq!(browser.texts("tbody.entry").await.len(), due - 4);
    browser.accessible().await;

    // A rate is computed from its two numbers, never typed.
    browser.goto(ENTRY).await;
    assert_eq!(browser.texts("[name='value/13.b/2023-2024']").await, Vec::<String>::new());
    browser.write(&field("num", "13.b/2023-2024"), "1").await;
    browser.write(&field("den", "13.b/2023-2024"), "0").await;
    browser.click(".savebar [type=submit]").await;
    browser.wait_for("[role=alert]", "dénominateur").await;
    browser.write(&field("den", "13.b/2023-2024"), "8").await;
    browser.click(".savebar [type=submit]").await;
    browser.wait_for("[role=status]", "enregistrée").await;
    browser.wait_for(&row("13.b/2023-2024", ".quotient"), "12,5").await;

    // The fiche's own form, for a cell that no campaign expects yet.
    browser.goto(&format!("{PLAN}/indicators/12")).await;
    browser.click("a[href='?cell=12/2024-2025#edit']").await;
    browser.write(&field("value", "12/2024-2025"), "35").await;
    browser.write("#why", "chiffre reçu en avance").await;
    browser.click("#edit [type=submit]").await;
    browser.wait_for("#edit .history", "chiffre reçu en avance").await;
    browser.accessible().await;
}

#[sqlx::test(migrations = false)]
async fn two_people_and_one_figure(_: PgPoolOptions, options: PgConnectOptions) {
    journey(options, meet).await;
}

async fn meet(desk: Desk) {
    const CELL: &str = "4/2023-2024";
    let director = desk.signed_in(Role::Director, true).await;
    let contributor = desk.signed_in(Role::Contributor, false).await;
    director.goto(ENTRY).await;
    contributor.goto(ENTRY).await;
    let original = contributor.value(&field("value", CELL)).await;

    director.write(&field("value", CELL), "23").await;
    next_line(&director, &field("value", CELL)).await;
    director.wait_for(&row(CELL, ".saved"), "Enregistrée à").await;

    // The second to save is shown all three, with their own text kept; what did not conflict is saved.
    contributor.write(&field("value", CELL), "24").await;
    contributor.write(&field("value", "13.a/2023-2024"), "422").await;
    contributor.click(".savebar [type=submit]").await;
    let sides = ["24", "23", original.as_str()];
    contributor.wait_for(&row(CELL, ".conflict"), "modifiée pendant votre saisie").await;
    assert_eq!(contributor.texts(&row(CELL, ".side-value")).await, sides);
    assert_eq!(contributor.value(&field("value", CELL)).await, "24");
    assert_eq!(contributor.texts(&row("13.a/2023-2024", ".conflict")).await, Vec::<String>::new());
    contributor.accessible().await;

    // Nothing is chosen for them.
    contributor.click(".savebar [type=submit]").await;
    contributor.wait_for(&row(CELL, ".conflict"), "modifiée pendant votre saisie").await;
    contributor.click(&format!("{}[value=mine]", field("choice", CELL))).await;
    contributor.click(".savebar [type=submit]").await;
    contributor.wait_for("[role=status]", "enregistrée").await;
    assert_eq!(contributor.value(&field("value", CELL)).await, "24");

    // The director's page is the old one now; with scripts, the conflict comes into the row.
    director.write(&field("value", CELL), "25").await;
    next_line(&director, &field("value", CELL)).await;
    director.wait_for(&row(CELL, ".conflict"), "modifiée pendant votre saisie").await;
    assert_eq!(director.texts(&row(CELL, ".side-value")).await, ["25", "24", "23"]);
    director.accessible().await;
    director.click(&format!("{}[value=theirs]", field("choice", CELL))).await;
    director.click(".savebar [type=submit]").await;
    director.wait_for("[role=status]", "Aucune modification").await;
    assert_eq!(director.value(&field("value", CELL)).await, "24");
    director.goto(&format!("{PLAN}/measures/4/cells/2023-2024/journal")).await;
    assert_eq!(director.texts(".history .change").await.len(), 3, "the demo, the director, the contributor");
}

#[sqlx::test(migrations = false)]
async fn a_column_is_pasted(_: PgPoolOptions, options: PgConnectOptions) {
    journey(options, paste).await;
}

async fn paste(desk: Desk) {
    let browser = desk.signed_in(Role::Director, true).await;
    browser.goto(&format!("{ENTRY}?show=due")).await;
    browser.see("tbody.entry").await;
    let cells = others(&browser, "").await;
    browser
        .run(
            "const field = document.querySelector(\"tbody.entry input[name^='value/']\");
             const data = new DataTransfer();
             data.setData('text/plain', '12\\n>3,6\\nNR');
             field.focus();
             field.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }));",
        )
        .await;
    browser.wait_for("dialog [data-sum]", "2 cases acceptées, 1 refusée").await;
    assert_eq!(browser.value(&field("value", &cells[0])).await, "", "nothing is filled before it is accepted");
    browser.accessible().await;
    browser.click("dialog [value=fill]").await;
    browser.wait_for("#grid-status", "2 cases remplies").await;
    assert_eq!(browser.value(&field("value", &cells[0])).await, "12");
    assert_eq!(browser.value(&field("value", &cells[1])).await, "");
    assert_eq!(browser.value(&field("status", &cells[2])).await, "NR");
}
