//! A dialogue against the real contract: from its opening to its closing, what is demanded, refused, frozen, kept.

use cpom::access::Who;
use cpom::accounts::model::Role;
use cpom::dialogue::model::Transition;
use cpom::dialogue::model::machine::Typed;
use cpom::dialogue::{Asked, pass};
use cpom::journal::model::Act;
use sqlx::Connection;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use crate::contract::counted;
use crate::support::{Answer, TestApp, Visitor};

pub const CODE: &str = "uca-iut-2021-2026";
pub const PAGE: &str = "/plans/uca-iut-2021-2026/dialogues/2025";
/// The one expected cell that the demo leaves without an answer.
const EMPTY: &str = "9/2024";

/// Answers, explains and updates all that a submission demands, in the database.
pub async fn complete(app: &TestApp) {
    for statement in [
        "INSERT INTO cell (measure_id, period_start, plan_id, version, status, comment, changed_at, changed_by)
         SELECT measure.id, expected.period_start, measure.plan_id, 1, 'NA', 'pas de diplôme', now(), 'Direction de l’IUT'
         FROM expected_cell expected JOIN measure ON measure.code = expected.measure_code
         ON CONFLICT (measure_id, period_start) DO NOTHING",
        "UPDATE cell SET status = 'NA', value = NULL, numerator = NULL, denominator = NULL WHERE status IS NULL",
        "UPDATE cell SET comment = coalesce(comment, 'expliqué')",
        "UPDATE jalon SET state = 'abandonne', reason = 'sans suite'
         WHERE state IN ('a_venir', 'en_cours', 'reporte') AND due_on < '2025-09-12'",
    ] {
        sqlx::query(statement).execute(app.pool()).await.unwrap();
    }
}

/// Moves a dialogue as a command does.
pub async fn moved(app: &TestApp, year: i32, transition: Transition) {
    let mut conn = app.app.conn().await.unwrap();
    let typed = Typed { reason: "à préciser".into(), session_on: "2025-09-12".into() };
    let asked = Asked { transition, version: None, typed };
    let act = Act::command("test", app.app.clock.now());
    pass(&mut conn, Who::Command, &act, CODE, year, &asked).await.unwrap();
}

/// Where a dialogue stands.
pub async fn state(app: &TestApp) -> String {
    sqlx::query_scalar("SELECT state FROM dialogue ORDER BY id DESC LIMIT 1").fetch_one(app.pool()).await.unwrap()
}

/// Posts the form of a move as the page shows it, with what is typed in it.
pub async fn ask(visitor: &Visitor, noun: &str, typed: &[(&str, &str)]) -> Answer {
    let page = visitor.get(PAGE).await;
    let version = page.attributes(&format!("form[action$='/{noun}'] [name=version]"), "value");
    let version = version.first().cloned().unwrap_or_default();
    let mut fields = vec![("version", version.as_str())];
    fields.extend(typed);
    visitor.post(&format!("{PAGE}/{noun}"), &fields).await
}

#[sqlx::test(migrations = false)]
async fn what_is_missing_is_listed_with_its_places_and_nothing_is_lost(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::demo(options).await;
    let director = app.visitor(Role::Director).await;
    let page = director.get(PAGE).await;
    assert_eq!(page.status, 200);
    assert_eq!(page.texts("h1"), ["Dialogue 2025"]);
    assert!(page.texts("#avant").contains(&"Avant de soumettre".to_owned()));
    let refused = ask(&director, "submission", &[]).await;
    assert_eq!(refused.status, 422);
    assert_eq!(state(&app).await, "saisie");
    assert!(refused.texts("[role=alert] strong")[0].contains("n’est pas soumis"));
    let links = refused.attributes(".checks a", "href");
    assert!(links.contains(&format!("/plans/{CODE}/entry/2025#row-{EMPTY}")), "{links:?}");
    assert!(links.contains(&format!("/plans/{CODE}/jalons/J3")), "{links:?}");
    assert!(links.iter().any(|link| link.contains("#comment/")), "{links:?}");
    let snapshots: i64 = sqlx::query_scalar("SELECT count(*) FROM snapshot").fetch_one(app.pool()).await.unwrap();
    assert_eq!(snapshots, 1);
    // Each link leads to a field that is there.
    let entry = director.get(&format!("/plans/{CODE}/entry/2025")).await;
    for link in links.iter().filter(|link| link.contains("/entry/")) {
        let id = link.split('#').nth(1).unwrap();
        assert!(entry.body.contains(&format!("id=\"{id}\"")), "{link}");
    }
    // A jalon commented since the opening is up to date.
    let jalon = format!("/plans/{CODE}/jalons/J3");
    let version = director.get(&jalon).await.attributes("[name=version]", "value").remove(0);
    let said = [("state", "en_cours"), ("comment", "Convention en cours de signature"), ("version", version.as_str())];
    assert_eq!(director.post(&format!("{jalon}/progress"), &said).await.status, 303);
    assert!(!director.get(PAGE).await.attributes(".checks a", "href").contains(&jalon));
}

#[sqlx::test(migrations = false)]
async fn a_dialogue_goes_from_entry_to_its_closing(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::demo(options).await;
    complete(&app).await;
    let (director, directoire) = (app.visitor(Role::Director).await, app.visitor(Role::Directoire).await);
    let home = director.get("/").await;
    assert_eq!(home.texts(".inbox h3")[0], "1 dialogue 2025 à soumettre");
    // Who entered what is countersigned.
    let page = director.get(PAGE).await;
    assert!(page.body.contains("Saisies par d’autres"), "{}", page.body);
    let others = director.get(&format!("/plans/{CODE}/entry/2025?show=others")).await;
    assert!(!others.texts("tbody.entry").is_empty());
    let answer = ask(&director, "submission", &[]).await;
    assert_eq!((answer.status.as_u16(), answer.location()), (303, PAGE), "{}", answer.body);
    assert_eq!(state(&app).await, "soumis");
    assert!(director.get(PAGE).await.texts(".history")[0].contains("contresignées"));
    // The director takes it back, and submits again.
    assert_eq!(ask(&director, "recall", &[]).await.status, 303);
    let frozen: i64 = sqlx::query_scalar("SELECT count(*) FROM received").fetch_one(app.pool()).await.unwrap();
    assert_eq!((state(&app).await.as_str(), frozen), ("saisie", 0));
    assert_eq!(ask(&director, "submission", &[]).await.status, 303);
    assert_eq!(
        directoire.get("/").await.texts(".inbox h3"),
        [
            "1 dialogue soumis à examiner",
            "2 jalons sous condition",
            "2 moyens à décider",
            "2 moyens à revoir",
            "2 conditions en attente",
            "12 contrôles en écart"
        ]
    );
    assert_eq!(ask(&directoire, "review", &[]).await.status, 303);
    assert_eq!(directoire.get("/").await.texts(".inbox h3")[1], "1 dialogue en revue");
    // Under review, the director recalls no more.
    let late = ask(&director, "recall", &[]).await;
    assert_eq!(late.status, 409);
    assert!(late.texts("[role=alert]")[0].contains("en revue"), "{:?}", late.texts("[role=alert]"));
    // A return says why; what was typed comes back.
    let blank = ask(&directoire, "return", &[("reason", " ")]).await;
    assert_eq!(blank.status, 422);
    assert!(blank.texts("#e-return")[0].contains("motif"));
    let long = "x".repeat(2001);
    let refused = ask(&directoire, "return", &[("reason", &long)]).await;
    assert_eq!((refused.status.as_u16(), refused.texts("#reason-return")), (422, vec![long]));
    assert_eq!(ask(&directoire, "return", &[("reason", "Préciser le 17.b")]).await.status, 303);
    for path in ["/", PAGE, "/plans/uca-iut-2021-2026/entry/2025"] {
        assert_eq!(director.get(path).await.texts(".quote")[0], "Préciser le 17.b", "{path}");
    }
    // Nothing is submitted again before something changes; the first edit resumes, the reason stays.
    assert_eq!(ask(&director, "submission", &[]).await.status, 409);
    edit_cell(&app, &director, "17.b/2022-2023", "511").await;
    assert_eq!(state(&app).await, "saisie");
    assert_eq!(director.get("/").await.texts(".inbox .quote")[0], "Préciser le 17.b");
    assert_eq!(ask(&director, "submission", &[]).await.status, 303);
    assert_eq!(ask(&directoire, "review", &[]).await.status, 303);
    // A validation names its séance.
    for (day, told) in [("", "jour de la séance"), ("2025-09-13", "pas encore"), ("2025-09-01", "ouverte que")] {
        let refused = ask(&directoire, "validation", &[("session_on", day)]).await;
        assert_eq!(refused.status, 422, "{day}");
        assert!(refused.texts("#session_on-error")[0].contains(told), "{:?}", refused.texts("#session_on-error"));
    }
    assert_eq!(ask(&directoire, "validation", &[("session_on", "2025-09-12")]).await.status, 303);
    assert_eq!(directoire.get("/").await.texts(".inbox h3")[1], "1 dialogue validé à clore");
    // Reopened with a reason, which stays visible.
    assert_eq!(ask(&directoire, "reopening", &[]).await.status, 422);
    assert_eq!(ask(&directoire, "reopening", &[("reason", "Erreur au 4")]).await.status, 303);
    edit_cell(&app, &director, "17.b/2022-2023", "512").await;
    assert_eq!(ask(&director, "submission", &[]).await.status, 303);
    assert_eq!(ask(&directoire, "review", &[]).await.status, 303);
    assert_eq!(ask(&directoire, "validation", &[("session_on", "2025-09-12")]).await.status, 303);
    assert_eq!(ask(&directoire, "closure", &[]).await.status, 303);
    assert_eq!(state(&app).await, "clos");
    assert_eq!(ask(&directoire, "reopening", &[("reason", "trop tard")]).await.status, 409);
    let page = director.get(PAGE).await;
    let told = page.texts(".history .change");
    let expected = [
        "Ouverture de la saisie",
        "Soumission",
        "Rappel",
        "Soumission",
        "Passage en revue",
        "Retour",
        "Reprise",
        "Soumission",
        "Passage en revue",
        "Validation, séance du 12 sept. 2025",
        "Réouverture",
        "Soumission",
        "Passage en revue",
        "Validation",
        "Clôture",
    ];
    for (told, expected) in told.iter().zip(expected) {
        assert!(told.starts_with(expected), "{told} is not {expected}");
    }
    let occasions: Vec<String> =
        sqlx::query_scalar("SELECT occasion FROM snapshot ORDER BY id").fetch_all(app.pool()).await.unwrap();
    let four =
        ["ouverture", "soumission", "soumission", "soumission", "validation", "soumission", "validation", "cloture"];
    assert_eq!(occasions, four);
    let sound: bool = sqlx::query_scalar("SELECT bool_and(sha256(document) = sha256) FROM snapshot")
        .fetch_one(app.pool())
        .await
        .unwrap();
    assert!(sound);
    let journaled: Vec<(String, Option<String>)> = sqlx::query_as(
        "SELECT after ->> 'state', reason FROM journal_entry WHERE kind = 'dialogue' ORDER BY id DESC LIMIT 5",
    )
    .fetch_all(app.pool())
    .await
    .unwrap();
    assert_eq!(journaled[0], ("clos".into(), None));
    assert_eq!(journaled[4], ("saisie".into(), Some("Erreur au 4".into())));
    // The journal of the contract tells it.
    let told = director.get(&format!("/plans/{CODE}/journal?kind=dialogue")).await.texts("tbody > tr");
    assert!(told[0].contains("état : de Validé → à Clos"), "{told:?}");
    assert_eq!(director.get(&format!("/plans/{CODE}/dialogues")).await.texts("tbody tr").len(), 1);
}

/// Writes a value over the version that is there, as the grid does.
pub async fn post_cell(app: &TestApp, visitor: &Visitor, key: &str, value: &str) -> Answer {
    let (measure, period) = key.split_once('/').unwrap();
    let start: i32 = period[..4].parse().unwrap();
    let version: Option<i32> = sqlx::query_scalar(
        "SELECT cell.version FROM cell JOIN measure ON measure.id = cell.measure_id
         WHERE measure.code = $1 AND cell.period_start = $2",
    )
    .bind(measure)
    .bind(start)
    .fetch_optional(app.pool())
    .await
    .unwrap();
    let (value_field, version_field) = (format!("value/{key}"), format!("version/{key}"));
    let (status, comment) = (format!("status/{key}"), format!("comment/{key}"));
    let version = version.unwrap_or(0).to_string();
    let fields = [
        (value_field.as_str(), value),
        (version_field.as_str(), version.as_str()),
        (status.as_str(), "value"),
        (comment.as_str(), "vu avec la scolarité"),
    ];
    visitor.post(&format!("/plans/{CODE}/entry/2025"), &fields).await
}

async fn edit_cell(app: &TestApp, visitor: &Visitor, key: &str, value: &str) {
    let answer = post_cell(app, visitor, key, value).await;
    assert_eq!(answer.status, 303, "{}", answer.body);
}

#[sqlx::test(migrations = false)]
async fn a_move_asked_over_another_state_is_a_conflict(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::demo(options).await;
    complete(&app).await;
    for transition in [Transition::Submission, Transition::Review] {
        moved(&app, 2025, transition).await;
    }
    let directoire = app.visitor(Role::Directoire).await;
    let seen = directoire.get(PAGE).await.attributes("form[action$='/validation'] [name=version]", "value").remove(0);
    // Meanwhile it went round: it stands at the same place, with something else in it.
    moved(&app, 2025, Transition::Return).await;
    edit_cell(&app, &app.visitor(Role::Director).await, "17.b/2022-2023", "511").await;
    for transition in [Transition::Submission, Transition::Review] {
        moved(&app, 2025, transition).await;
    }
    let stale = directoire
        .post(&format!("{PAGE}/validation"), &[("version", seen.as_str()), ("session_on", "2025-09-12")])
        .await;
    assert_eq!(stale.status, 409);
    assert!(stale.texts("[role=alert]")[0].contains("relisez-le"));
    assert_eq!(state(&app).await, "en_revue");
}

#[sqlx::test(migrations = false)]
async fn an_answer_being_saved_is_in_the_snapshot(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::demo(options).await;
    complete(&app).await;
    // A save that holds the plan and has not ended.
    let mut conn = app.app.conn().await.unwrap();
    let mut save = conn.begin().await.unwrap();
    cpom::access::store::hold(&mut save, CODE).await.unwrap();
    sqlx::query(
        "UPDATE cell SET value = 777, version = cell.version + 1 FROM measure
         WHERE measure.id = cell.measure_id AND measure.code = '17.b' AND period_start = 2022",
    )
    .execute(&mut *save)
    .await
    .unwrap();
    let submission = tokio::spawn({
        let app = app.clone();
        async move { moved(&app, 2025, Transition::Submission).await }
    });
    tokio::time::sleep(std::time::Duration::from_millis(300)).await;
    assert!(!submission.is_finished(), "the submission waits for what is being saved");
    save.commit().await.unwrap();
    submission.await.unwrap();
    let kept: bool = sqlx::query_scalar(
        "SELECT position('\"777\"' IN convert_from(document, 'UTF8')) > 0 FROM snapshot WHERE occasion = 'soumission'",
    )
    .fetch_one(app.pool())
    .await
    .unwrap();
    assert!(kept);
}

#[sqlx::test(migrations = false)]
async fn an_answer_that_comes_during_a_submission_is_refused(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::demo(options).await;
    complete(&app).await;
    let director = app.visitor(Role::Director).await;
    // A submission that took the plan, froze what it received and has not ended.
    let mut conn = app.app.conn().await.unwrap();
    let mut submission = conn.begin().await.unwrap();
    cpom::plans::store::lock_plan(&mut submission, CODE).await.unwrap();
    for statement in ["UPDATE expected_cell SET frozen = true", "UPDATE dialogue SET state = 'soumis'"] {
        sqlx::query(statement).execute(&mut *submission).await.unwrap();
    }
    let save = tokio::spawn({
        let app = app.clone();
        async move { post_cell(&app, &director, "17.b/2022-2023", "777").await }
    });
    tokio::time::sleep(std::time::Duration::from_millis(300)).await;
    assert!(!save.is_finished(), "the save waits for the submission");
    submission.commit().await.unwrap();
    let answer = save.await.unwrap();
    assert_eq!(answer.status, 403);
    assert!(answer.body.contains("soumise pour le dialogue 2025"), "{}", answer.body);
}

#[sqlx::test(migrations = false)]
async fn its_pages_keep_to_their_statements(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::demo(options).await;
    let pages = [
        (Role::Director, PAGE, 10),
        (Role::Directoire, PAGE, 10),
        (Role::Director, "/plans/uca-iut-2021-2026/dialogues", 3),
        (Role::Director, "/plans/uca-iut-2021-2026/entry/2025", 5),
        (Role::Pilotage, "/admin/campaigns", 2),
        (Role::Pilotage, "/admin/campaigns/2025", 4),
        (Role::Pilotage, "/admin/campaigns/2025/plans/uca-iut-2021-2026", 6),
        (Role::Pilotage, "/admin/campaigns/new?year=2026&opens_on=2026-09-01&closes_on=2026-09-30", 5),
    ];
    let double = "INSERT INTO plan (code, kind, title, structure_id, first_year, last_year, levels)
         SELECT 'double', kind, title, structure_id, first_year, last_year, levels FROM plan";
    for statement in [None, Some(double)] {
        if let Some(statement) = statement {
            sqlx::query(statement).execute(app.pool()).await.unwrap();
        }
        for (role, path, most) in pages {
            let (answer, count) = counted(&app, role, path).await;
            assert_eq!(answer.status, 200, "{path}");
            assert!(count > 0 && count <= most, "{path}: {count}");
        }
    }
}
