//! Saisie and Fiche against a real database: what is kept, what is refused, what conflicts, what the journal says.

use cpom::accounts::model::Role;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use crate::support::{Answer, TestApp, Visitor};

const GRID: &str = "/plans/uca-iut-2021-2026/entry/2025";
const FICHE: &str = "/plans/uca-iut-2021-2026/indicators/5";
/// Expected and empty in the demo: measure 2, 2023-2024 is answered, 4, 2023-2024 too; this one is not.
const EMPTY: &str = "13.c/2023-2024";

/// What a form shows of a cell, ready to be posted with changes.
fn shown(page: &Answer, key: &str) -> Vec<(String, String)> {
    let field = |name: &str, selector: String| {
        page.attributes(&selector, "value").first().map(|value| (format!("{name}/{key}"), value.clone()))
    };
    ["value", "num", "den", "version", "was", "wascomment"]
        .into_iter()
        .filter_map(|name| field(name, format!("[name='{name}/{key}']")))
        .chain(field("status", format!("[name='status/{key}'] option[selected]")))
        .chain(
            page.texts(&format!("[name='comment/{key}']")).first().map(|text| (format!("comment/{key}"), text.clone())),
        )
        .collect()
}

fn typing(fields: &mut Vec<(String, String)>, name: &str, text: &str) {
    fields.retain(|(field, _)| field != name);
    fields.push((name.to_owned(), text.to_owned()));
}

async fn post(visitor: &Visitor, path: &str, fields: &[(String, String)]) -> Answer {
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    visitor.post(path, &fields).await
}

async fn journal(app: &TestApp, code: &str) -> Vec<(i32, Option<String>, String, String)> {
    sqlx::query_as(
        "SELECT version, after ->> 'value', actor, source FROM journal_entry WHERE kind = 'situation' AND code = $1 ORDER BY id",
    )
    .bind(code)
    .fetch_all(app.pool())
    .await
    .unwrap()
}

#[sqlx::test(migrations = false)]
async fn a_value_is_kept_with_its_journal_entry(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::demo(options).await;
    let director = app.visitor(Role::Director).await;
    let page = director.get(GRID).await;
    assert_eq!(page.attributes("tbody.entry", "id").len(), 67);
    let mut fields = shown(&page, "5/2021-2022");
    typing(&mut fields, "value/5/2021-2022", "1 250");
    let answer = post(&director, GRID, &fields).await;
    assert_eq!(answer.status, 303, "{}", answer.body);
    let page = director.get(answer.location()).await;
    assert_eq!(page.texts("[role=status] p")[0], "1 réponse enregistrée.");
    assert_eq!(page.attributes("[name='value/5/2021-2022']", "value"), ["1250"]);
    let entries = journal(&app, "5/2021-2022").await;
    let last = entries.last().unwrap();
    assert_eq!(last, &(2, Some("1250".into()), "Direction de l’IUT".into(), "page".into()));
}

#[sqlx::test(migrations = false)]
async fn what_is_refused_comes_back_as_typed_and_the_rest_is_saved(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::demo(options).await;
    let director = app.visitor(Role::Director).await;
    let page = director.get(GRID).await;
    let mut fields = shown(&page, "5/2021-2022");
    typing(&mut fields, "value/5/2021-2022", "49 (37%)");
    typing(&mut fields, "comment/5/2021-2022", "dont deux nouveaux");
    let mut other = shown(&page, "1/2021-2022");
    typing(&mut other, "value/1/2021-2022", "NR");
    fields.append(&mut other);
    let answer = post(&director, GRID, &fields).await;
    assert_eq!(answer.status, 422);
    assert_eq!(answer.attributes("[name='value/5/2021-2022']", "value"), ["49 (37%)"]);
    assert_eq!(answer.attributes("[name='value/5/2021-2022']", "aria-invalid"), ["true"]);
    assert_eq!(answer.texts("[name='comment/5/2021-2022']"), ["dont deux nouveaux"]);
    assert!(answer.texts("[role=alert] strong")[0].starts_with("1 réponse enregistrée, 1 refusée"));
    assert_eq!(journal(&app, "5/2021-2022").await.len(), 1, "the refused cell has no entry of its own");
    assert_eq!(answer.texts("[name='status/1/2021-2022'] option[selected]"), ["NR"]);
}

#[sqlx::test(migrations = false)]
async fn a_rate_is_computed_from_its_two_numbers(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::demo(options).await;
    let director = app.visitor(Role::Director).await;
    let page = director.get(GRID).await;
    let mut fields = shown(&page, EMPTY);
    typing(&mut fields, &format!("num/{EMPTY}"), "252");
    typing(&mut fields, &format!("den/{EMPTY}"), "400");
    typing(&mut fields, &format!("value/{EMPTY}"), "99");
    assert_eq!(post(&director, GRID, &fields).await.status, 303);
    assert_eq!(journal(&app, EMPTY).await.last().unwrap().1.as_deref(), Some("63"));
}

#[sqlx::test(migrations = false)]
async fn two_people_see_mine_theirs_and_the_original(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::demo(options).await;
    let (director, pilotage) = (app.visitor(Role::Director).await, app.visitor(Role::Pilotage).await);
    let key = "17.b/2022-2023";
    let (mine, theirs) = (director.get(GRID).await, pilotage.get(GRID).await);
    let (mut mine, mut theirs) = (shown(&mine, key), shown(&theirs, key));
    typing(&mut theirs, &format!("value/{key}"), "510");
    assert_eq!(post(&pilotage, GRID, &theirs).await.status, 303);
    typing(&mut mine, &format!("value/{key}"), "505");
    let conflict = post(&director, GRID, &mine).await;
    assert_eq!(conflict.status, 409);
    assert_eq!(conflict.texts(".conflict .side-value"), ["505", "510", "502"]);
    assert!(conflict.texts(".conflict .side")[1].contains("SAPCG"));
    // Asked again until a side is chosen, then written over their version and no other.
    let mut again = shown(&conflict, key);
    again.push((format!("conflict/{key}"), "1".into()));
    assert_eq!(post(&director, GRID, &again).await.status, 409);
    again.push((format!("choice/{key}"), "mine".into()));
    assert_eq!(post(&director, GRID, &again).await.status, 303);
    let values: Vec<Option<String>> = journal(&app, key).await.into_iter().map(|entry| entry.1).collect();
    assert_eq!(values, [Some("502".into()), Some("510".into()), Some("505".into())]);
}

#[sqlx::test(migrations = false)]
async fn two_different_cells_never_conflict(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::demo(options).await;
    let (director, pilotage) = (app.visitor(Role::Director).await, app.visitor(Role::Pilotage).await);
    let page = director.get(GRID).await;
    let mut all: Vec<(String, String)> =
        page.attributes("tbody.entry", "id").iter().flat_map(|id| shown(&page, &id["row-".len()..])).collect();
    let mut one = shown(&pilotage.get(GRID).await, "17.b/2022-2023");
    typing(&mut one, "value/17.b/2022-2023", "510");
    assert_eq!(post(&pilotage, GRID, &one).await.status, 303);
    // The whole grid as it was before, with one change elsewhere.
    typing(&mut all, "value/1/2021-2022", "9");
    let answer = post(&director, GRID, &all).await;
    assert_eq!(answer.status, 303, "{:?}", answer.texts("[role=alert]"));
    let page = director.get(GRID).await;
    assert_eq!(page.attributes("[name='value/17.b/2022-2023']", "value"), ["510"]);
}

#[sqlx::test(migrations = false)]
async fn htmx_gets_the_row_and_its_status(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::demo(options).await;
    let director = app.visitor(Role::Director).await.sending("hx-request", "true");
    let mut fields = shown(&director.get(GRID).await, "5/2021-2022");
    typing(&mut fields, "value/5/2021-2022", "27");
    let answer = post(&director, GRID, &fields).await;
    assert_eq!(answer.status, 200);
    assert!(answer.body.trim_start().starts_with("<tbody class=\"entry is-saved\""), "{}", answer.body);
    assert!(answer.body.contains("5, 2021-2022 enregistrée."));
}

#[sqlx::test(migrations = false)]
async fn a_contributor_edits_what_was_given_and_reads_the_rest(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::demo(options).await;
    let contributor = app.visitor(Role::Contributor).await;
    let page = contributor.get(GRID).await;
    assert!(page.attributes("[name='value/4/2022-2023']", "name").len() == 1);
    assert!(page.attributes("[name='value/5/2021-2022']", "name").is_empty());
    let stolen = [("value/5/2021-2022".to_owned(), "3".to_owned()), ("version/5/2021-2022".into(), "1".into())];
    let answer = post(&contributor, FICHE, &stolen).await;
    assert_eq!(answer.status, 403);
    assert!(answer.body.contains("saisie par la direction"), "{}", answer.body);
}

#[sqlx::test(migrations = false)]
async fn what_a_submission_received_is_frozen(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::demo(options).await;
    for statement in
        ["UPDATE expected_cell SET frozen = true WHERE measure_code = '5'", "UPDATE dialogue SET state = 'soumis'"]
    {
        sqlx::query(statement).execute(app.pool()).await.unwrap();
    }
    let director = app.visitor(Role::Director).await;
    let page = director.get(GRID).await;
    assert_eq!(page.attributes("#row-5\\/2021-2022", "class"), ["entry is-frozen"]);
    let forged = [("value/5/2021-2022".to_owned(), "3".to_owned()), ("version/5/2021-2022".into(), "1".into())];
    let answer = post(&director, FICHE, &forged).await;
    assert_eq!(answer.status, 403);
    assert!(answer.body.contains("soumise pour le dialogue 2025"), "{}", answer.body);
    // Another cell of the plan was not received: it is still open.
    assert!(page.attributes("[name='value/1/2021-2022']", "name").len() == 1);
}

#[sqlx::test(migrations = false)]
async fn the_fiche_edits_a_cell_that_no_campaign_expects(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::demo(options).await;
    let director = app.visitor(Role::Director).await;
    let key = "5/2025-2026";
    let open = format!("{FICHE}?cell={key}");
    let page = director.get(&open).await;
    assert_eq!(page.status, 200);
    let mut fields = shown(&page, key);
    fields.push((format!("status/{key}"), "value".into()));
    typing(&mut fields, &format!("value/{key}"), "31");
    fields.push((format!("why/{key}"), "chiffre provisoire".into()));
    let answer = post(&director, FICHE, &fields).await;
    assert_eq!(answer.status, 303, "{}", answer.body);
    let page = director.get(answer.location()).await;
    assert!(page.texts(".history")[0].contains("chiffre provisoire"), "{:?}", page.texts(".history"));
}

#[sqlx::test(migrations = false)]
async fn the_journal_cannot_be_rewritten_by_the_application(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::demo(options).await;
    for forbidden in [
        "UPDATE journal_entry SET actor = 'x'",
        "DELETE FROM journal_entry",
        "TRUNCATE journal_entry",
        "UPDATE snapshot SET document = ''",
        "DELETE FROM import_run",
        "ALTER TABLE journal_entry DISABLE TRIGGER ALL",
        "DROP TABLE journal_entry",
    ] {
        let refused = sqlx::query(forbidden).execute(app.pool()).await.unwrap_err();
        let code = refused.as_database_error().and_then(sqlx::error::DatabaseError::code).unwrap().into_owned();
        assert_eq!(code, "42501", "{forbidden}: {refused}");
    }
}
