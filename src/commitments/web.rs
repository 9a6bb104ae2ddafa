//! Engagements: the page, and the two acts done there. Requests are decided by the directoire; that act comes with the
//! decisions of the budget.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use axum_extra::extract::Form;
use serde::Deserialize;
use sqlx::{Connection, PgConnection};

use super::model::{ACTION_KIND, Action, COMMITMENT_KIND, Commitment, Refused};
use super::store::{self, Commitments};
use super::views::{Back, CommitmentsPage};
use crate::access::{self, Season, Thing, Verdict, Who};
use crate::accounts::CurrentUser;
use crate::arbitrages::model::{Arbitrage, Condition};
use crate::arbitrages::store as arbitrages;
use crate::journal::model::Change;
use crate::journal::store as journal;
use crate::kernel::canonical::Canonical;
use crate::plans::readable_plan;
use crate::plans::store::Header;
use crate::reserves::{self, Reserves};
use crate::web::extract::Path;
use crate::web::{App, Error, Result, Routes};

/// The routes of this room.
pub fn router() -> Routes {
    Routes::new()
        .get("/plans/{code}/commitments", show)
        .post("/plans/{code}/commitments/actions/{action}", update_action)
        .post("/plans/{code}/commitments/{commitment}/years", say_year)
}

/// All that the page is made of.
pub struct Sheet {
    /// The plan.
    pub header: Header,
    /// What it commits to.
    pub all: Commitments,
    /// Decisions on its requests and headings.
    pub decisions: Vec<Arbitrage>,
    /// What some depend on.
    pub conditions: Vec<Condition>,
    /// What the document says in several ways.
    pub reserves: Reserves,
    /// The plan's last dialogue: what it received is not edited.
    pub season: Season,
}

impl Sheet {
    async fn load(conn: &mut PgConnection, user: &CurrentUser, code: &str) -> Result<Self> {
        let header = readable_plan(conn, user, code).await?;
        if !user.reads_commitments(header.structure_id) {
            return Err(Error::NotFound);
        }
        let all = store::all(conn, header.id).await?;
        let decisions = arbitrages::arbitrages(conn, header.id, None, None).await?;
        let conditions = arbitrages::conditions(conn, header.id).await?;
        let reserves = reserves::of_plan(conn, user, &header).await?;
        let season = access::store::season(conn, header.id).await?;
        Ok(Self { header, all, decisions, conditions, reserves, season })
    }

    fn on_action(&self, code: &str) -> Thing<'static> {
        let Season { closed, .. } = self.season;
        Thing::Action { structure_id: self.header.structure_id, asking: self.season.action(code), closed }
    }

    const fn on_commitments(&self) -> Thing<'static> {
        Thing::Commitment { closed: self.season.closed }
    }

    fn page(&self, user: &CurrentUser, app: &App, back: Option<Back>) -> CommitmentsPage {
        let commitments = verdict(user, app, &self.on_commitments());
        let on_action = |code: &str| verdict(user, app, &self.on_action(code));
        CommitmentsPage::new(user, self, on_action, commitments.allowed(), back)
    }
}

/// `GET /plans/{code}/commitments`
async fn show(user: CurrentUser, State(app): State<App>, Path(code): Path<String>) -> Result<Response> {
    let mut conn = app.conn().await?;
    let sheet = Sheet::load(&mut conn, &user, &code).await?;
    Ok(sheet.page(&user, &app, None).into_response())
}

/// What a director says of an action.
#[derive(Deserialize)]
struct ActionForm {
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
async fn update_action(
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
struct YearForm {
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
async fn say_year(
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

fn verdict(user: &CurrentUser, app: &App, thing: &Thing<'_>) -> Verdict {
    access::may_edit(Who::User(user), thing, app.clock.today())
}

fn allowed(verdict: &Verdict) -> Result<()> {
    if verdict.allowed() { Ok(()) } else { Err(Error::Forbidden(verdict.sentence())) }
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
