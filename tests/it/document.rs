//! Import, export and replay of the real contract.

use cpom::demo::{INVENTED, SIGNED};
use cpom::document::{self, ImportError, store};
use cpom::journal::model::Act;
use sqlx::PgConnection;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use crate::support::{NOW, TestApp};

const CODE: &str = "uca-iut-2021-2026";

fn act() -> Act {
    Act::command("test", NOW.parse().unwrap())
}

async fn exported(conn: &mut PgConnection) -> Vec<u8> {
    store::load(conn, CODE).await.unwrap().unwrap().1.to_bytes()
}

fn sentences(refused: ImportError) -> Vec<String> {
    match refused {
        ImportError::Problems(problems) => problems.iter().map(ToString::to_string).collect(),
        ImportError::Sql(error) => panic!("{error}"),
    }
}

#[sqlx::test(migrations = false)]
async fn an_export_is_byte_identical_through_a_fresh_database(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::empty(options).await;
    let mut conn = app.app.conn().await.unwrap();
    document::import(&mut conn, &act(), SIGNED, false).await.unwrap();
    assert!(exported(&mut conn).await == SIGNED);
    document::import(&mut conn, &act(), INVENTED, true).await.unwrap();
    assert!(exported(&mut conn).await == INVENTED);
    // What was confirmed meanwhile is settled: the paper does not take it back.
    let told = sentences(document::import(&mut conn, &act(), SIGNED, true).await.unwrap_err());
    assert!(told.iter().all(|it| it.starts_with("mesure ") && it.contains("que par avenant")), "{told:?}");
    assert!(exported(&mut conn).await == INVENTED);
}

#[sqlx::test(migrations = false)]
async fn invented_contracts_say_so_and_come_out_as_they_went_in(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::empty(options).await;
    let mut conn = app.app.conn().await.unwrap();
    document::import(&mut conn, &act(), SIGNED, false).await.unwrap();
    for bytes in cpom::demo::OTHERS {
        let code = document::import(&mut conn, &act(), bytes, false).await.unwrap().code;
        let (_, whole) = store::load(&mut conn, &code).await.unwrap().unwrap();
        assert!(whole.to_bytes() == bytes, "{code}");
        assert!(whole.structure.label.contains("(fictif)") || whole.structure.label.contains("(fictive)"), "{code}");
        assert!(whole.plan.notice.is_some_and(|notice| notice.contains("donnée fictive")), "{code}");
        let said = [
            whole.cells.iter().map(|it| &it.provenance).collect::<Vec<_>>(),
            whole.jalons.iter().filter(|it| it.is_leaf()).map(|it| &it.provenance).collect(),
            whole.posts.iter().map(|it| &it.provenance).collect(),
            whole.actions.iter().map(|it| &it.provenance).collect(),
            whole.budget.iter().map(|it| &it.provenance).collect(),
        ];
        assert!(said.iter().flatten().all(|it| it.as_deref() == Some("donnée fictive")), "{code}");
    }
}

/// The first version released, as it was.
const FIRST: &[u8] = include_bytes!("../documents/cpom-1.json");

#[sqlx::test(migrations = false)]
async fn the_first_schema_still_imports_and_is_written_as_the_latest(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::empty(options).await;
    let mut conn = app.app.conn().await.unwrap();
    document::import(&mut conn, &act(), FIRST, false).await.unwrap();
    let latest = String::from_utf8(FIRST.to_vec()).unwrap().replacen("cpom-1", "cpom-2", 1);
    assert!(exported(&mut conn).await == latest.as_bytes());
    let again = document::import(&mut conn, &act(), FIRST, true).await.unwrap();
    assert_eq!(again.changes, 0);
    // The budget comes with a later file. Jalons come too, which a signed contract keeps.
    document::import(&mut conn, &act(), SIGNED, true).await.unwrap();
    assert!(exported(&mut conn).await == SIGNED);
    let told = sentences(document::import(&mut conn, &act(), FIRST, true).await.unwrap_err());
    assert!(told.iter().all(|it| it.starts_with("jalon ") && it.contains("que par avenant")), "{told:?}");
}

#[sqlx::test(migrations = false)]
async fn a_budget_that_does_not_hold_together_is_refused_with_its_places(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::empty(options).await;
    let mut conn = app.app.conn().await.unwrap();
    let broken = String::from_utf8(SIGNED.to_vec())
        .unwrap()
        .replacen("\"site\": \"montlucon\"", "\"site\": \"lune\"", 1)
        .replacen(
            "\"year\": 2023,\n          \"amount\": \"29250\"",
            "\"year\": 2033,\n          \"amount\": \"-1\"",
            1,
        )
        .replacen("\"code\": \"B4\",\n      \"rank\": 0", "\"code\": \"B44\",\n      \"rank\": 0", 1)
        .replacen("\"granted_printed_keur\": \"157\"", "\"granted\": \"157000\"", 1);
    let told = sentences(document::import(&mut conn, &act(), broken.as_bytes(), false).await.unwrap_err());
    for (place, words) in [
        ("budget[4] (B5).site", "lune"),
        ("budget[2] (B3).years", "en dehors du contrat"),
        ("budget[2] (B3).cost", "négatif"),
        ("arbitrages[25] (ligne_budgetaire/B44/0).code", "B44"),
        ("arbitrages[27] (ligne_budgetaire/B6/0).session_on", "décision datée"),
    ] {
        assert!(told.iter().any(|line| line.starts_with(place) && line.contains(words)), "{place}: {told:?}");
    }
}

#[sqlx::test(migrations = false)]
async fn incoherent_jalons_are_told_with_their_place(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::empty(options).await;
    let mut conn = app.app.conn().await.unwrap();
    let broken = String::from_utf8(SIGNED.to_vec())
        .unwrap()
        .replacen("\"code\": \"J2\",\n      \"node\": \"O1\"", "\"code\": \"J1\",\n      \"node\": \"O99\"", 1)
        .replacen("\"parent\": \"J16\"", "\"parent\": \"J17\"", 1)
        .replacen("\"due_on\": \"2022-12-31\"", "\"due_on\": \"2022-12-30\"", 1);
    let told = sentences(document::import(&mut conn, &act(), broken.as_bytes(), false).await.unwrap_err());
    for expected in ["jalons[1] : le code « J1 »", "jalons[1] (J1).node", "jalons[2] (J3).due_on", "(J16.a).parent"] {
        assert!(told.iter().any(|line| line.contains(expected)), "{expected}: {told:?}");
    }
}

#[sqlx::test(migrations = false)]
async fn the_signed_contract_has_its_counts(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::empty(options).await;
    let mut conn = app.app.conn().await.unwrap();
    document::import(&mut conn, &act(), SIGNED, false).await.unwrap();
    let (_, plan) = store::load(&mut conn, CODE).await.unwrap().unwrap();
    assert_eq!(plan.framework.len(), 47);
    assert_eq!(plan.nodes.iter().filter(|node| node.level == 3).count(), 9);
    assert_eq!(plan.indicators.len(), 19);
    assert_eq!(plan.indicators.iter().filter(|indicator| indicator.is_group).count(), 2);
    assert_eq!(plan.measures.len(), 22);
    assert_eq!((plan.jalons.len(), plan.jalons.iter().filter(|jalon| jalon.is_leaf()).count()), (26, 24));
    let vote = plan.steps.iter().find_map(|step| step.vote.clone()).unwrap();
    let counts: Vec<i32> = vote.counts().into_iter().map(|(_, count)| count).collect();
    assert_eq!(counts, [41, 28, 23, 1, 4]);
    let printed: usize = plan
        .indicators
        .iter()
        .map(|indicator| {
            let measures = plan.measures.iter().filter(|measure| measure.indicator == indicator.code).count();
            measures * indicator.columns_printed.len()
        })
        .sum();
    assert_eq!((printed, printed - plan.cells.len()), (110, 106));
}

#[sqlx::test(migrations = false)]
async fn a_known_code_is_refused_and_nothing_is_written(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::empty(options).await;
    let mut conn = app.app.conn().await.unwrap();
    document::import(&mut conn, &act(), SIGNED, false).await.unwrap();
    let refused = document::import(&mut conn, &act(), INVENTED, false).await.unwrap_err();
    assert!(sentences(refused)[0].contains("existe déjà"));
    assert!(exported(&mut conn).await == SIGNED);
}

#[sqlx::test(migrations = false)]
async fn a_replacement_writes_only_differences_each_with_its_entry(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::empty(options).await;
    let mut conn = app.app.conn().await.unwrap();
    document::import(&mut conn, &act(), SIGNED, false).await.unwrap();
    let again = document::import(&mut conn, &act(), SIGNED, true).await.unwrap();
    assert_eq!(again.changes, 0);
    let changed = String::from_utf8(SIGNED.to_vec()).unwrap().replace("\"printed\": \"40 %\"", "\"printed\": \"40%\"");
    let once = document::import(&mut conn, &act(), changed.as_bytes(), true).await.unwrap();
    assert_eq!(once.changes, 1);
    let (kind, code, import): (String, String, Option<i64>) =
        sqlx::query_as("SELECT kind, code, import_id FROM journal_entry ORDER BY id DESC LIMIT 1")
            .fetch_one(&mut *conn)
            .await
            .unwrap();
    assert_eq!((kind.as_str(), code.as_str()), ("cible", "13.b/0"));
    assert!(import.is_some());
}

#[sqlx::test(migrations = false)]
async fn every_problem_is_told_at_once_with_its_place(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::empty(options).await;
    let mut conn = app.app.conn().await.unwrap();
    let broken = String::from_utf8(SIGNED.to_vec())
        .unwrap()
        .replacen("\"node\": \"O1\"", "\"node\": \"O77\"", 1)
        .replacen("\"level\": 2", "\"level\": 3", 1)
        .replacen("\"period\": \"2021-2022\"", "\"period\": \"2031-2032\"", 1);
    let told = sentences(document::import(&mut conn, &act(), broken.as_bytes(), false).await.unwrap_err());
    assert!(told.iter().any(|line| line.starts_with("indicators[0] (1).node") && line.contains("O77")), "{told:?}");
    assert!(told.iter().any(|line| line.contains("level") && line.contains('2')), "{told:?}");
    assert!(told.iter().any(|line| line.contains("2031-2032")), "{told:?}");
    assert!(store::load(&mut conn, CODE).await.unwrap().is_none());
}

#[sqlx::test(migrations = false)]
async fn an_import_cannot_change_what_a_submission_received(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::demo(options).await;
    let mut conn = app.app.conn().await.unwrap();
    for statement in ["UPDATE expected_cell SET frozen = true", "UPDATE dialogue SET state = 'valide'"] {
        sqlx::query(statement).execute(&mut *conn).await.unwrap();
    }
    let told = sentences(document::import(&mut conn, &act(), SIGNED, true).await.unwrap_err());
    assert!(told.iter().any(|line| line.starts_with("cells 1/2021-2022") && line.contains("soumise")), "{told:?}");
    assert!(exported(&mut conn).await == INVENTED);
}

#[sqlx::test(migrations = false)]
async fn replaying_the_journal_gives_the_export(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::empty(options).await;
    let mut conn = app.app.conn().await.unwrap();
    // Back and forth, of all that may go back: what was confirmed may not.
    let mut confirmed: serde_json::Value = serde_json::from_slice(SIGNED).unwrap();
    confirmed["measures"] = serde_json::from_slice::<serde_json::Value>(INVENTED).unwrap()["measures"].clone();
    let confirmed = confirmed.to_string().into_bytes();
    for bytes in [SIGNED, INVENTED, &confirmed, INVENTED] {
        document::import(&mut conn, &act(), bytes, true).await.unwrap();
    }
    let (plan_id, document) = store::load(&mut conn, CODE).await.unwrap().unwrap();
    let replayed = store::as_of(&mut conn, plan_id, act().at).await.unwrap().unwrap();
    assert!(replayed.to_bytes() == document.to_bytes());
    let before = act().at - chrono::Duration::days(1);
    assert_eq!(store::as_of(&mut conn, plan_id, before).await.unwrap(), None);
}

#[sqlx::test(migrations = false)]
async fn faults_of_posts_are_told_with_their_place(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::empty(options).await;
    let mut conn = app.app.conn().await.unwrap();
    let mut file: serde_json::Value = serde_json::from_slice(SIGNED).unwrap();
    file["posts"][0]["count"] = 0.into();
    file["posts"][1]["objectives"] = serde_json::json!(["O77"]);
    file["posts"][2]["code"] = "P02".into();
    file["posts"][3]["support_number"] = "0123".into();
    file["post_tables"][1]["origins"] = serde_json::json!(["vacance"]);
    file["post_tables"][0]["rows"][1]["part"] = "part_20".into();
    file["potential"][0]["certain"] = "-1".into();
    let told = sentences(document::import(&mut conn, &act(), file.to_string().as_bytes(), false).await.unwrap_err());
    // A confidential field never enters a document.
    for place in [
        "posts[3] : le champ « support_number »",
        "posts[0] (P01).count",
        "posts[1] (P02).objectives",
        "posts[2] ",
        "post_tables ",
        "post_tables[0] (vacances).rows",
        "potential[0] (EEC).certain",
    ] {
        assert!(told.iter().any(|line| line.starts_with(place)), "{place}: {told:?}");
    }
}

#[sqlx::test(migrations = false)]
async fn hostile_files_are_refused_quickly(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::empty(options).await;
    let mut conn = app.app.conn().await.unwrap();
    let deep = "[".repeat(100_000);
    let huge = format!("{{\"schema\": \"{}\"}}", "x".repeat(1_000_000));
    let many = format!("{{\"cells\": [{}]}}", vec!["{}"; 300_000].join(","));
    for hostile in [
        deep.as_str(),
        huge.as_str(),
        many.as_str(),
        "",
        "null",
        "\"\\ud800\"",
        "{\"plan\": {\"first_year\": -2147483648}}",
    ] {
        let refused = document::import(&mut conn, &act(), hostile.as_bytes(), false).await.unwrap_err();
        assert!(!sentences(refused).is_empty());
    }
}

#[sqlx::test(migrations = false)]
async fn a_measure_without_direction_gets_a_proposal_to_confirm(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::empty(options).await;
    let mut conn = app.app.conn().await.unwrap();
    let mut value: serde_json::Value = serde_json::from_slice(SIGNED).unwrap();
    for measure in value["measures"].as_array_mut().unwrap() {
        let measure = measure.as_object_mut().unwrap();
        measure.remove("direction");
        measure.remove("nature");
    }
    document::import(&mut conn, &act(), value.to_string().as_bytes(), false).await.unwrap();
    // What the signed contract ships is exactly what the import proposes.
    assert!(exported(&mut conn).await == SIGNED);
}
