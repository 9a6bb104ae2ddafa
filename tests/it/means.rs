//! What is asked, decided and said of it: requests, headings, posts and budget lines against the real contract.

use cpom::accounts::model::Role;
use cpom::web::Settings;
use cpom::web::request::StatementCounter;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use tracing_subscriber::layer::SubscriberExt;

use crate::support::{Answer, TestApp, Visitor};

const PLAN: &str = "/plans/uca-iut-2021-2026";

pub fn at(place: &str) -> String {
    format!("{PLAN}/{place}")
}

fn hidden(page: &Answer, name: &str) -> String {
    page.attributes(&format!("#decider input[name='{name}']"), "value").remove(0)
}

/// Decides on a thing at the rank its page shows.
pub async fn decide(visitor: &Visitor, place: &str, fields: &[(&str, &str)]) -> Answer {
    let rank = hidden(&visitor.get(&at(place)).await, "rank");
    let mut form = vec![("rank", rank.as_str()), ("decided_by", "Directoire"), ("session_on", "2025-09-10")];
    form.extend(fields);
    visitor.post(&at(&format!("{place}/arbitrages")), &form).await
}

/// The journal of a kind, as written from pages.
pub async fn journal(app: &TestApp, kind: &str) -> Vec<(String, String)> {
    sqlx::query_as("SELECT code, actor FROM journal_entry WHERE kind = $1 AND source = 'page' ORDER BY id")
        .bind(kind)
        .fetch_all(app.pool())
        .await
        .unwrap()
}

/// What leaves holds together, and importing it changes nothing.
pub async fn the_document_holds(app: &TestApp) -> String {
    let mut conn = app.app.conn().await.unwrap();
    let (_, document) = cpom::document::store::load(&mut conn, "uca-iut-2021-2026").await.unwrap().unwrap();
    let bytes = document.to_bytes();
    let act = cpom::journal::model::Act::command("test", app.app.clock.now());
    let again = cpom::document::import(&mut conn, &act, &bytes, true).await.unwrap();
    assert_eq!(again.changes, 0);
    String::from_utf8(bytes).unwrap()
}

#[sqlx::test(migrations = false)]
async fn a_request_to_rework_becomes_favourable_under_a_condition_and_its_director_is_told(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let app = TestApp::demo(options).await;
    let (directoire, director) = (app.visitor(Role::Directoire).await, app.visitor(Role::Director).await);
    // It waits for the director, among what they have to do.
    let home = director.get("/").await;
    assert!(home.texts("#afaire + .inbox h3").contains(&"1 moyen à retravailler".to_owned()));
    assert!(home.attributes("#afaire + .inbox a", "href").contains(&at("requests/M5.2")));
    let rework = "[aria-labelledby=a-retravailler] tbody a";
    assert_eq!(director.get("/decisions").await.attributes(rework, "href"), [at("requests/M5.2")]);
    assert!(directoire.get("/decisions").await.attributes(rework, "href").is_empty());
    let page = directoire.get(&at("requests/M5.2")).await;
    assert_eq!(page.texts(".subtitle .pill"), ["À retravailler"]);
    assert_eq!(page.texts("[aria-labelledby=arbitrages] tbody tr").len(), 1);
    // What is rarely needed folds, until it holds something or is refused.
    let open = |page: &Answer| page.texts("#decider details[open] summary").len();
    assert_eq!((page.texts("#decider details").len(), open(&page)), (2, 0));
    let dated = directoire.post(&at("requests/M5.2/arbitrages"), &[("wording", "oui, pour 2 ETP")]).await;
    assert_eq!((dated.status.as_u16(), open(&dated)), (422, 1));
    // Without its condition it is refused, and what was typed is kept.
    let conditional = ("state", "favorable_sous_condition");
    let refused = decide(&directoire, "requests/M5.2", &[conditional, ("wording", "oui, pour 2 ETP")]).await;
    assert_eq!(refused.status, 422);
    assert!(refused.texts("#decision-condition-error")[0].contains("Choisissez la condition"));
    assert_eq!(refused.texts("#decision-wording"), ["oui, pour 2 ETP"]);
    assert_eq!(refused.attributes("#decision-session_on", "value"), ["2025-09-10"]);
    assert_eq!(open(&refused), 2);
    let taken = decide(
        &directoire,
        "requests/M5.2",
        &[conditional, ("condition_text", "si les effectifs se maintiennent"), ("condition_scope", "decision")],
    )
    .await;
    assert_eq!((taken.status.as_u16(), taken.location()), (303, at("requests/M5.2").as_str()));
    let page = director.get(&at("requests/M5.2")).await;
    assert_eq!(page.texts(".subtitle .pill"), ["Favorable sous condition"]);
    let ledger = page.texts("[aria-labelledby=arbitrages] tbody tr");
    assert!(ledger[0].contains("À retravailler") && ledger[0].contains("Document signé"), "{ledger:?}");
    assert!(ledger[1].contains("en vigueur") && ledger[1].contains("10 sept. 2025"), "{ledger:?}");
    assert!(ledger[1].contains("Condition (en attente) : si les effectifs se maintiennent"), "{ledger:?}");
    assert!(page.texts("#decider").is_empty(), "the director reads, and does not decide");
    // The inbox of the director, and one link to the request.
    let home = director.get("/").await;
    assert_eq!(home.texts("#moyens + .inbox h3"), ["1 décision récente"]);
    let told = home.texts("#moyens + .inbox p");
    assert_eq!(told, ["Demande M5.2 : favorable sous condition, séance du 10 sept. 2025."]);
    assert_eq!(home.attributes("#moyens + .inbox a", "href"), [at("requests/M5.2")]);
    // Engagements follow, and two months later it is no news.
    assert_eq!(director.get(&at("commitments")).await.texts("[id='M5.2'] .pill"), ["Favorable sous condition"]);
    let later = app.later(chrono::TimeDelta::days(61));
    let later = later.visitor(Role::Director).await;
    assert!(later.get("/").await.texts("#moyens + .inbox h3").is_empty());
    let actor = "Directoire".to_owned();
    assert_eq!(journal(&app, "condition").await.len(), 1);
    assert_eq!(journal(&app, "arbitrage").await, [("demande/M5.2/1".to_owned(), actor)]);
    the_document_holds(&app).await;
}

#[sqlx::test(migrations = false)]
async fn what_is_to_be_decided_is_in_the_inbox_of_those_who_may(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::demo(options).await;
    for (role, heading) in [
        (Role::Directoire, "2 moyens à décider"),
        (Role::Finance, "2 moyens à décider"),
        (Role::Rh, "0 moyen à décider"),
    ] {
        let home = app.visitor(role).await.get("/").await;
        assert_eq!(home.texts("#moyens + .inbox h3")[0], heading, "{role:?}");
    }
    let directoire = app.visitor(Role::Directoire).await;
    let page = directoire.get("/decisions").await;
    let links = page.attributes("[aria-labelledby=a-decider] tbody a", "href");
    assert_eq!(links, [at("requests/M4.4"), at("requests/O4.1")]);
    assert_eq!(page.texts("[aria-labelledby=conditions] tbody tr").len(), 2);
    assert_eq!(decide(&directoire, "requests/M4.4", &[("state", "defavorable")]).await.status, 303);
    let home = app.visitor(Role::Finance).await.get("/").await;
    assert_eq!(home.texts("#moyens + .inbox p")[0], "1 demande (O4.1).");
    assert_eq!(home.attributes("#moyens + .inbox a", "href")[0], at("requests/O4.1"));
}

#[sqlx::test(migrations = false)]
async fn a_decision_on_a_heading_is_inherited_until_a_request_has_its_own(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::demo(options).await;
    let directoire = app.visitor(Role::Directoire).await;
    let page = directoire.get(&at("requests/M2.1")).await;
    assert!(page.texts("[aria-labelledby=arbitrages] .empty")[0].contains("décision du volet V2"));
    let undecided = decide(&directoire, "headings/V2", &[("state", "favorable")]).await;
    assert_eq!(undecided.status, 422, "a settled decision is reviewed for a reason");
    let reviewed =
        decide(&directoire, "headings/V2", &[("state", "favorable"), ("reason", "Le modèle économique est là")]).await;
    assert_eq!(reviewed.status, 303, "{}", reviewed.body);
    let page = directoire.get(&at("commitments")).await;
    for request in ["M2.1", "M2.2"] {
        let row = &page.texts(&format!("[id='{request}']"))[0];
        assert!(row.contains("Favorable") && row.contains("hérité"), "{row}");
    }
    assert_eq!(decide(&directoire, "requests/M2.2", &[("state", "defavorable")]).await.status, 303);
    let page = directoire.get(&at("headings/V2")).await;
    assert_eq!(page.texts("h1"), ["Volet V2 · Développement territorial durable et dynamique social"]);
    assert_eq!(page.texts("[aria-labelledby=asked] li .pill"), ["Favorable", "Défavorable"]);
    assert_eq!(page.texts("[aria-labelledby=asked] li .tag").len(), 1);
}

#[sqlx::test(migrations = false)]
async fn human_resources_record_a_decision_on_a_post_and_two_do_not_overwrite_each_other(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let app = TestApp::demo(options).await;
    let (rh, directoire) = (app.visitor(Role::Rh).await, app.visitor(Role::Directoire).await);
    let undated = rh.post(&at("posts/P01/arbitrages"), &[("rank", "1"), ("state", "favorable")]).await;
    assert_eq!(undated.status, 422);
    assert!(undated.texts("#decision-session_on-error")[0].contains("obligatoire"));
    let partly = [("state", "favorable_en_partie"), ("set_aside", "le service partagé")];
    assert_eq!(decide(&rh, "posts/P01", &partly).await.status, 303);
    // The directoire had the page under its eyes before.
    let form = [
        ("rank", "1"),
        ("decided_by", "Directoire"),
        ("session_on", "2025-09-11"),
        ("state", "a_retravailler"),
        ("reason", "Profil à revoir"),
    ];
    let late = directoire.post(&at("posts/P01/arbitrages"), &form).await;
    assert_eq!(late.status, 409);
    let sides = late.texts("#decider .side-value");
    assert_eq!(sides, ["À retravailler, séance du 11 sept. 2025", "Favorable en partie, séance du 10 sept. 2025"]);
    assert_eq!(late.texts("#decision-reason"), ["Profil à revoir"]);
    assert_eq!(hidden(&late, "rank"), "2");
    let mut again = form;
    again[0] = ("rank", "2");
    assert_eq!(directoire.post(&at("posts/P01/arbitrages"), &again).await.status, 303);
    let ledger = directoire.get(&at("posts/P01")).await.texts("[aria-labelledby=arbitrages] tbody tr");
    assert_eq!(ledger.len(), 2);
    assert!(ledger[0].contains("Part écartée : le service partagé"), "nothing is overwritten: {ledger:?}");
    assert_eq!(journal(&app, "arbitrage").await.len(), 2);
    // Finance sees no decision on a post, neither there nor in the journal.
    let finance = app.visitor(Role::Finance).await;
    assert_eq!(finance.get(&at("posts/P01")).await.status, 404);
    assert!(!finance.get("/decisions").await.body.contains("P01"));
    the_document_holds(&app).await;
}

#[sqlx::test(migrations = false)]
async fn those_who_may_not_decide_read_why(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::demo(options).await;
    for (role, place, said) in [
        (Role::Director, "requests/M5.2", "en nommant la date de la séance"),
        (Role::Rh, "requests/M5.2", "direction des finances"),
        (Role::Pilotage, "posts/P01", "ressources humaines"),
    ] {
        let visitor = app.visitor(role).await;
        assert!(visitor.get(&at(place)).await.body.contains(said), "{role:?}");
        let forbidden = visitor.post(&at(&format!("{place}/arbitrages")), &[("state", "favorable")]).await;
        assert_eq!(forbidden.status, 403, "{role:?}");
        assert!(forbidden.body.contains(said), "{role:?}");
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
async fn pages_of_means_keep_to_their_statements(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::demo(options).await;
    let app = app.with(Settings { timing: true, ..Settings::default() });
    // For the whole binary: each request counts its own statements, whatever runs beside.
    let _ = tracing::subscriber::set_global_default(tracing_subscriber::registry().with(StatementCounter));
    let pages = [
        (Role::Directoire, at("requests/M5.2")),
        (Role::Directoire, at("headings/V2")),
        (Role::Directoire, at("posts/P01")),
        (Role::Directoire, at("budget/B1")),
        (Role::Directoire, at("commitments")),
        (Role::Directoire, "/decisions".into()),
        (Role::Directoire, "/".into()),
        (Role::Director, "/".into()),
        (Role::Finance, "/".into()),
    ];
    let mut before = Vec::new();
    for (role, path) in &pages {
        before.push(statements(&app, *role, path).await);
    }
    assert!(before.iter().all(|count| (1..=10).contains(count)), "{before:?}");
    sqlx::query(
        "INSERT INTO request (plan_id, code, position, heading_id, label)
         SELECT plan_id, code || '-bis', position + 100, heading_id, label FROM request",
    )
    .execute(app.pool())
    .await
    .unwrap();
    for ((role, path), before) in pages.iter().zip(before) {
        let count = statements(&app, *role, path).await;
        assert!(count <= before, "{path}: {count} instead of {before}");
    }
}
