//! Campaigns against the real contract: opening, adjusting, extending, and what they read.

use cpom::accounts::model::Role;
use cpom::dialogue::model::Transition;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use crate::dialogue::{CODE, complete, moved};
use crate::support::{TestApp, count};

const NEW: &str = "/admin/campaigns/new?year=2026&opens_on=2026-09-01&closes_on=2026-09-30&threshold=";
const AT: &str = "/admin/campaigns/2025/plans/uca-iut-2021-2026";

const WINDOW: [(&str, &str); 4] =
    [("year", "2026"), ("opens_on", "2026-09-01"), ("closes_on", "2026-09-30"), ("threshold", "12,5")];

#[sqlx::test(migrations = false)]
async fn a_campaign_opens_in_two_steps_and_is_adjusted_with_a_reason(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::demo(options).await;
    complete(&app).await;
    let directoire = app.visitor(Role::Directoire).await;
    assert_eq!(directoire.get("/admin/campaigns").await.texts("tbody tr").len(), 1);
    assert_eq!(directoire.get("/admin/campaigns/new").await.attributes("[name=year]", "value"), ["2025"]);
    let bad = directoire.get("/admin/campaigns/new?year=2026&opens_on=2026-09-01&closes_on=2026-08-01").await;
    assert_eq!(bad.status, 422);
    assert!(bad.texts("#closes_on-error")[0].contains("après l’ouverture"));
    // Nothing was received yet: 89 by the end of September 2026, and 25 that are not expected.
    let preview = directoire.get(NEW).await;
    assert_eq!(preview.status, 200);
    let told = preview.texts("section p");
    assert!(told.contains(&"89 situations attendues, dont 88 dues avant l’ouverture.".to_owned()), "{told:?}");
    assert_eq!(preview.attributes("fieldset:nth-of-type(1) [name=turned]", "value").len(), 89);
    assert_eq!(preview.attributes("fieldset:nth-of-type(2) [name=turned]", "value").len(), 25);
    // An adjustment without its reason comes back as it was chosen.
    let (less, more) = (format!("{CODE}/5/2021-2022"), format!("{CODE}/5/2025-2026"));
    let mut fields = WINDOW.to_vec();
    fields.extend([("turned", less.as_str()), ("turned", more.as_str())]);
    let refused = directoire.post("/admin/campaigns", &fields).await;
    assert_eq!(refused.status, 422);
    assert_eq!(refused.attributes("[name=turned][checked]", "value"), [less.as_str(), more.as_str()]);
    assert!(refused.texts(&format!("#e-{CODE}"))[0].contains("motif"));
    assert_eq!(count(&app, "SELECT count(*) FROM campaign").await, 1);
    let reason = format!("reason/{CODE}");
    fields.push((reason.as_str(), "formation ouverte plus tôt"));
    let opened = directoire.post("/admin/campaigns", &fields).await;
    assert_eq!((opened.status.as_u16(), opened.location()), (303, "/admin/campaigns/2026"), "{}", opened.body);
    let expected = "SELECT count(*) FROM expected_cell JOIN dialogue ON dialogue.id = dialogue_id
                    JOIN campaign ON campaign.id = campaign_id WHERE year = 2026";
    assert_eq!(count(&app, expected).await, 89);
    let adjusted: Vec<(String, String, bool, String)> =
        sqlx::query_as("SELECT measure_code, period, is_added, reason FROM expected_adjustment ORDER BY id")
            .fetch_all(app.pool())
            .await
            .unwrap();
    let reason = "formation ouverte plus tôt".to_owned();
    assert_eq!(adjusted.len(), 2);
    assert!(adjusted.contains(&("5".into(), "2021-2022".into(), false, reason.clone())));
    assert!(adjusted.contains(&("5".into(), "2025-2026".into(), true, reason)));
    assert_eq!(count(&app, "SELECT count(*) FROM snapshot WHERE occasion = 'ouverture'").await, 2);
    let page = directoire.get("/admin/campaigns/2026").await;
    assert!(page.texts(".subtitle")[0].contains("12,5"), "{:?}", page.texts(".subtitle"));
    let dialogue = directoire.get(&format!("/plans/{CODE}/dialogues/2026")).await;
    assert!(dialogue.body.contains("demandée en plus") && dialogue.body.contains("dispensée"));
    // Once a year.
    let again = directoire.post("/admin/campaigns", &WINDOW).await;
    assert_eq!(again.status, 422);
    assert!(again.texts("#year-error")[0].contains("déjà ouverte"));
}

#[sqlx::test(migrations = false)]
async fn a_value_received_is_not_asked_again_and_an_nr_comes_back_unfrozen(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let app = TestApp::demo(options).await;
    complete(&app).await;
    sqlx::query("UPDATE cell SET status = 'NR', value = NULL FROM measure WHERE measure.id = measure_id AND measure.code = '5' AND period_start = 2022")
        .execute(app.pool())
        .await
        .unwrap();
    for transition in [Transition::Submission, Transition::Review, Transition::Validation, Transition::Closure] {
        moved(&app, 2025, transition).await;
    }
    let pilotage = app.visitor(Role::Pilotage).await;
    let opened = pilotage.post("/admin/campaigns", &WINDOW).await;
    assert_eq!(opened.status, 303, "{}", opened.body);
    let asked: Vec<(String, i32)> = sqlx::query_as(
        "SELECT measure_code, period_start FROM expected_cell JOIN dialogue ON dialogue.id = dialogue_id
         JOIN campaign ON campaign.id = campaign_id WHERE year = 2026 AND due_on <= '2025-10-12'",
    )
    .fetch_all(app.pool())
    .await
    .unwrap();
    let nr: i64 = count(
        &app,
        "SELECT count(*) FROM cell JOIN measure ON measure.id = measure_id
        JOIN expected_cell e ON e.measure_code = measure.code AND e.period_start = cell.period_start
        JOIN dialogue ON dialogue.id = e.dialogue_id JOIN campaign ON campaign.id = campaign_id
        WHERE year = 2025 AND cell.status = 'NR'",
    )
    .await;
    assert!(asked.contains(&("5".into(), 2022)));
    assert_eq!(i64::try_from(asked.len()).unwrap(), nr, "only the NR come back: {asked:?}");
    // The NR is edited again, the value stays as it was received; jalons and actions begin a new year.
    let director = app.visitor(Role::Director).await;
    let fiche = director.get(&format!("/plans/{CODE}/indicators/5?cell=5/2022-2023")).await;
    assert_eq!(fiche.attributes("[name='value/5/2022-2023']", "name").len(), 1);
    let fields = [("value/5/2021-2022", "3"), ("version/5/2021-2022", "1"), ("status/5/2021-2022", "value")];
    let refused = director.post(&format!("/plans/{CODE}/indicators/5"), &fields).await;
    assert_eq!(refused.status, 403);
    assert!(refused.body.contains("redemander"), "{}", refused.body);
    let actions = director.get(&format!("/plans/{CODE}/commitments")).await;
    assert!(!actions.attributes("form[action*='/actions/']", "action").is_empty());
}

#[sqlx::test(migrations = false)]
async fn saisie_reads_the_opening_and_the_fiche_reads_today(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::demo(options).await;
    for statement in [
        "UPDATE measure SET label = 'Libellé révisé' WHERE code = '5'",
        "UPDATE target SET value = 4321 FROM measure WHERE measure.id = measure_id AND measure.code = '5'",
        "UPDATE node SET label = 'Objectif révisé'",
    ] {
        sqlx::query(statement).execute(app.pool()).await.unwrap();
    }
    let director = app.visitor(Role::Director).await;
    let grid = director.get(&format!("/plans/{CODE}/entry/2025")).await;
    assert!(!grid.body.contains("révisé"));
    assert!(!grid.texts(".measure").iter().any(|line| line.contains("4\u{202f}321")));
    let fiche = director.get(&format!("/plans/{CODE}/indicators/5")).await;
    assert!(fiche.body.contains("Libellé révisé") && fiche.body.contains("4\u{202f}321"));
    // The next campaign reads what they have become.
    let pilotage = app.visitor(Role::Pilotage).await;
    assert_eq!(pilotage.post("/admin/campaigns", &WINDOW).await.status, 303);
    let grid = director.get(&format!("/plans/{CODE}/entry/2026")).await;
    assert!(grid.body.contains("Libellé révisé") && grid.body.contains("Objectif révisé"));
}

#[sqlx::test(migrations = false)]
async fn more_time_is_granted_with_a_reason_and_shown(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::demo(options).await;
    let (pilotage, director) = (app.visitor(Role::Pilotage).await, app.visitor(Role::Director).await);
    let at = format!("{AT}/extension");
    let early = pilotage.post(&at, &[("to", "2025-10-12"), ("reason", "grève")]).await;
    assert_eq!(early.status, 422);
    assert!(early.texts("#to-error")[0].contains("au-delà de la clôture"));
    assert_eq!(early.texts("#reason"), ["grève"]);
    assert_eq!(pilotage.post(&at, &[("to", "2025-10-31"), ("reason", "")]).await.status, 422);
    assert_eq!(
        pilotage.post(&at, &[("to", "2025-10-31"), ("reason", "Système d’information arrêté")]).await.status,
        303
    );
    assert_eq!(director.post(&at, &[("to", "2025-11-30"), ("reason", "x")]).await.status, 404);
    for path in [format!("/plans/{CODE}/dialogues/2025"), format!("/plans/{CODE}/entry/2025"), "/".into()] {
        let page = director.get(&path).await;
        assert!(page.body.contains("31 oct. 2025"), "{path}");
    }
    let home = director.get("/").await;
    assert!(home.texts(".inbox .quote").contains(&"Système d’information arrêté".to_owned()));
    // « Jusqu’au » follows, where the cell is edited.
    let fiche = director.get(&format!("/plans/{CODE}/indicators/5?cell=5/2022-2023")).await;
    assert!(fiche.body.contains("31 oct. 2025"));
    let (by, why, after): (String, Option<String>, String) = sqlx::query_as(
        "SELECT actor, reason, after ->> 'extended_to' FROM journal_entry WHERE kind = 'dialogue' ORDER BY id DESC LIMIT 1",
    )
    .fetch_one(app.pool())
    .await
    .unwrap();
    assert_eq!(by, "SAPCG — pilotage");
    assert_eq!((why.as_deref(), after.as_str()), (Some("Système d’information arrêté"), "2025-10-31"));
}

#[sqlx::test(migrations = false)]
async fn what_is_expected_is_adjusted_after_the_opening_too(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::demo(options).await;
    let pilotage = app.visitor(Role::Pilotage).await;
    let at = format!("{AT}/expected");
    let post = async |act: &str, cell: &str, reason: &str| {
        pilotage.post(&at, &[("act", act), ("cell", cell), ("reason", reason)]).await
    };
    let blank = post("exempt", "13.c/2023-2024", "").await;
    assert_eq!(blank.status, 422);
    assert_eq!(blank.attributes("#cell-exempt option[selected]", "value"), ["13.c/2023-2024"]);
    assert_eq!(post("add", "13.c/2023-2024", "déjà là").await.status, 422);
    assert_eq!(post("exempt", "13.c/2023-2024", "diplôme fermé").await.status, 303);
    assert_eq!(post("add", "5/2025-2026", "pour la visite HCÉRES").await.status, 303);
    let director = app.visitor(Role::Director).await;
    let grid = director.get(&format!("/plans/{CODE}/entry/2025")).await;
    assert_eq!(grid.attributes("tbody.entry", "id").len(), 67);
    assert!(grid.attributes("tbody.entry", "id").contains(&"row-5/2025-2026".to_owned()));
    assert!(!grid.attributes("tbody.entry", "id").contains(&"row-13.c/2023-2024".to_owned()));
    // Not once it is submitted.
    complete(&app).await;
    moved(&app, 2025, Transition::Submission).await;
    let late = post("exempt", "5/2025-2026", "trop tard").await;
    assert_eq!(late.status, 409);
    assert!(late.texts("[role=alert]")[0].contains("pendant la saisie"));
    assert_eq!(pilotage.post(&format!("{AT}/extension"), &[("to", "2025-10-31"), ("reason", "x")]).await.status, 409);
}

#[sqlx::test(migrations = false)]
async fn the_threshold_of_a_campaign_decides_what_is_explained(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::demo(options).await;
    let (pilotage, director) = (app.visitor(Role::Pilotage).await, app.visitor(Role::Director).await);
    sqlx::query("UPDATE cell SET comment = NULL").execute(app.pool()).await.unwrap();
    let gaps = async || director.get(&format!("/plans/{CODE}/entry/2025?show=gaps")).await.texts("tbody.entry").len();
    let before = gaps().await;
    let set = async |text: &str| {
        pilotage.post("/admin/campaigns/2025/threshold", &[("threshold", text)]).await.status.as_u16()
    };
    assert_eq!(set("zéro").await, 422);
    assert_eq!(set("100").await, 303);
    let wide = gaps().await;
    assert!(wide < before, "{wide} {before}");
    assert_eq!(set("").await, 303);
    assert_eq!(gaps().await, before);
    assert_eq!(count(&app, "SELECT count(*) FROM journal_entry WHERE kind = 'campagne'").await, 3);
}

#[sqlx::test(migrations = false)]
async fn a_plan_that_came_late_is_opened_on_its_own_and_a_future_one_is_not_asked(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let app = TestApp::demo(options).await;
    for (code, year) in [("tardif", 2023), ("futur", 2026)] {
        sqlx::query(
            "INSERT INTO plan (code, kind, title, structure_id, first_year, last_year, levels)
             SELECT $1, kind, title, structure_id, $2, $2 + 4, levels FROM plan LIMIT 1",
        )
        .bind(code)
        .bind(year)
        .execute(app.pool())
        .await
        .unwrap();
    }
    let pilotage = app.visitor(Role::Pilotage).await;
    let page = pilotage.get("/admin/campaigns/2025").await;
    assert_eq!(page.texts("tbody tr").len(), 2);
    assert_eq!(page.texts(".pill--a-ouvrir"), ["À ouvrir"]);
    let opening = "/admin/campaigns/2025/plans/tardif/opening";
    assert_eq!(pilotage.post(opening, &[]).await.status, 303);
    assert_eq!(pilotage.post(opening, &[]).await.status, 409);
    assert_eq!(pilotage.post("/admin/campaigns/2025/plans/futur/opening", &[]).await.status, 409);
    assert_eq!(count(&app, "SELECT count(*) FROM dialogue").await, 2);
    assert_eq!(pilotage.get("/plans/tardif/dialogues").await.texts("tbody th"), ["Dialogue 2025"]);
}
