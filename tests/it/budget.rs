//! Budget and Finance against a real database: what the totals say, who writes, what conflicts, what the file holds.

use cpom::accounts::model::Role;
use cpom::web::Settings;
use cpom::web::request::StatementCounter;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use tracing_subscriber::layer::SubscriberExt;

use crate::support::{Answer, TestApp};

const BUDGET: &str = "/plans/uca-iut-2021-2026/budget";
const B1: &str = "/plans/uca-iut-2021-2026/budget/B1";

/// Figures compare without the narrow spaces that typography asks for.
fn plain(texts: Vec<String>) -> Vec<String> {
    texts.into_iter().map(|text| text.replace(['\u{202f}', '\u{a0}'], " ")).collect()
}

fn hidden(page: &Answer, name: &str) -> String {
    page.attributes(&format!("input[name='{name}']"), "value").remove(0)
}

/// The last cell of the first footer: the exact grants.
fn exact_total(page: &Answer) -> String {
    plain(page.texts("section[aria-labelledby='lignes'] tfoot td")).pop().unwrap()
}

#[sqlx::test(migrations = false)]
async fn printed_and_computed_totals_stand_side_by_side(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::demo(options).await;
    let page = app.visitor(Role::Director).await.get(BUDGET).await;
    assert_eq!(page.status, 200);
    let cells = plain(page.texts("section[aria-labelledby='imprime'] tbody td"));
    let rows: Vec<&[String]> = cells.chunks(3).collect();
    assert_eq!(rows[0], ["6 047 400 €", "Coût estimé, lignes de ce total : 6 047 400 €", "égal"]);
    assert_eq!(rows[3], ["89%", "88,68 %", "arrondi : +0,32 pt"]);
    assert!(
        rows[4][0] == "Tot 607k€" && rows[4][1].ends_with("606 280 €") && rows[4][2] == "1 k€ d’arrondi",
        "{rows:?}"
    );
    let asides = plain(page.texts(".note li"));
    assert_eq!(asides[0], "Coût à estimer : 2 lignes (B7, B8), hors des sommes.");
    assert!(asides[2].starts_with("Accordé connu au k€ seulement : 4 lignes (B1, B4, B5, B6)."), "{asides:?}");
    assert_eq!(page.texts("section[aria-labelledby='lignes'] tbody tr").len(), 8);
}

#[sqlx::test(migrations = false)]
async fn every_total_opens_into_its_lines(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::demo(options).await;
    let finance = app.visitor(Role::Finance).await;
    let page = finance.get(BUDGET).await;
    let links = page.attributes("tfoot a, section[aria-labelledby='imprime'] a", "href");
    assert!(links.len() > 15, "{links:?}");
    for link in links {
        let opened = finance.get(link.split('#').next().unwrap()).await;
        assert!(!opened.texts("#total dt").is_empty(), "{link}");
    }
    let opened = finance.get(&format!("{BUDGET}?total=participation")).await;
    assert_eq!(plain(opened.texts("#total h2")), ["Participation demandée : 684 280 €"]);
    assert_eq!(plain(opened.texts("#total dd")), ["389 280 €", "78 000 €", "20 000 €", "40 000 €", "157 000 €"]);
    assert!(finance.get(&format!("{BUDGET}?total=ouvert-2024")).await.body.contains("Ouvert 2024"));
    assert_eq!(finance.get(&format!("{BUDGET}?total=%3Cb%3E")).await.texts("#total").len(), 0);
}

#[sqlx::test(migrations = false)]
async fn finance_records_an_exact_grant_for_b1_and_watches_the_total_move(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::demo(options).await;
    let finance = app.visitor(Role::Finance).await;
    assert_eq!(exact_total(&finance.get(BUDGET).await), "—");
    let page = finance.get(B1).await;
    let rank = hidden(&page, "rank");
    let mut form = vec![
        ("rank", rank.as_str()),
        ("state", "favorable"),
        ("granted", "389 280"),
        ("decided_by", "Directoire"),
        ("reason", "Notification reçue"),
    ];
    let refused = finance.post(&format!("{B1}/arbitrages"), &form).await;
    assert_eq!(refused.status, 422);
    assert_eq!(refused.attributes("#decision-granted", "value"), ["389 280"], "what was typed is kept");
    assert!(refused.texts("#decision-session_on-error")[0].contains("obligatoire"));
    form.push(("session_on", "2025-09-10"));
    let done = finance.post(&format!("{B1}/arbitrages"), &form).await;
    assert_eq!((done.status.as_u16(), done.location()), (303, B1));
    let page = finance.get(B1).await;
    assert!(page.texts("[role=status]")[0].starts_with("Décision enregistrée"));
    assert!(
        plain(page.texts(".history .change"))[0].contains("Favorable, 389 280 € accordés, séance du 10 sept. 2025")
    );
    let page = finance.get(BUDGET).await;
    assert!(exact_total(&page).ends_with("389 280 €"));
    assert!(plain(page.texts(".note li"))[2].contains("3 lignes (B4, B5, B6)"));
    assert!(plain(page.texts("section[aria-labelledby='imprime'] tbody tr"))[4].contains("606 280 €"));
    // The same form again: someone decided in between, nothing is written and nothing is lost.
    let conflict = finance.post(&format!("{B1}/arbitrages"), &form).await;
    assert_eq!(conflict.status, 409);
    assert_eq!(conflict.attributes("#decision-granted", "value"), ["389 280"]);
    assert_eq!(hidden(&conflict, "rank"), "2");
    let entries: Vec<(String, Option<String>, String)> = sqlx::query_as(
        "SELECT code, reason, actor FROM journal_entry WHERE kind = 'arbitrage' AND source = 'page' ORDER BY id",
    )
    .fetch_all(app.pool())
    .await
    .unwrap();
    let entry = ("ligne_budgetaire/B1/1".into(), Some("Notification reçue".into()), "Direction des finances".into());
    assert_eq!(entries, [entry]);
}

#[sqlx::test(migrations = false)]
async fn finance_schedules_and_the_directoire_does_not(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::demo(options).await;
    let finance = app.visitor(Role::Finance).await;
    let version = hidden(&finance.get(B1).await, "version");
    let form = |amount: &'static str, version: &str| {
        [
            ("year", "2025".to_owned()),
            ("kind", "execute".to_owned()),
            ("amount", amount.to_owned()),
            ("source", "Situation d’exécution".to_owned()),
            ("dated_on", "2025-08-31".to_owned()),
            ("version", version.to_owned()),
        ]
    };
    let post = async |visitor: &crate::support::Visitor, form: [(&'static str, String); 6]| {
        let form: Vec<(&str, &str)> = form.iter().map(|(name, value)| (*name, value.as_str())).collect();
        visitor.post(&format!("{B1}/schedule"), &form).await
    };
    let refused = post(&finance, form("61 k€", &version)).await;
    assert_eq!(refused.status, 422);
    assert_eq!(refused.attributes("#amount", "value"), ["61 k€"]);
    assert_eq!(post(&finance, form("61 250,40", &version)).await.status, 303);
    let page = finance.get(B1).await;
    assert!(
        plain(page.texts("section[aria-labelledby='echeancier'] tbody tr"))
            .iter()
            .any(|row| { row.starts_with("2025, Exécuté61 250,40 €") })
    );
    assert_eq!(post(&finance, form("62 000", &version)).await.status, 409);
    let directoire = app.visitor(Role::Directoire).await;
    let forbidden = post(&directoire, form("1", &version)).await;
    assert_eq!(forbidden.status, 403);
    assert!(forbidden.body.contains("tenus par la direction des finances"));
    // The document that now leaves still holds together.
    let mut conn = app.app.conn().await.unwrap();
    let (_, document) = cpom::document::store::load(&mut conn, "uca-iut-2021-2026").await.unwrap().unwrap();
    assert_eq!(cpom::document::model::Document::parse(&document.to_bytes()).unwrap(), document);
}

/// A second contract, the first under another code, times `copies` lines.
async fn more_plans(app: &TestApp, copies: usize) {
    let mut conn = app.app.conn().await.unwrap();
    for copy in 1..=copies {
        let document = String::from_utf8(cpom::demo::SIGNED.to_vec())
            .unwrap()
            .replace("\"code\": \"uca-iut-2021-2026\"", &format!("\"code\": \"uca-iut-copie-{copy}\""));
        let act = cpom::journal::model::Act::command("test", app.app.clock.now());
        cpom::document::import(&mut conn, &act, document.as_bytes(), true).await.unwrap();
    }
}

#[sqlx::test(migrations = false)]
async fn totals_are_over_all_lines_whatever_the_page(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::demo(options).await;
    more_plans(&app, 14).await;
    let finance = app.visitor(Role::Finance).await;
    let first = finance.get("/finance").await;
    let second = finance.get("/finance?page=2").await;
    let figures = |page: &Answer| plain(page.texts(".figures dd"));
    assert_eq!(figures(&first), figures(&second));
    assert_eq!(figures(&first)[0], "120");
    assert_eq!(figures(&first)[1], format!("{} €", "90 711 000"));
    let rows = "section[aria-labelledby='lignes'] tbody tr";
    assert_eq!((first.texts(rows).len(), second.texts(rows).len()), (100, 20));
    assert_eq!(first.attributes("a[rel=next]", "href"), ["/finance?page=2"]);
    assert_eq!(finance.get("/finance?page=99&year=abc").await.status, 200);
}

#[sqlx::test(migrations = false)]
async fn the_filter_and_the_file_keep_the_same_lines(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::demo(options).await;
    more_plans(&app, 1).await;
    let finance = app.visitor(Role::Finance).await;
    let page = finance.get("/finance").await;
    for address in page.attributes("section th a[href^='/finance?']", "href") {
        let kept = finance.get(&address).await;
        let rows = kept.texts("section[aria-labelledby='lignes'] tbody tr").len();
        let link = kept.attributes("a[href^='/finance.csv']", "href").remove(0);
        let file = finance.get(&link).await;
        assert_eq!(file.header("content-type"), "text/csv; charset=utf-8");
        assert_eq!(file.body.matches("\r\n").count(), rows + 1, "{address}");
        assert!(file.body.starts_with('\u{feff}'));
    }
    let several = finance.get("/finance?objective=non-rattache&state=favorable&structure=iut").await;
    assert_eq!(several.texts("section[aria-labelledby='lignes'] tbody tr").len(), 8);
    let file = finance.get("/finance.csv?category=INFORMATIQUE").await;
    assert_eq!(file.body.lines().count(), 5);
    assert!(file.body.contains(";3000000;"), "{}", file.body);
}

#[sqlx::test(migrations = false)]
async fn only_the_navigation_of_those_who_read_it_names_the_budget(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::demo(options).await;
    for (role, budget, finance) in [
        (Role::Director, true, false),
        (Role::Rh, false, false),
        (Role::Contributor, false, false),
        (Role::Finance, true, true),
        (Role::Pilotage, true, true),
    ] {
        let page = app.visitor(role).await.get("/plans/uca-iut-2021-2026").await;
        let nav = page.texts(".nav a");
        assert_eq!(nav.contains(&"Budget".to_owned()), budget, "{role:?}");
        assert_eq!(nav.contains(&"Finance".to_owned()), finance, "{role:?}");
    }
}

/// How many statements a page ran.
async fn statements(app: &TestApp, role: Role, path: &str) -> u32 {
    let answer = app.visitor(role).await.get(path).await;
    assert_eq!(answer.status, 200, "{path}");
    let timing = answer.header("server-timing");
    timing.split("desc=\"").nth(1).and_then(|rest| rest.split(' ').next()?.parse().ok()).unwrap()
}

#[sqlx::test(migrations = false)]
async fn pages_keep_to_their_statements_when_rows_double(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::demo(options).await;
    let app = app.with(Settings { timing: true, ..Settings::default() });
    // For the whole binary: each request counts its own statements, whatever runs beside.
    let _ = tracing::subscriber::set_global_default(tracing_subscriber::registry().with(StatementCounter));
    let paths = [BUDGET, B1, "/finance", "/finance.csv"];
    let mut before = Vec::new();
    for path in paths {
        before.push(statements(&app.anew(), Role::Finance, path).await);
    }
    assert!(before.iter().all(|count| (1..=8).contains(count)), "{before:?}");
    more_plans(&app, 2).await;
    sqlx::query(
        "INSERT INTO budget_line (plan_id, code, position, nature, category, label, years, cost)
         SELECT plan_id, code || '-bis', position + 100, nature, category, label, years, cost FROM budget_line",
    )
    .execute(app.pool())
    .await
    .unwrap();
    for (path, before) in paths.into_iter().zip(before) {
        assert_eq!(statements(&app.anew(), Role::Finance, path).await, before, "{path}");
        // What was not written in since is not read again.
        assert!(statements(&app, Role::Finance, path).await <= before, "{path}");
    }
}
