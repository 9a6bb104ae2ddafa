//! Réserves against the real contract: where they show, who sees them, how one is settled and reopened, what follows.

use cpom::accounts::model::Role;
use cpom::demo::SIGNED;
use cpom::document::{self, ImportError, store};
use cpom::journal::model::Act;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use crate::contract::counted;
use crate::support::{Answer, NOW, TestApp, Visitor};

const PLAN: &str = "/plans/uca-iut-2021-2026";
const LIST: &str = "/plans/uca-iut-2021-2026/reserves";
/// J19: 2024 in the text, Dec. 2026 in Annexe 1.b.
const R02: &str = "/plans/uca-iut-2021-2026/reserves/R02";
const STATEMENTS: u32 = 8;

/// The version a page's form carries.
fn version(page: &Answer) -> String {
    page.attributes("[name=version]", "value")[0].clone()
}

async fn settle(visitor: &Visitor, path: &str, reading: &str, reason: &str) -> Answer {
    let version = version(&visitor.get(path).await);
    let fields = [("version", version.as_str()), ("reading", reading), ("reason", reason)];
    visitor.post(&format!("{path}/settlement"), &fields).await
}

/// Reading retained, reason and version of each journal entry of a réserve, in order.
async fn journal(app: &TestApp, code: &str) -> Vec<(Option<String>, Option<String>, i32)> {
    sqlx::query_as(
        "SELECT after -> 'settlement' ->> 'reading', reason, version FROM journal_entry
         WHERE kind = 'reserve' AND code = $1 ORDER BY id",
    )
    .bind(code)
    .fetch_all(app.pool())
    .await
    .unwrap()
}

#[sqlx::test(migrations = false)]
async fn the_list_has_those_of_the_document_first_and_folds_the_rest(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::demo(options).await;
    let page = app.visitor(Role::Directoire).await.get(LIST).await;
    assert_eq!(page.status, 200);
    assert_eq!(page.texts("h2"), ["Réserves du document, à régler (70)"]);
    assert_eq!(page.texts(".subtitle"), ["70 du document, aucune réglée ; 19 d’une autre cause"]);
    assert_eq!(page.texts("section tbody tr").len(), 70);
    assert_eq!(page.texts("details:not([open]) tbody tr").len(), 19);
    let row = &page.texts("section tbody tr")[0];
    assert!(row.contains("R02") && row.contains("Jalon J19") && row.contains("Déc. 2026"), "{row}");
    assert!(page.attributes("section tbody a", "href").contains(&format!("{PLAN}/indicators/18")));
}

#[sqlx::test(migrations = false)]
async fn a_reserve_is_seen_by_those_who_see_what_it_touches(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::demo(options).await;
    // R02: a jalon; R77: a budget line; R62: a table of posts; R70: requests; R67: a request and posts.
    for (role, expected) in [
        (Role::Director, [200, 200, 200, 200, 200]),
        (Role::Pilotage, [200, 200, 200, 200, 200]),
        (Role::Directoire, [200, 200, 200, 200, 200]),
        (Role::Finance, [200, 200, 404, 200, 404]),
        (Role::Rh, [200, 404, 200, 200, 200]),
        (Role::Contributor, [200, 404, 404, 404, 404]),
        (Role::Reader, [404, 404, 404, 404, 404]),
    ] {
        let visitor = app.visitor(role).await;
        let listed = visitor.get(LIST).await;
        for (code, expected) in ["R02", "R77", "R62", "R70", "R67"].into_iter().zip(expected) {
            assert_eq!(visitor.get(&format!("{LIST}/{code}")).await.status, expected, "{role:?} {code}");
            let told = listed.texts("tbody tr td:first-child").contains(&code.to_owned());
            assert_eq!(told, expected == 200, "{role:?} {code}");
        }
    }
    // The journal tells a réserve whole to those who see all that one may touch, and to nobody else.
    for (role, told) in [(Role::Director, true), (Role::Finance, false), (Role::Contributor, false)] {
        let page = app.visitor(role).await.get(&format!("{PLAN}/journal?kind=reserve")).await;
        assert_eq!(page.body.contains("Réserve R02"), told, "{role:?}");
    }
    assert_eq!(app.visitor(Role::Pilotage).await.get(&format!("{LIST}/R99")).await.status, 404);
}

#[sqlx::test(migrations = false)]
async fn what_the_document_caused_shows_beside_its_figure(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::demo(options).await;
    let pilotage = app.visitor(Role::Pilotage).await;
    for (path, selector, code) in [
        ("/jalons/J19", ".reserves a", "R02"),
        ("/jalons", "a.reserve", "R02"),
        ("/indicators/18", ".reserves a", "R38"),
        ("/budget/B1", ".reserves a", "R77"),
        ("/budget", "a.reserve", "R77"),
        ("/posts", ".reserves a", "R62"),
        ("/posts/P47", ".reserves a", "R61"),
        ("/commitments", "#M5\\.1 a.reserve", "R70"),
        ("", "#n-O9 .reserves a", "R21"),
        ("", "a.reserve", "R38"),
    ] {
        let page = pilotage.get(&format!("{PLAN}{path}")).await;
        let found = page.attributes(selector, "href").iter().any(|href| *href == format!("{LIST}/{code}"));
        let several = page.attributes(selector, "title").iter().any(|labels| labels.contains(code));
        assert!(found || several, "{path} {selector} {code}");
    }
    // The conversion's are in the list alone.
    assert_eq!(pilotage.get(&format!("{PLAN}/jalons/J12")).await.texts(".reserves li").len(), 0);
    // What a person does not see leaves no mark: R67 touches a request, which finance reads, and posts, which it does not.
    for (role, marked) in [(Role::Rh, true), (Role::Finance, false)] {
        let page = app.visitor(role).await.get(&format!("{PLAN}/requests/M5.4")).await;
        assert_eq!(page.status, 200);
        assert_eq!(page.body.contains("R67"), marked, "{role:?}: {:?}", page.texts(".reserves li"));
    }
}

#[sqlx::test(migrations = false)]
async fn pilotage_settles_and_the_date_retained_governs(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::demo(options).await;
    let (pilotage, director) = (app.visitor(Role::Pilotage).await, app.visitor(Role::Director).await);
    let j19 = director.get(&format!("{PLAN}/jalons/J19")).await;
    assert_eq!(j19.texts(".subtitle .pill"), ["En retard selon la lecture"]);
    assert!(j19.texts(".subtitle")[0].contains("31 déc. 2024 ou 31 déc. 2026, selon la lecture"));
    let waiting = pilotage.get("/").await;
    assert!(waiting.texts(".inbox h3").contains(&"70 réserves de lecture à régler".to_owned()));
    let page = director.get(R02).await;
    assert_eq!((page.texts("form.form").len(), page.texts("td[data-label=Échéances]").len()), (0, 2));
    assert!(page.body.contains("Une réserve de lecture est réglée par le pilotage."));
    let page = pilotage.get(R02).await;
    assert_eq!(page.texts("h1"), ["R02 · J19 : le texte et l’annexe 1.b donnent deux échéances"]);
    assert!(page.attributes(".facts a", "href").contains(&format!("{PLAN}/jalons/J19")));

    let answer = settle(&pilotage, R02, "a", "Le texte voté fait foi").await;
    assert_eq!((answer.status.as_u16(), answer.location()), (303, R02), "{}", answer.body);
    let page = pilotage.get(R02).await;
    assert_eq!(page.texts("[role=status] p"), ["Réserve réglée. La direction en est informée sur son accueil."]);
    assert_eq!(page.texts(".subtitle .pill"), ["Réserve réglée"]);
    assert!(page.texts(".facts dd").contains(&"Le texte voté fait foi".to_owned()));
    assert!(page.texts(".history .change")[0].contains("Réglée : 2024"));
    let expected = (Some("a".to_owned()), Some("Le texte voté fait foi".to_owned()), 2);
    assert_eq!(journal(&app, "R02").await.last(), Some(&expected));

    let j19 = director.get(&format!("{PLAN}/jalons/J19")).await;
    assert_eq!(j19.texts(".subtitle .pill"), ["En retard"]);
    assert!(j19.texts(".facts dd").contains(&"31 déc. 2024".to_owned()));
    assert!(j19.texts(".reserves li")[0].contains("Réserve R02 (réglée)"));
    assert_eq!(director.get(LIST).await.texts("h2")[1], "Réserves du document, réglées (1)");
    let told = &director.get(&format!("{PLAN}/journal")).await.texts("tbody > tr")[0];
    assert!(told.contains("Réserve R02") && told.contains("Le texte voté fait foi"), "{told}");

    // The director is told for sixty days; nobody else is.
    let heading = "1 Réserve réglée : J19 : le texte et l’annexe 1.b donnent deux échéances".to_owned();
    let home = director.get("/").await;
    assert!(home.texts(".inbox h3").contains(&heading), "{:?}", home.texts(".inbox h3"));
    assert!(home.texts(".inbox .quote").contains(&"Le texte voté fait foi".to_owned()));
    assert!(!app.visitor(Role::Contributor).await.get("/").await.texts(".inbox h3").contains(&heading));
    assert!(pilotage.get("/").await.texts(".inbox h3").contains(&"69 réserves de lecture à régler".to_owned()));
    for (days, told) in [(60, true), (61, false)] {
        let later = app.later(chrono::TimeDelta::days(days));
        let home = later.visitor(Role::Director).await.get("/").await;
        assert_eq!(home.texts(".inbox h3").contains(&heading), told, "{days} days");
    }
}

#[sqlx::test(migrations = false)]
async fn the_other_reading_makes_the_jalon_on_time(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::demo(options).await;
    let pilotage = app.visitor(Role::Pilotage).await;
    assert_eq!(settle(&pilotage, R02, "b", "L’annexe 1.b fait foi").await.status, 303);
    let list = pilotage.get(&format!("{PLAN}/jalons")).await;
    assert!(
        list.texts(".subtitle")[0].contains("6 en retard dont 1 selon la lecture"),
        "{:?}",
        list.texts(".subtitle")
    );
    let j19 = pilotage.get(&format!("{PLAN}/jalons/J19")).await;
    assert_eq!(j19.texts(".subtitle .pill"), ["À venir"]);
}

#[sqlx::test(migrations = false)]
async fn a_jalon_may_be_put_off_from_the_date_retained(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::demo(options).await;
    let (pilotage, director) = (app.visitor(Role::Pilotage).await, app.visitor(Role::Director).await);
    assert_eq!(settle(&pilotage, R02, "a", "Le texte voté fait foi").await.status, 303);
    let path = format!("{PLAN}/jalons/J19");
    let version = version(&director.get(&path).await);
    let fields = [("version", version.as_str()), ("postponed_to", "2026-06-30"), ("reason", "Modules à écrire")];
    assert_eq!(director.post(&format!("{path}/postponement"), &fields).await.status, 303);
    let page = director.get(&path).await;
    assert_eq!(page.texts(".subtitle .pill"), ["Reporté"]);
    // Whatever is decided of the réserve since, the document stays one that imports.
    let fields = [("version", "2"), ("reason", "Nouvelle pièce")];
    assert_eq!(pilotage.post(&format!("{R02}/reopening"), &fields).await.status, 303);
    let mut conn = app.app.conn().await.unwrap();
    let (_, document) = store::load(&mut conn, "uca-iut-2021-2026").await.unwrap().unwrap();
    assert_eq!(document::model::Document::parse(&document.to_bytes()).map(|_| ()), Ok(()));
}

#[sqlx::test(migrations = false)]
async fn what_is_refused_is_kept_beside_its_sentence(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::demo(options).await;
    let pilotage = app.visitor(Role::Pilotage).await;
    let answer = settle(&pilotage, R02, "b", " ").await;
    assert_eq!(answer.status, 422);
    assert_eq!(answer.attributes("[name=reading][checked]", "value"), ["b"]);
    assert_eq!(answer.texts("#reason-error"), ["Indiquez pourquoi cette lecture est retenue."]);
    assert_eq!(answer.attributes("[role=alert] a", "href"), ["#reason"]);
    let answer = settle(&pilotage, R02, "z", "Le texte voté fait foi").await;
    assert_eq!(answer.status, 422);
    assert_eq!(answer.texts("#reason"), ["Le texte voté fait foi"]);
    assert_eq!(answer.texts("#reading-error"), ["Choisissez la lecture à retenir."]);
    let long = "x".repeat(2_001);
    assert_eq!(settle(&pilotage, R02, "b", &long).await.texts("#reason-error"), ["Le texte dépasse 2000 caractères."]);
    assert_eq!(settle(&pilotage, R02, "b", "a\0b").await.status, 422);
    assert_eq!(journal(&app, "R02").await.len(), 1);
    // Reopening what is open, settling without a version, a version that is no number, nothing of the kind.
    assert_eq!(pilotage.post(&format!("{R02}/reopening"), &[("version", "1"), ("reason", "Non")]).await.status, 422);
    assert_eq!(pilotage.post(&format!("{R02}/settlement"), &[("reading", "b"), ("reason", "Oui")]).await.status, 409);
    assert_eq!(pilotage.post(&format!("{R02}/settlement"), &[("version", "x")]).await.status, 422);
    assert_eq!(pilotage.post(&format!("{LIST}/R99/settlement"), &[]).await.status, 404);
    assert_eq!(journal(&app, "R02").await.len(), 1);
}

#[sqlx::test(migrations = false)]
async fn the_second_of_two_people_sees_both(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::demo(options).await;
    let pilotage = app.visitor(Role::Pilotage).await;
    assert_eq!(settle(&pilotage, R02, "a", "Le texte voté fait foi").await.status, 303);
    let mine = [("version", "1"), ("reading", "b"), ("reason", "L’annexe est plus récente")];
    let conflict = pilotage.post(&format!("{R02}/settlement"), &mine).await;
    assert_eq!(conflict.status, 409);
    let there = &conflict.texts("[role=alert]")[0];
    for text in ["Réglée : 2024", "Le texte voté fait foi", "Déc. 2026", "L’annexe est plus récente"] {
        assert!(there.contains(text), "{text}: {there}");
    }
    // What was settled is reopened first, knowingly; then the other reading is retained.
    let over = [("version", "2"), ("reading", "b"), ("reason", "L’annexe est plus récente")];
    let refused = pilotage.post(&format!("{R02}/settlement"), &over).await;
    assert_eq!(refused.status, 422);
    assert!(refused.texts("[role=alert]")[0].contains("rouvrez-la d’abord"));
    let empty = pilotage.post(&format!("{R02}/reopening"), &[("version", "2"), ("reason", "")]).await;
    assert_eq!((empty.status.as_u16(), empty.texts("#reason-error").len()), (422, 1));
    let reopening = [("version", "2"), ("reason", "Nouvelle pièce")];
    assert_eq!(pilotage.post(&format!("{R02}/reopening"), &reopening).await.status, 303);
    let page = pilotage.get(R02).await;
    assert_eq!(page.texts(".subtitle .pill"), ["Réserve ouverte"]);
    assert!(page.texts("tbody tr")[1].contains("en usage"));
    assert_eq!(settle(&pilotage, R02, "b", "L’annexe est plus récente").await.status, 303);
    let kept: Vec<(Option<String>, i32)> =
        journal(&app, "R02").await.into_iter().map(|(reading, _, version)| (reading, version)).collect();
    assert_eq!(kept, [(None, 1), (Some("a".into()), 2), (None, 3), (Some("b".into()), 4)]);
}

#[sqlx::test(migrations = false)]
async fn many_settlements_are_told_together(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::demo(options).await;
    let (pilotage, director) = (app.visitor(Role::Pilotage).await, app.visitor(Role::Director).await);
    for code in ["R22", "R23", "R24", "R25"] {
        assert_eq!(settle(&pilotage, &format!("{LIST}/{code}"), "a", "Titre de la fiche").await.status, 303);
    }
    let home = director.get("/").await;
    assert!(home.texts(".inbox h3").contains(&"4 réserves de lecture réglées".to_owned()));
    assert!(home.texts(".inbox p").iter().any(|text| text.starts_with("R22, R23, R24 et R25")));
}

#[sqlx::test(migrations = false)]
async fn pilotage_finds_what_waits_in_every_contract(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::demo(options).await;
    for statement in [
        "INSERT INTO plan (code, kind, title, structure_id, first_year, last_year, levels)
         SELECT 'double', kind, title, structure_id, first_year - 5, last_year - 5, levels FROM plan",
        "INSERT INTO reserve (plan_id, position, code, origin, label, touches, lines, readings, in_use)
         SELECT plan.id, position, reserve.code, origin, label, touches, lines, readings, in_use
         FROM reserve, plan WHERE plan.code = 'double' AND reserve.code IN ('R01', 'R02', 'R03')",
    ] {
        sqlx::query(statement).execute(app.pool()).await.unwrap();
    }
    let home = app.visitor(Role::Pilotage).await.get("/").await;
    assert_eq!(home.texts(".inbox h3"), ["72 réserves de lecture à régler", "12 contrôles en écart"]);
    assert_eq!(home.attributes(".inbox a", "href")[0], LIST);
    assert!(home.texts(".inbox p")[0].ends_with("(70), Institut universitaire de technologie (2)."));
}

fn sentences(refused: ImportError) -> Vec<String> {
    match refused {
        ImportError::Problems(problems) => problems.iter().map(ToString::to_string).collect(),
        ImportError::Sql(error) => panic!("{error}"),
    }
}

#[sqlx::test(migrations = false)]
async fn a_settlement_travels_with_the_document(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::demo(options).await;
    let pilotage = app.visitor(Role::Pilotage).await;
    assert_eq!(settle(&pilotage, R02, "a", "Le texte voté fait foi").await.status, 303);
    let mut conn = app.app.conn().await.unwrap();
    let act = Act::command("test", NOW.parse().unwrap());
    let (plan_id, document) = store::load(&mut conn, "uca-iut-2021-2026").await.unwrap().unwrap();
    let bytes = document.to_bytes();
    // The journal alone gives it back.
    let replayed = store::as_of(&mut conn, plan_id, NOW.parse().unwrap()).await.unwrap().unwrap();
    assert!(replayed.to_bytes() == bytes);
    // So does another database, through the signed document, which takes the settlement away and brings it back.
    let mut unsettled: serde_json::Value = serde_json::from_slice(SIGNED).unwrap();
    // What pilotage confirmed since stays: a signed contract changes by avenant alone.
    unsettled["measures"] = serde_json::from_slice::<serde_json::Value>(&bytes).unwrap()["measures"].clone();
    document::import(&mut conn, &act, unsettled.to_string().as_bytes(), true).await.unwrap();
    assert_eq!(pilotage.get(R02).await.texts(".subtitle .pill"), ["Réserve ouverte"]);
    document::import(&mut conn, &act, &bytes, true).await.unwrap();
    let (_, again) = store::load(&mut conn, "uca-iut-2021-2026").await.unwrap().unwrap();
    assert!(again.to_bytes() == bytes);
    // A document without réserves takes them all away.
    unsettled.as_object_mut().unwrap().remove("reserves");
    document::import(&mut conn, &act, unsettled.to_string().as_bytes(), true).await.unwrap();
    assert_eq!(pilotage.get(LIST).await.texts(".empty strong"), ["Aucune réserve."]);
}

#[sqlx::test(migrations = false)]
async fn reserves_that_do_not_hold_together_are_told_with_their_place(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::empty(options).await;
    let mut conn = app.app.conn().await.unwrap();
    let act = Act::command("test", NOW.parse().unwrap());
    let mut file: serde_json::Value = serde_json::from_slice(SIGNED).unwrap();
    file["reserves"][0]["touches"][0]["code"] = "J99".into();
    file["reserves"][1]["in_use"] = "z".into();
    file["reserves"][2]["readings"][0]["dates"][0]["due_on"] = "2023-12-30".into();
    file["reserves"][3]["code"] = "R03".into();
    file["reserves"][4]["settlement"] = serde_json::json!(
        {"reading": "z", "reason": "Non", "settled_on": "2025-01-01", "settled_by": "SAPCG"});
    let told = sentences(document::import(&mut conn, &act, file.to_string().as_bytes(), false).await.unwrap_err());
    for place in [
        "reserves[0] (R01).touches : jalon : « J99 »",
        "reserves[1] (R02).in_use",
        "reserves[2] (R03).readings",
        "reserves[3] : le code « R03 »",
        "reserves[4] (R05).settlement",
    ] {
        assert!(told.iter().any(|line| line.starts_with(place)), "{place}: {told:?}");
    }
}

#[sqlx::test(migrations = false)]
async fn pages_keep_to_their_statements_however_many_reserves(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::demo(options).await;
    let paths = [
        "/",
        PLAN,
        LIST,
        R02,
        "/plans/uca-iut-2021-2026/jalons",
        "/plans/uca-iut-2021-2026/jalons/J19",
        "/plans/uca-iut-2021-2026/indicators/18",
        "/plans/uca-iut-2021-2026/budget",
        "/plans/uca-iut-2021-2026/budget/B1",
        "/plans/uca-iut-2021-2026/posts",
        "/plans/uca-iut-2021-2026/posts/P52",
        "/plans/uca-iut-2021-2026/commitments",
    ];
    for role in [Role::Director, Role::Pilotage] {
        let mut before = Vec::new();
        for path in paths {
            let (_, count) = counted(&app, role, path).await;
            // Accueil says all that waits, decisions and controls too.
            let most = if path == "/" { 10 } else { STATEMENTS };
            assert!(count <= most, "{role:?} {path}: {count}");
            before.push(count);
        }
        sqlx::query(
            "INSERT INTO reserve (plan_id, position, code, origin, label, touches, lines, readings, in_use)
             SELECT plan_id, position + 1000, code || $1, origin, label, touches, lines, readings, in_use FROM reserve",
        )
        .bind(role.word())
        .execute(app.pool())
        .await
        .unwrap();
        for (path, before) in paths.into_iter().zip(before) {
            let count = counted(&app, role, path).await.1;
            assert!(count <= before, "{role:?} {path}: {count} instead of {before}");
        }
    }
}
