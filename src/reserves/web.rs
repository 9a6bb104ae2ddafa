//! The pages of réserves, and the two acts of pilotage: settling one, reopening it.

use axum::Form;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use sqlx::{Connection, PgConnection};

use super::marks::Reserves;
use super::model::{RESERVE_KIND, Reserve};
use super::store::{self, Kept};
use super::views::{Attempt, ListPage, ListView, ReservePage};
use crate::access::{self, Thing, Verdict, Who};
use crate::accounts::CurrentUser;
use crate::accounts::model::User;
use crate::journal::model::Change;
use crate::journal::store::{self as journal, Filter};
use crate::kernel::canonical::Canonical;
use crate::kernel::typed::plain;
use crate::plans::readable_plan;
use crate::plans::store::{self as plans, Header, Past};
use crate::plans::views::{PlanPage, within_plan};
use crate::web::extract::Path;
use crate::web::flash::{self, Done};
use crate::web::page::Page;
use crate::web::{App, Error, Result, Routes};

/// Most journal entries the page of a réserve shows; the journal has the rest.
const HISTORY_MAX: i64 = 100;

/// The routes of this room.
pub fn router() -> Routes {
    Routes::new()
        .get("/plans/{code}/reserves", list)
        .get("/plans/{code}/reserves/{reserve}", show)
        .post("/plans/{code}/reserves/{reserve}/settlement", settle)
        .post("/plans/{code}/reserves/{reserve}/reopening", reopen)
}

/// Those of a plan on an earlier day, as this person sees them; [`RESERVE_KIND`] is among what was asked for.
pub fn of_past(user: &User, past: &Past) -> sqlx::Result<Reserves> {
    let all = past.things(RESERVE_KIND)?.into_iter().map(Kept::of).collect();
    Ok(Reserves::of(&past.header, user, all))
}

/// The réserves of a plan as this person sees them, in one statement: what a page shows beside its figures.
pub async fn of_plan(conn: &mut PgConnection, user: &User, header: &Header) -> sqlx::Result<Reserves> {
    Ok(Reserves::of(header, user, store::of_plan(conn, header.id).await?))
}

/// A réserve at its address. What this person does not see is not there.
struct Found {
    header: Header,
    kept: Kept,
    year: Option<i32>,
}

async fn frame(conn: &mut PgConnection, user: &User, header: &Header) -> sqlx::Result<Option<i32>> {
    if access::enters(user, header.id, header.structure_id) {
        plans::campaign_year(conn, header.id).await
    } else {
        Ok(None)
    }
}

fn page(user: &CurrentUser, header: &Header, year: Option<i32>, title: String) -> Page {
    let code = header.plan.code.as_str();
    within_plan(user.page(title, ""), user, header.structure_id, code, year, PlanPage::Contract)
}

fn verdict(user: &User, app: &App) -> Verdict {
    access::may_edit(Who::User(user), &Thing::Reserve, app.clock.today())
}

impl Found {
    async fn load(conn: &mut PgConnection, user: &CurrentUser, code: &str, reserve: &str) -> Result<Self> {
        let header = readable_plan(conn, user, code).await?;
        let reserves = of_plan(conn, user, &header).await?;
        let found = reserves.seen().iter().find(|kept| kept.reserve.code.as_str() == reserve);
        let kept = found.ok_or(Error::NotFound)?.clone();
        let year = frame(conn, user, &header).await?;
        Ok(Self { header, kept, year })
    }

    async fn page(
        &self,
        conn: &mut PgConnection,
        user: &CurrentUser,
        app: &App,
        attempt: Attempt,
    ) -> Result<ReservePage> {
        let code = self.kept.reserve.code.as_str();
        let filter = Filter { kind: Some(RESERVE_KIND.into()), code: Some(code.into()), ..Filter::default() };
        let history = journal::entries(conn, self.header.id, &filter, HISTORY_MAX).await?;
        let wrong = !attempt.refused.is_empty() || attempt.conflict;
        let title = if wrong { format!("Erreur : réserve {code}") } else { format!("Réserve {code}") };
        let page = page(user, &self.header, self.year, title);
        Ok(ReservePage::new(page, &self.header, &self.kept, &history, &verdict(user, app), attempt))
    }
}

/// `GET /plans/{code}/reserves`
async fn list(user: CurrentUser, State(app): State<App>, Path(code): Path<String>) -> Result<ListPage> {
    let mut conn = app.conn().await?;
    let header = readable_plan(&mut conn, &user, &code).await?;
    let reserves = of_plan(&mut conn, &user, &header).await?;
    let year = frame(&mut conn, &user, &header).await?;
    Ok(ListPage {
        page: page(&user, &header, year, format!("Réserves de lecture · {}", header.plan.name())),
        plan_name: header.plan.name(),
        reserves: ListView::new(&code, &reserves),
        plan: code,
    })
}

type Place = Path<(String, String)>;

/// `GET /plans/{code}/reserves/{reserve}`
async fn show(user: CurrentUser, State(app): State<App>, Path((code, reserve)): Place) -> Result<ReservePage> {
    let mut conn = app.conn().await?;
    let found = Found::load(&mut conn, &user, &code, &reserve).await?;
    found.page(&mut conn, &user, &app, Attempt::default()).await
}

/// What the two forms post; each posts its own fields.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Posted {
    /// Every form carries it; one without is judged by its content, and never written.
    version: Option<i32>,
    reading: String,
    reason: String,
}

#[derive(Clone, Copy)]
enum Act {
    Settlement,
    Reopening,
}

/// `POST /plans/{code}/reserves/{reserve}/settlement`
async fn settle(user: CurrentUser, State(app): State<App>, place: Place, form: Form<Posted>) -> Result<Response> {
    act(Act::Settlement, &user, &app, place, form).await
}

/// `POST /plans/{code}/reserves/{reserve}/reopening`
async fn reopen(user: CurrentUser, State(app): State<App>, place: Place, form: Form<Posted>) -> Result<Response> {
    act(Act::Reopening, &user, &app, place, form).await
}

async fn act(
    act: Act,
    user: &CurrentUser,
    app: &App,
    Path((code, number)): Place,
    Form(posted): Form<Posted>,
) -> Result<Response> {
    let mut conn = app.conn().await?;
    let found = Found::load(&mut conn, user, &code, &number).await?;
    let verdict = verdict(user, app);
    if !verdict.allowed() {
        return Err(Error::Forbidden(verdict.sentence()));
    }
    let reason = plain(&posted.reason);
    let typed = Attempt { reading: posted.reading, reason, ..Attempt::default() };
    // What was shown is no more: it is told as such, rather than judged by rules for another state.
    if posted.version.is_some_and(|version| version != found.kept.version) {
        return conflict(&mut conn, user, app, &found, typed).await;
    }
    let reserve = &found.kept.reserve;
    let moved = match act {
        Act::Settlement => reserve.settle(&typed.reading, &typed.reason, app.clock.today(), &user.function),
        Act::Reopening => reserve.reopen(&typed.reason),
    };
    let moved = match moved {
        Ok(moved) => moved,
        Err(refused) => {
            let page = found.page(&mut conn, user, app, Attempt { refused, ..typed }).await?;
            return Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response());
        }
    };
    if posted.version.is_some() && save(&mut conn, user, app, &found, &moved, &typed.reason).await? {
        let done = match act {
            Act::Settlement => Done::ReserveSettled,
            Act::Reopening => Done::ReserveReopened,
        };
        return Ok(flash::redirect(&app.settings, done, &format!("/plans/{code}/reserves/{number}")));
    }
    let found = Found::load(&mut conn, user, &code, &number).await?;
    conflict(&mut conn, user, app, &found, typed).await
}

/// Somebody else was first: the réserve as it is now, and what was typed over that version.
async fn conflict(
    conn: &mut PgConnection,
    user: &CurrentUser,
    app: &App,
    found: &Found,
    typed: Attempt,
) -> Result<Response> {
    let page = found.page(conn, user, app, Attempt { conflict: true, ..typed }).await?;
    Ok((StatusCode::CONFLICT, page).into_response())
}

/// Writes the réserve and its journal entry together; `false` when another version is there.
async fn save(
    conn: &mut PgConnection,
    user: &CurrentUser,
    app: &App,
    found: &Found,
    moved: &Reserve,
    reason: &str,
) -> Result<bool> {
    let mut tx = conn.begin().await?;
    let Some(version) = store::save(&mut tx, found.header.id, moved, found.kept.version).await? else {
        return Ok(false);
    };
    let entry = Change {
        plan_id: Some(found.header.id),
        kind: RESERVE_KIND,
        code: moved.code.as_str(),
        version,
        before: Some(found.kept.reserve.write()),
        after: Some(moved.write()),
        position: Some(found.kept.position),
    };
    let mut act = user.act(app.clock.now());
    act.reason = Some(reason.to_owned());
    journal::append(&mut tx, &act, entry).await?;
    tx.commit().await?;
    Ok(true)
}
