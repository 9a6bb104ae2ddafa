//! The two acts done on Engagements: an action moves, a commitment was kept or not in a year.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use axum_extra::extract::Form;
use serde::Deserialize;
use sqlx::{Connection, PgConnection};

use super::{allowed, verdict};
use crate::access;
use crate::accounts::CurrentUser;
use crate::commitments::model::{ACTION_KIND, Action, COMMITMENT_KIND, Commitment, Refused};
use crate::commitments::store;
use crate::commitments::views::sheet::{Back, Sheet};
use crate::journal::model::Change;
use crate::journal::store as journal;
use crate::kernel::canonical::Canonical;
use crate::web::extract::Path;
use crate::web::{App, Error, Result};

/// What a director says of an action.
#[derive(Deserialize)]
pub struct ActionForm {
    #[serde(default)]
    state: String,
    #[serde(default)]
    owner: String,
    #[serde(default)]
    note: String,
    #[serde(default)]
    version: i32,
}

/// `POST /plans/{code}/commitments/actions/{action}`
pub async fn update_action(
    user: CurrentUser,
    State(app): State<App>,
    Path((code, action)): Path<(String, String)>,
    Form(form): Form<ActionForm>,
) -> Result<Response> {
    let mut conn = app.conn().await?;
    let mut tx = conn.begin().await?;
    access::store::hold(&mut tx, &code).await?;
    let sheet = Sheet::load(&mut tx, &user, &code).await?;
    let (before, version) =
        sheet.all.actions.iter().find(|(it, _)| it.code.as_str() == action).cloned().ok_or(Error::NotFound)?;
    allowed(&verdict(&user, &app, &sheet.on_action(&action)))?;
    let typed = [("state", form.state.clone()), ("owner", form.owner.clone()), ("note", form.note.clone())];
    let after = match before.updated(&form.state, &form.owner, &form.note) {
        Ok(after) => after,
        Err(refused) => return Ok(refuse(&sheet, &user, &app, &action, refused, typed.into(), version)),
    };
    if after == before {
        return Ok(done(&code, &action));
    }
    let Some(version) = store::save_action(&mut tx, sheet.header.id, &after, form.version).await? else {
        drop(tx);
        return conflict(&mut conn, &user, &app, &code, &action, typed.into()).await;
    };
    let change = change_of(&sheet, ACTION_KIND, &action, version, Action::write(&before), Action::write(&after));
    let act = user.act(app.clock.now());
    journal::append(&mut tx, &act, change).await?;
    access::store::edited(&mut tx, &user, &act, sheet.header.id, sheet.header.structure_id).await?;
    tx.commit().await?;
    Ok(done(&code, &action))
}

/// How the establishment kept a commitment in a year.
#[derive(Deserialize)]
pub struct YearForm {
    #[serde(default)]
    year: String,
    #[serde(default)]
    kept: String,
    #[serde(default)]
    note: String,
    #[serde(default)]
    version: i32,
}

/// `POST /plans/{code}/commitments/{commitment}/years`
pub async fn say_year(
    user: CurrentUser,
    State(app): State<App>,
    Path((code, commitment)): Path<(String, String)>,
    Form(form): Form<YearForm>,
) -> Result<Response> {
    let mut conn = app.conn().await?;
    let mut tx = conn.begin().await?;
    access::store::hold(&mut tx, &code).await?;
    let sheet = Sheet::load(&mut tx, &user, &code).await?;
    let (before, version) =
        sheet.all.commitments.iter().find(|(it, _)| it.code.as_str() == commitment).cloned().ok_or(Error::NotFound)?;
    allowed(&verdict(&user, &app, &sheet.on_commitments()))?;
    let typed = [("year", form.year.clone()), ("kept", form.kept.clone()), ("note", form.note.clone())];
    let years = sheet.header.plan.first_year..=sheet.header.plan.last_year;
    let after = match before.in_year(&form.year, &form.kept, &form.note, years) {
        Ok(after) => after,
        Err(refused) => return Ok(refuse(&sheet, &user, &app, &commitment, refused, typed.into(), version)),
    };
    if after == before {
        return Ok(done(&code, &commitment));
    }
    let Some(version) = store::save_years(&mut tx, sheet.header.id, &after, form.version).await? else {
        drop(tx);
        return conflict(&mut conn, &user, &app, &code, &commitment, typed.into()).await;
    };
    let (was, is) = (Commitment::write(&before), Commitment::write(&after));
    let change = change_of(&sheet, COMMITMENT_KIND, &commitment, version, was, is);
    journal::append(&mut tx, &user.act(app.clock.now()), change).await?;
    tx.commit().await?;
    Ok(done(&code, &commitment))
}

fn change_of<'a>(
    sheet: &Sheet,
    kind: &'a str,
    code: &'a str,
    version: i32,
    before: serde_json::Value,
    after: serde_json::Value,
) -> Change<'a> {
    let plan_id = Some(sheet.header.id);
    Change { plan_id, kind, code, version, before: Some(before), after: Some(after), position: None }
}

fn done(code: &str, thing: &str) -> Response {
    Redirect::to(&format!("/plans/{code}/commitments#{thing}")).into_response()
}

fn refuse(
    sheet: &Sheet,
    user: &CurrentUser,
    app: &App,
    thing: &str,
    refused: Refused,
    typed: Vec<(&'static str, String)>,
    version: i32,
) -> Response {
    let back = Back { thing: thing.to_owned(), field: refused.field, sentence: refused.sentence, typed, version };
    (StatusCode::UNPROCESSABLE_ENTITY, sheet.page(user, app, Some(back))).into_response()
}

/// Somebody else wrote meanwhile: what is there now stands in the table, what was typed stands in the form.
async fn conflict(
    conn: &mut PgConnection,
    user: &CurrentUser,
    app: &App,
    code: &str,
    thing: &str,
    typed: Vec<(&'static str, String)>,
) -> Result<Response> {
    let sheet = Sheet::load(conn, user, code).await?;
    let version = sheet
        .all
        .actions
        .iter()
        .map(|(it, version)| (&it.code, *version))
        .chain(sheet.all.commitments.iter().map(|(it, version)| (&it.code, *version)))
        .find(|(code, _)| code.as_str() == thing)
        .map_or(0, |(_, version)| version);
    let sentence = "Quelqu’un d’autre l’a modifié pendant votre saisie : ce qui est enregistré est affiché à côté. \
                    Enregistrez de nouveau pour garder votre saisie."
        .to_owned();
    let back = Back { thing: thing.to_owned(), field: "", sentence, typed, version };
    Ok((StatusCode::CONFLICT, sheet.page(user, app, Some(back))).into_response())
}
