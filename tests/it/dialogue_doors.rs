//! Every door by which something is entered, in every state of the dialogue, for each who might: one answer for all.

use cpom::accounts::model::Role;
use cpom::commands::INVENTED;
use cpom::dialogue::model::Transition;
use cpom::document::{self, ImportError};
use cpom::journal::model::Act;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use crate::dialogue::{CODE, complete, moved, post_cell, state};
use crate::support::{TestApp, Visitor};

/// What a submission receives: an expected cell that the contributor was given too, a due jalon, an action.
const CELL: &str = "4/2022-2023";
const JALON: &str = "J3";
const ACTION: &str = "A1.2";

async fn version(app: &TestApp, table: &str, code: &str) -> String {
    let sql = format!("SELECT version FROM {table} WHERE code = $1");
    let version: i32 = sqlx::query_scalar(sqlx::AssertSqlSafe(sql)).bind(code).fetch_one(app.pool()).await.unwrap();
    version.to_string()
}

/// Tries the three page doors; `tried` makes each a change of its own. What each answered.
async fn pages(app: &TestApp, visitor: &Visitor, tried: &str) -> [u16; 3] {
    let cell = post_cell(app, visitor, CELL, tried).await;
    let jalon_version = version(app, "jalon", JALON).await;
    let said = format!("essai {tried}");
    let jalon = visitor
        .post(
            &format!("/plans/{CODE}/jalons/{JALON}/progress"),
            &[("state", "en_cours"), ("comment", &said), ("version", &jalon_version)],
        )
        .await;
    let action_version = version(app, "action", ACTION).await;
    let action = visitor
        .post(
            &format!("/plans/{CODE}/commitments/actions/{ACTION}"),
            &[("state", "en_cours"), ("owner", &said), ("note", ""), ("version", &action_version)],
        )
        .await;
    [cell.status.as_u16(), jalon.status.as_u16(), action.status.as_u16()]
}

/// The same changes by a file; the problems that refused it.
async fn import(app: &TestApp, tried: &str) -> Vec<String> {
    let mut conn = app.app.conn().await.unwrap();
    let (_, document) = document::store::load(&mut conn, CODE).await.unwrap().unwrap();
    let mut file: serde_json::Value = serde_json::from_slice(&document.to_bytes()).unwrap();
    let change = |list: &mut serde_json::Value, is: &dyn Fn(&serde_json::Value) -> bool, field: &str| {
        let found = list.as_array_mut().unwrap().iter_mut().find(|it| is(it)).unwrap();
        found[field] = format!("fichier {tried}").into();
    };
    change(&mut file["cells"], &|it| it["measure"] == "4" && it["period"] == "2022-2023", "comment");
    change(&mut file["jalons"], &|it| it["code"] == JALON, "comment");
    change(&mut file["actions"], &|it| it["code"] == ACTION, "owner");
    let act = Act::command("import", app.app.clock.now());
    match document::import(&mut conn, &act, file.to_string().as_bytes(), true).await {
        Ok(done) => {
            assert_eq!(done.changes, 3);
            Vec::new()
        }
        Err(ImportError::Problems(problems)) => problems.iter().map(ToString::to_string).collect(),
        Err(ImportError::Sql(error)) => panic!("{error}"),
    }
}

/// How each state is reached from the one before.
const WAY: &[(&str, Option<Transition>, bool)] = &[
    ("saisie", None, true),
    ("soumis", Some(Transition::Submission), false),
    ("en_revue", Some(Transition::Review), false),
    ("retourne", Some(Transition::Return), true),
    ("soumis", Some(Transition::Submission), false),
    ("en_revue", Some(Transition::Review), false),
    ("valide", Some(Transition::Validation), false),
    ("clos", Some(Transition::Closure), false),
];

#[sqlx::test(migrations = false)]
async fn every_door_answers_alike_in_every_state(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::demo(options).await;
    complete(&app).await;
    sqlx::query("UPDATE jalon SET state = 'en_cours' WHERE code = 'J3'").execute(app.pool()).await.unwrap();
    let director = app.visitor(Role::Director).await;
    let contributor = app.visitor(Role::Contributor).await;
    let directoire = app.visitor(Role::Directoire).await;
    for (place, (name, transition, open)) in WAY.iter().enumerate() {
        if let Some(transition) = transition {
            moved(&app, 2025, *transition).await;
        }
        assert_eq!(state(&app).await, *name);
        let tried = |who: usize| (100 + place * 10 + who).to_string();
        let may = if *open { 303 } else { 403 };
        // Somebody else's edits move nothing.
        assert_eq!(pages(&app, &directoire, &tried(0)).await, [403, 403, 403], "{name} directoire");
        // The jalon was not given; engagements are not shown to a contributor.
        assert_eq!(pages(&app, &contributor, &tried(1)).await, [may, 403, 404], "{name} contributor");
        let problems = import(&app, &tried(2)).await;
        assert_eq!(problems.is_empty(), *open, "{name}: {problems:?}");
        if !open {
            assert_eq!(problems.len(), 3, "{name}: {problems:?}");
            assert!(problems.iter().all(|it| it.contains("pour le dialogue 2025")), "{problems:?}");
        }
        assert_eq!(state(&app).await, *name);
        assert_eq!(pages(&app, &director, &tried(3)).await, [may, may, may], "{name} director");
        assert_eq!(state(&app).await, if *open { "saisie" } else { name }, "the director's first edit resumes");
        // The page shows the function's answer: no field where the answer is no.
        let grid = director.get(&format!("/plans/{CODE}/entry/2025")).await;
        assert_eq!(!grid.attributes(&format!("[name='value/{CELL}']"), "name").is_empty(), *open, "{name}");
        let forms = director.get(&format!("/plans/{CODE}/commitments")).await;
        let form = forms.attributes(&format!("form[action$='/actions/{ACTION}']"), "action");
        assert_eq!(!form.is_empty(), *open, "{name}");
    }
}

#[sqlx::test(migrations = false)]
async fn each_door_resumes_what_was_returned(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::demo(options).await;
    complete(&app).await;
    sqlx::query("UPDATE jalon SET state = 'en_cours' WHERE code = 'J3'").execute(app.pool()).await.unwrap();
    let director = app.visitor(Role::Director).await;
    // The late jalon is commented once for all.
    let [_, said, _] = pages(&app, &director, "90").await;
    assert_eq!(said, 303);
    for door in 0..3 {
        for transition in [Transition::Submission, Transition::Review, Transition::Return] {
            moved(&app, 2025, transition).await;
        }
        assert_eq!(state(&app).await, "retourne");
        let tried = (200 + door).to_string();
        let answer = match door {
            0 => post_cell(&app, &director, CELL, &tried).await,
            1 => {
                let version = version(&app, "jalon", JALON).await;
                let fields = [("state", "en_cours"), ("comment", tried.as_str()), ("version", version.as_str())];
                director.post(&format!("/plans/{CODE}/jalons/{JALON}/progress"), &fields).await
            }
            _ => {
                let version = version(&app, "action", ACTION).await;
                let fields = [("state", "faite"), ("owner", tried.as_str()), ("version", version.as_str())];
                director.post(&format!("/plans/{CODE}/commitments/actions/{ACTION}"), &fields).await
            }
        };
        assert_eq!(answer.status, 303, "{}", answer.body);
        assert_eq!(state(&app).await, "saisie", "door {door}");
    }
    let resumed: Vec<String> = sqlx::query_scalar("SELECT actor FROM dialogue_transition WHERE kind = 'reprise'")
        .fetch_all(app.pool())
        .await
        .unwrap();
    assert_eq!(resumed, ["Direction de l’IUT"; 3]);
}

#[sqlx::test(migrations = false)]
async fn what_was_not_received_is_edited_all_year(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::demo(options).await;
    complete(&app).await;
    moved(&app, 2025, Transition::Submission).await;
    let director = app.visitor(Role::Director).await;
    // A cell of a later period, a jalon due after the closing day.
    let later: String =
        sqlx::query_scalar("SELECT code FROM jalon WHERE due_on > '2025-12-01' AND NOT is_group LIMIT 1")
            .fetch_one(app.pool())
            .await
            .unwrap();
    let version = version(&app, "jalon", &later).await;
    let fields = [("state", "en_cours"), ("comment", "préparé"), ("version", version.as_str())];
    assert_eq!(director.post(&format!("/plans/{CODE}/jalons/{later}/progress"), &fields).await.status, 303);
    let fiche = format!("/plans/{CODE}/indicators/5");
    let fields = [("value/5/2025-2026", "31"), ("version/5/2025-2026", "0"), ("status/5/2025-2026", "value")];
    assert_eq!(director.post(&fiche, &fields).await.status, 303);
}

#[sqlx::test(migrations = false)]
async fn the_closing_of_the_last_campaign_closes_the_plan_to_every_door(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::demo(options).await;
    complete(&app).await;
    let pilotage = app.visitor(Role::Pilotage).await;
    let at = format!("/admin/campaigns/2025/plans/{CODE}");
    assert_eq!(pilotage.post(&format!("{at}/final"), &[("is_final", "1")]).await.status, 303);
    for transition in [Transition::Submission, Transition::Review, Transition::Validation, Transition::Closure] {
        moved(&app, 2025, transition).await;
    }
    let director = app.visitor(Role::Director).await;
    assert_eq!(pages(&app, &director, "300").await, [403, 403, 403]);
    let fields = [("value/5/2025-2026", "31"), ("version/5/2025-2026", "0"), ("status/5/2025-2026", "value")];
    let refused = director.post(&format!("/plans/{CODE}/indicators/5"), &fields).await;
    assert_eq!(refused.status, 403);
    assert!(refused.body.contains("clos depuis le bilan de la campagne 2025"), "{}", refused.body);
    let finance = app.visitor(Role::Finance).await;
    for act in ["arbitrages", "schedule"] {
        let refused = finance.post(&format!("/plans/{CODE}/budget/B1/{act}"), &[]).await;
        assert_eq!(refused.status, 403, "{act}");
    }
    let rh = app.visitor(Role::Rh).await;
    for act in ["", "/realisation", "/confidential"] {
        assert_eq!(rh.post(&format!("/plans/{CODE}/posts/P01{act}"), &[]).await.status, 403, "{act}");
    }
    assert_eq!(pilotage.post(&format!("/plans/{CODE}/commitments/E1/years"), &[]).await.status, 403);
    assert!(!import(&app, "301").await.is_empty());
    // The very same file changes nothing, and is no refusal.
    let mut conn = app.app.conn().await.unwrap();
    let same = document::store::load(&mut conn, CODE).await.unwrap().unwrap().1.to_bytes();
    let act = Act::command("import", app.app.clock.now());
    assert_eq!(document::import(&mut conn, &act, &same, true).await.unwrap().changes, 0);
    let refused = document::import(&mut conn, &act, INVENTED, true).await.unwrap_err();
    assert!(matches!(refused, ImportError::Problems(_)));
    // It says so, and the next campaign does not ask it.
    assert!(director.get(&format!("/plans/{CODE}/dialogues/2025")).await.body.contains("clos depuis le bilan"));
    let next = pilotage.get("/admin/campaigns/new?year=2026&opens_on=2026-09-01&closes_on=2026-09-30").await;
    assert!(next.body.contains("Aucun contrat à interroger"), "{}", next.body);
}
