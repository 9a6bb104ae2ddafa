//! Engagements against the real contract.

use cpom::accounts::model::Role;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use crate::support::TestApp;

const PAGE: &str = "/plans/uca-iut-2021-2026/commitments";

#[sqlx::test(migrations = false)]
async fn the_contract_s_requests_show_their_decision_their_own_or_their_heading_s(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let app = TestApp::demo(options).await;
    let page = app.visitor(Role::Directoire).await.get(PAGE).await;
    assert_eq!(page.status, 200);
    assert_eq!(page.texts("h2").len(), 8);
    let inherited = page.texts("[id='M2.1'] .tag");
    assert_eq!(inherited, ["hérité"]);
    assert!(page.texts("[id='M3.3'] .pill")[0].contains("Favorable en partie"));
    assert!(page.texts("[id='H1']")[0].contains("4 000 h éq TD au plus"), "{:?}", page.texts("[id='H1']"));
    assert!(page.texts("[id='M4.4'] .pill")[0].contains("Non arbitré"));
}

#[sqlx::test(migrations = false)]
async fn a_director_moves_an_action_and_two_do_not_overwrite_each_other(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::demo(options).await;
    let director = app.visitor(Role::Director).await;
    let path = format!("{PAGE}/actions/A1.2");
    let version = director.get(PAGE).await.attributes("[id='A1.2'] [name=version]", "value").remove(0);
    let refused = director.post(&path, &[("state", "abandonnee"), ("owner", "Direction"), ("version", &version)]).await;
    assert_eq!(refused.status, 422);
    assert_eq!(refused.attributes("[id='A1.2'] [name=owner]", "value"), ["Direction"]);
    let saved = director.post(&path, &[("state", "faite"), ("owner", "Direction"), ("version", &version)]).await;
    assert_eq!(saved.status, 303, "{}", saved.body);
    let late = director.post(&path, &[("state", "en_cours"), ("owner", "Autre"), ("version", &version)]).await;
    assert_eq!(late.status, 409);
    assert_eq!(late.attributes("[id='A1.2'] [name=owner]", "value"), ["Autre"]);
    assert!(late.texts("[id='A1.2'] td")[1].contains("Direction"));
    let (actor, state): (String, String) = sqlx::query_as(
        "SELECT actor, after ->> 'state' FROM journal_entry WHERE kind = 'action' AND code = 'A1.2' ORDER BY id DESC",
    )
    .fetch_one(app.pool())
    .await
    .unwrap();
    assert_eq!((actor.as_str(), state.as_str()), ("Direction de l’IUT", "faite"));
}

#[sqlx::test(migrations = false)]
async fn pilotage_says_how_the_establishment_kept_its_word(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::demo(options).await;
    let pilotage = app.visitor(Role::Pilotage).await;
    let path = format!("{PAGE}/E1/years");
    let version = pilotage.get(PAGE).await.attributes("[id='E1'] [name=version]", "value").remove(0);
    let form = |year, kept| vec![("year", year), ("kept", kept), ("note", ""), ("version", version.as_str())];
    assert_eq!(pilotage.post(&path, &form("2031", "tenu")).await.status, 422);
    assert_eq!(pilotage.post(&path, &form("2024", "tenu")).await.status, 303);
    assert!(pilotage.get(PAGE).await.texts("[id='E1']")[0].contains("2024 Tenu"));
}
