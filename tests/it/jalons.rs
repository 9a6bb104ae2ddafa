//! Jalons against the real contract: what is said of them, what is refused, what conflicts, what the journal keeps.

use cpom::accounts::model::Role;
use cpom::web::Settings;
use cpom::web::request::StatementCounter;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use tracing_subscriber::layer::SubscriberExt;

use crate::support::{Answer, TestApp};

const LIST: &str = "/plans/uca-iut-2021-2026/jalons";
const J3: &str = "/plans/uca-iut-2021-2026/jalons/J3";
const STATEMENTS: u32 = 8;

/// The version a page's forms carry.
fn version(page: &Answer) -> String {
    page.attributes("[name=version]", "value")[0].clone()
}

/// Before, after and place of each change of a jalon, in order.
async fn journal(app: &TestApp, code: &str) -> Vec<(Option<String>, String, Option<i32>)> {
    sqlx::query_as(
        "SELECT before ->> 'state', after::text, position FROM journal_entry
         WHERE kind = 'jalon' AND code = $1 ORDER BY id",
    )
    .bind(code)
    .fetch_all(app.pool())
    .await
    .unwrap()
}

#[sqlx::test(migrations = false)]
async fn the_list_has_every_jalon_late_ones_first(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::demo(options).await;
    let page = app.visitor(Role::Finance).await.get(LIST).await;
    assert_eq!(page.status, 200);
    let titles = ["Frise par semestre", "En retard", "Échéance cette année", "Échéances suivantes"];
    assert_eq!(page.texts("h2")[..4], titles);
    assert_eq!(page.texts("h2")[4..], ["Sous condition, sans date", "Atteints ou abandonnés"]);
    assert_eq!(page.texts(".table tbody tr:not(:has(.group))").len(), 24);
    assert_eq!(page.texts(".table .group").len(), 2);
    assert_eq!(page.texts(".timeline .timeline-code").len(), 22);
    assert!(page.texts("section:nth-of-type(2) .group")[0].contains("J16 ·"));
    assert_eq!(page.attributes(".nav [aria-current]", "href"), [LIST]);
}

#[sqlx::test(migrations = false)]
async fn the_director_closes_a_late_jalon_with_evidence(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::demo(options).await;
    let director = app.visitor(Role::Director).await;
    let page = director.get(J3).await;
    assert!(page.texts(".subtitle .pill")[0].contains("En retard"));
    let late = page.texts("h1");
    assert_eq!(late, ["J3 · Mise en place de l'Université Foraine sur les territoires"]);
    let fields = [
        ("version", version(&page)),
        ("reached_on", "2023-05-02".into()),
        ("evidence", "https://uca.example/foraine".into()),
    ];
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, text)| (*name, text.as_str())).collect();
    let answer = director.post(&format!("{J3}/closure"), &fields).await;
    assert_eq!((answer.status.as_u16(), answer.location()), (303, J3), "{}", answer.body);
    let page = director.get(J3).await;
    assert_eq!(page.texts("[role=status] p"), ["Jalon enregistré comme atteint."]);
    assert_eq!(page.texts(".subtitle .pill"), ["Atteint"]);
    assert_eq!(page.attributes(".facts a[rel]", "href"), ["https://uca.example/foraine"]);
    assert!(page.texts(".history .change")[0].contains("À venir"), "{:?}", page.texts(".history .change"));
    assert!(page.texts(".history .change")[0].contains("Atteint le 2 mai 2023"));
    let entries = journal(&app, "J3").await;
    let (before, after, position) = entries.last().unwrap();
    assert_eq!((before.as_deref(), *position), (Some("a_venir"), Some(2)));
    assert!(after.contains("\"due_on\":\"2022-12-31\"") && after.contains("\"state\":\"atteint\""), "{after}");
    // Said again, nothing changes.
    let again = [("version", "9"), ("reached_on", "02/05/2023"), ("evidence", "https://uca.example/foraine")];
    assert_eq!(director.post(&format!("{J3}/closure"), &again).await.status, 303);
    assert_eq!(journal(&app, "J3").await.len(), entries.len());
    // The journal of the contract tells it.
    let told = &director.get("/plans/uca-iut-2021-2026/journal").await.texts("tbody > tr")[0];
    assert!(told.contains("Jalon J3") && told.contains("état : de À venir → à Atteint"), "{told}");
}

#[sqlx::test(migrations = false)]
async fn what_is_refused_is_kept_beside_its_sentence(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::demo(options).await;
    let director = app.visitor(Role::Director).await;
    let version = version(&director.get(J3).await);
    let fields = [("version", version.as_str()), ("reached_on", "2026-01-01"), ("evidence", "Bilan")];
    let answer = director.post(&format!("{J3}/closure"), &fields).await;
    assert_eq!(answer.status, 422);
    assert_eq!(answer.attributes("[name=reached_on]", "value"), ["2026-01-01"]);
    assert_eq!(answer.texts("#evidence"), ["Bilan"]);
    assert_eq!(answer.texts("#reached_on-error").len(), 1);
    assert_eq!(answer.attributes("[role=alert] a", "href"), ["#reached_on"]);
    assert_eq!(answer.attributes("details[open]", "id"), ["closure"]);
    let fields = [("version", version.as_str()), ("reason", "")];
    let answer = director.post(&format!("{J3}/abandonment"), &fields).await;
    assert_eq!((answer.status.as_u16(), answer.texts("#abandonment-reason-error").len()), (422, 1));
    let fields = [("version", version.as_str()), ("postponed_to", "2022-01-01"), ("reason", "Terrain")];
    let answer = director.post(&format!("{J3}/postponement"), &fields).await;
    assert_eq!((answer.status.as_u16(), answer.texts("#postponement-reason")), (422, vec!["Terrain".to_owned()]));
    assert_eq!(journal(&app, "J3").await.len(), 1);
    for nothing in ["J99", "J16.z"] {
        assert_eq!(director.post(&format!("{LIST}/{nothing}/closure"), &fields).await.status, 404);
    }
    assert_eq!(director.post(&format!("{LIST}/J16/closure"), &fields).await.status, 403);
    assert_eq!(director.post(&format!("{J3}/closure"), &[("version", "x")]).await.status, 422);
}

#[sqlx::test(migrations = false)]
async fn postponing_keeps_the_first_date(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::demo(options).await;
    let director = app.visitor(Role::Director).await;
    let version = version(&director.get(J3).await);
    let fields = [("version", version.as_str()), ("postponed_to", "2026-06-30"), ("reason", "Terrain indisponible")];
    assert_eq!(director.post(&format!("{J3}/postponement"), &fields).await.status, 303);
    let page = director.get(J3).await;
    assert_eq!(page.texts(".subtitle .pill"), ["Reporté"]);
    let facts = page.texts(".facts dd");
    assert!(facts.contains(&"30 juin 2026".to_owned()) && facts.contains(&"31 déc. 2022".to_owned()), "{facts:?}");
    // Past the new date it is late again.
    let later = app.later(chrono::TimeDelta::days(400));
    let page = later.visitor(Role::Director).await.get(J3).await;
    assert_eq!(page.texts(".subtitle .pill"), ["En retard"]);
}

#[sqlx::test(migrations = false)]
async fn a_contributor_says_what_was_given_and_reads_the_rest(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::demo(options).await;
    sqlx::query("UPDATE account_grant SET items = '{J16.a}' WHERE role = 'contributor'")
        .execute(app.pool())
        .await
        .unwrap();
    let contributor = app.visitor(Role::Contributor).await;
    let given = format!("{LIST}/J16.a");
    let page = contributor.get(&given).await;
    let fields = [("version", version(&page)), ("state", "en_cours".into()), ("comment", "Matrice à revoir".into())];
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, text)| (*name, text.as_str())).collect();
    assert_eq!(contributor.post(&format!("{given}/progress"), &fields).await.status, 303);
    let entries = journal(&app, "J16.a").await;
    assert!(entries.last().unwrap().1.contains("Matrice à revoir"));
    assert!(!entries.last().unwrap().1.contains("fictive"), "a person's word is no invented state");
    assert_eq!(contributor.get(&format!("{LIST}/J16.b")).await.texts("form.form").len(), 0);
    let refused = contributor.post(&format!("{LIST}/J16.b/progress"), &fields).await;
    assert_eq!(refused.status, 403);
    assert!(refused.body.contains("suivi par la direction"), "{}", refused.body);
    // Reopened and past its date: it waits for them, and for them alone among the late ones.
    assert_eq!(contributor.get("/").await.texts(".inbox h3")[1], "1 jalon échu");
}

#[sqlx::test(migrations = false)]
async fn the_second_of_two_people_sees_both(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::demo(options).await;
    let director = app.visitor(Role::Director).await;
    let version_seen = version(&director.get(J3).await);
    let theirs = [("version", version_seen.as_str()), ("state", "en_cours"), ("comment", "Premier site ouvert")];
    assert_eq!(director.post(&format!("{J3}/progress"), &theirs).await.status, 303);
    let mine = [("version", version_seen.as_str()), ("reason", "Sans suite")];
    let conflict = director.post(&format!("{J3}/abandonment"), &mine).await;
    assert_eq!(conflict.status, 409);
    assert_eq!(conflict.texts("#abandonment-reason"), ["Sans suite"]);
    let there = &conflict.texts("[role=alert]")[0];
    assert!(there.contains("En cours") && there.contains("Premier site ouvert"), "{there}");
    // Saved again knowingly, over what is there now.
    let now = version(&conflict);
    let again = [("version", now.as_str()), ("reason", "Sans suite")];
    assert_eq!(director.post(&format!("{J3}/abandonment"), &again).await.status, 303);
    assert_eq!(director.get(J3).await.texts(".subtitle .pill"), ["Abandonné"]);
}

#[sqlx::test(migrations = false)]
async fn jalons_are_counted_on_the_contract_and_at_home(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::demo(options).await;
    let director = app.visitor(Role::Director).await;
    let home = director.get("/").await;
    assert_eq!(home.texts(".inbox h3")[1], "7 jalons échus, dont 2 selon la lecture");
    assert!(home.texts(".inbox p").iter().any(|text| text.starts_with("J16.c, J3, J9, J2 et J15 ;")));
    assert!(home.texts(".inbox p").iter().any(|text| text.ends_with("Selon la lecture du contrat : J19 et J21.")));
    assert_eq!(home.texts("td[data-label=Jalons]")[1], "2 atteints, 1 en retard");
    let contract = director.get("/plans/uca-iut-2021-2026").await;
    assert!(contract.body.contains("22 mesures, 21 jalons"));
    let told = contract.texts("#n-O1 > summary .tree-level");
    assert_eq!(told[1], "3 jalons : 1 atteint, 2 en retard");
}

#[sqlx::test(migrations = false)]
async fn pages_keep_to_their_statements(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::demo(options).await;
    let app = app.with(Settings { timing: true, ..Settings::default() });
    // For the whole binary: each request counts its own statements, whatever runs beside.
    let _ = tracing::subscriber::set_global_default(tracing_subscriber::registry().with(StatementCounter));
    let director = app.visitor(Role::Director).await;
    for path in [LIST, J3, "/plans/uca-iut-2021-2026/jalons/J16", "/", "/plans/uca-iut-2021-2026"] {
        let answer = director.get(path).await;
        let timing = answer.header("server-timing");
        let count: u32 = timing.split("desc=\"").nth(1).and_then(|rest| rest.split(' ').next()?.parse().ok()).unwrap();
        let most = if path == "/" { 10 } else { STATEMENTS };
        assert!((1..=most).contains(&count), "{path}: {count}");
    }
}
