//! The workshop of a draft: put in order by keyboard and by pointer, with and without JavaScript; a form that comes back;
//! a whole contract typed by hand.

use std::sync::mpsc::{Sender, channel};

use cpom::accounts::model::Role;
use cpom::journal::model::Act;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{ConnectOptions, Connection};
use thirtyfour::prelude::*;

use crate::browser::{Browser, Desk, journey, journey_over};
use crate::house::{DRAFT, Ground, NOW};

async fn order(browser: &Browser, list: &str) -> Vec<String> {
    let script = format!("return [...document.querySelectorAll('#{list} [data-code]')].map((it) => it.dataset.code);");
    browser.run(&script).await.as_array().unwrap().iter().map(|it| it.as_str().unwrap().to_owned()).collect()
}

async fn focused(browser: &Browser) -> String {
    browser.run("return document.activeElement.id;").await.as_str().unwrap_or_default().to_owned()
}

/// Presses a button from the keyboard, and waits for the page that says so.
async fn move_by(browser: &Browser, id: &str) {
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
        move_by(&browser, "down-sections-cadre").await;
        assert_eq!(order(&browser, "sections").await, ["elaboration", "cadre", "moyens", "suivi"]);
        assert_eq!(focused(&browser).await, "down-sections-cadre", "scripts: {scripts}");
        move_by(&browser, "down-sections-cadre").await;
        move_by(&browser, "up-sections-cadre").await;
        move_by(&browser, "up-sections-cadre").await;
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

#[sqlx::test(migrations = false)]
async fn a_contract_entered_by_hand_imports_byte_for_byte(_: PgPoolOptions, options: PgConnectOptions) {
    let (keep, kept) = channel();
    journey_over(Ground::University, options.clone(), |desk| enter_by_hand(desk, keep)).await;
    let file: String = kept.recv().unwrap();
    let again = imported_and_exported(options, file.as_bytes(), "uca-viv-2028-2033").await;
    assert!(again == file.as_bytes(), "another database exports other bytes");
}

const BY_HAND: &str = "/plans/uca-viv-2028-2033";

/// One element as a person types it: its list, then its fields.
type Typed = (&'static str, &'static [(&'static str, &'static str)]);

const TYPED: &[Typed] = &[
    ("sections", &[("code", "S1"), ("title", "I. Le projet"), ("body", "Le projet de l’institut.")]),
    ("sections", &[("code", "S2"), ("title", "II. Les moyens"), ("body", "Ce qui est demandé.")]),
    ("nodes", &[("code", "D1"), ("label", "Formation")]),
    ("nodes", &[("code", "T1"), ("parent", "D1"), ("label", "Réussite des étudiants")]),
    (
        "nodes",
        &[
            ("code", "O1"),
            ("parent", "T1"),
            ("label", "Accompagner les étudiants de première année"),
            ("statement", "Le tutorat est étendu aux trois sites."),
            ("framework_rows-C01", ""),
        ],
    ),
    (
        "indicators",
        &[
            ("code", "1"),
            ("label", "Étudiants tutorés"),
            ("node", "O1"),
            ("unit", "Nombre"),
            ("period_kind", "universitaire"),
            ("availability", "quatrieme_trimestre"),
            ("origin", "institut"),
            ("referents", "Scolarité"),
        ],
    ),
    (
        "measures",
        &[
            ("code", "1"),
            ("indicator", "1"),
            ("label", "Étudiants tutorés"),
            ("unit", "Nombre"),
            ("unit_kind", "nombre"),
            ("reference", "120"),
            ("target", "1 250,5"),
            ("nature", "stock"),
            ("direction", "hausse"),
        ],
    ),
    (
        "jalons",
        &[
            ("code", "J1"),
            ("label", "Ouvrir la maison du tutorat"),
            ("node", "O1"),
            ("precision", "mois"),
            ("due_on", "2029-02-03"),
            ("owners", "Direction des études"),
        ],
    ),
    (
        "budget",
        &[
            ("code", "B1"),
            ("label", "Équiper la maison du tutorat"),
            ("nodes-O1", ""),
            ("nature", "investissement"),
            ("category", "MATÉRIEL"),
            ("years", "2028, 2029"),
            ("cost", "12 500,50"),
            ("participation", "2 500,50"),
            ("participation_of", "UCA"),
            ("self_financing.0.year", "2028"),
            ("self_financing.0.amount", "10000"),
        ],
    ),
    (
        "posts",
        &[
            ("code", "P1"),
            ("origin", "creation"),
            ("year", "2029"),
            ("part", "part_20"),
            ("corps", "MCF"),
            ("count", "1"),
            ("objectives-O1", ""),
        ],
    ),
];

async fn enter_by_hand(desk: Desk, keep: Sender<String>) {
    let pilotage = desk.signed_in(Role::Pilotage, true).await;
    pilotage.goto("/admin/plans/new").await;
    let plan = [("structure", "viv"), ("kind", "cpom"), ("first_year", "2028"), ("last_year", "2033")];
    pilotage.fill(&plan).await;
    pilotage.fill(&[("title", "Contrat 2028-2033")]).await;
    pilotage.press("Commencer le brouillon").await;
    pilotage.wait_for("[role=status]", "Brouillon commencé.").await;
    assert_eq!(pilotage.path().await.split('#').next().unwrap(), format!("{BY_HAND}/draft"));
    for (list, fields) in TYPED {
        pilotage.leave_by(&format!("#{list} a[href$='/draft/{list}/new']")).await;
        pilotage.fill(fields).await;
        pilotage.press("Enregistrer").await;
        pilotage.wait_for("[role=status]", "Enregistré dans le brouillon.").await;
    }
    pilotage.accessible().await;

    // Put in order without a mouse; what was typed reads as it was meant.
    move_by(&pilotage, "down-sections-S1").await;
    assert_eq!(order(&pilotage, "sections").await, ["S2", "S1"]);
    let said = pilotage.text("main").await;
    for typed in ["Étudiants tutorés", "28 févr. 2029", "Équiper la maison du tutorat"] {
        assert!(said.contains(typed), "{typed} is not in {said}");
    }

    // Signed, it is a contract: nothing of it is edited here any more.
    pilotage.fill(&[("reference", "Acte 2026-31"), ("body", "Directoire et direction de l’institut du vivant")]).await;
    pilotage.press("Enregistrer la signature").await;
    pilotage.wait_for("[role=alert]", "La date de signature est attendue").await;
    assert_eq!(pilotage.value("#reference").await, "Acte 2026-31");
    pilotage.accessible().await;
    pilotage.fill(&[("held_on", "2026-09-01")]).await;
    pilotage.press("Enregistrer la signature").await;
    pilotage.wait_for("[role=status]", "Contrat signé.").await;
    assert_eq!(pilotage.path().await.split('#').next().unwrap(), BY_HAND);
    pilotage.accessible().await;

    // The document that its page gives, as a browser receives it.
    let file = pilotage.fetch(&format!("{BY_HAND}/document.json")).await;
    for typed in ["\"1250.5\"", "\"12500.5\"", "\"2029-02-28\"", "Acte 2026-31", "\"C01\""] {
        assert!(file.contains(typed), "{typed} is not in {file}");
    }
    keep.send(file).unwrap();
}

/// What an empty database of the same server exports once it has imported this.
async fn imported_and_exported(options: PgConnectOptions, document: &[u8], code: &str) -> Vec<u8> {
    let name = "cpom_by_hand";
    let mut server = options.clone().connect().await.unwrap();
    for statement in [format!("DROP DATABASE IF EXISTS {name}"), format!("CREATE DATABASE {name}")] {
        sqlx::raw_sql(sqlx::AssertSqlSafe(statement)).execute(&mut server).await.unwrap();
    }
    let options = options.database(name);
    cpom::db::migrate(&options).await.unwrap();
    let mut conn = options.connect().await.unwrap();
    let act = Act::command("test", NOW.parse().unwrap());
    cpom::document::import(&mut conn, &act, document, false).await.unwrap();
    let (_, again) = cpom::document::store::load(&mut conn, code).await.unwrap().unwrap();
    conn.close().await.unwrap();
    let gone = format!("DROP DATABASE {name}");
    sqlx::raw_sql(sqlx::AssertSqlSafe(gone)).execute(&mut server).await.unwrap();
    server.close().await.unwrap();
    again.to_bytes()
}
