//! The workshop of a draft: put in order by keyboard and by pointer, with and without JavaScript; a form that comes back.

use cpom::accounts::model::Role;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use thirtyfour::prelude::*;

use crate::browser::{Browser, Desk, journey};
use crate::house::DRAFT;

async fn order(browser: &Browser, list: &str) -> Vec<String> {
    let script = format!("return [...document.querySelectorAll('#{list} [data-code]')].map((it) => it.dataset.code);");
    browser.run(&script).await.as_array().unwrap().iter().map(|it| it.as_str().unwrap().to_owned()).collect()
}

async fn focused(browser: &Browser) -> String {
    browser.run("return document.activeElement.id;").await.as_str().unwrap_or_default().to_owned()
}

/// Presses a button from the keyboard, and waits for the page that says so.
async fn press(browser: &Browser, id: &str) {
    let button = browser.see(&format!("[id='{id}']")).await;
    // What the page before said must not be taken for what the next one says.
    let quiet = "document.querySelectorAll('[role=status]').forEach((it) => it.replaceChildren());";
    browser.run(&format!("{quiet} document.getElementById('{id}').focus();")).await;
    button.send_keys(Key::Enter + "").await.unwrap();
    browser.wait_for("[role=status]", "Déplacé.").await;
}

#[sqlx::test(migrations = false)]
async fn a_list_is_put_in_order_and_focus_is_kept(_: PgPoolOptions, options: PgConnectOptions) {
    journey(options, put_in_order).await;
}

async fn put_in_order(desk: Desk) {
    for scripts in [true, false] {
        let browser = desk.signed_in(Role::Pilotage, scripts).await;
        browser.goto(DRAFT).await;
        assert_eq!(order(&browser, "sections").await, ["cadre", "elaboration", "moyens", "suivi"]);
        press(&browser, "down-sections-cadre").await;
        assert_eq!(order(&browser, "sections").await, ["elaboration", "cadre", "moyens", "suivi"]);
        assert_eq!(focused(&browser).await, "down-sections-cadre", "scripts: {scripts}");
        press(&browser, "down-sections-cadre").await;
        press(&browser, "up-sections-cadre").await;
        press(&browser, "up-sections-cadre").await;
        assert_eq!(order(&browser, "sections").await, ["cadre", "elaboration", "moyens", "suivi"]);
        // The list ends there: the button that was pressed is gone.
        if scripts {
            assert_eq!(focused(&browser).await, "down-sections-cadre");
        }
        browser.accessible().await;
    }
    let browser = desk.signed_in(Role::Director, true).await;
    browser.goto(DRAFT).await;
    // Over the upper half of the first, then let go.
    browser
        .run(
            "const line = (code) => document.querySelector(`#sections [data-code=${code}]`), dataTransfer = new DataTransfer();
            const fire = (it, type, clientY = 0) => it.dispatchEvent(
                new DragEvent(type, { bubbles: true, cancelable: true, dataTransfer, clientY }));
            const top = line('cadre').getBoundingClientRect().top + 2;
            fire(line('suivi'), 'dragstart');
            fire(line('cadre'), 'dragover', top);
            fire(line('cadre'), 'drop', top);",
        )
        .await;
    browser.wait_for("[role=status]", "Déplacé.").await;
    assert_eq!(order(&browser, "sections").await, ["suivi", "cadre", "elaboration", "moyens"]);
}

#[sqlx::test(migrations = false)]
async fn a_form_that_is_refused_keeps_what_was_typed(_: PgPoolOptions, options: PgConnectOptions) {
    journey(options, be_refused).await;
}

async fn be_refused(desk: Desk) {
    let browser = desk.signed_in(Role::Director, false).await;
    browser.goto(&format!("{DRAFT}/jalons/new")).await;
    browser.write("#label", "Ouvrir le bâtiment").await;
    browser.choose("#node", "O1").await;
    browser.choose("#precision", "annee").await;
    browser.click("main form.form [type=submit]").await;
    browser.wait_for(".error", "L’échéance manque").await;
    assert_eq!(browser.value("#label").await, "Ouvrir le bâtiment");
    browser.accessible().await;
    browser.run("document.getElementById('due_on').value = '2028-05-02';").await;
    browser.click("main form.form [type=submit]").await;
    browser.wait_for("[role=status]", "Enregistré dans le brouillon.").await;
    assert!(browser.texts("#jalons .order-item").await.iter().any(|it| it.contains("31 déc. 2028")));
}
