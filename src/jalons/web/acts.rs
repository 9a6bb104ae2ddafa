//! The four acts: reached, given up, put off, begun. Each loads, decides, saves with its journal entry, and shows.

use axum::Form;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use sqlx::{Connection, PgConnection};

use super::{Plan, show};
use crate::access;
use crate::accounts::CurrentUser;
use crate::jalons::entry::{Act, Fields, apply};
use crate::jalons::model::{JALON_KIND, Jalon};
use crate::jalons::store::{self, Kept};
use crate::jalons::views::jalon::Attempt;
use crate::journal::model::Change;
use crate::journal::store as journal;
use crate::kernel::canonical::Canonical;
use crate::web::extract::Path;
use crate::web::flash::{self, Done};
use crate::web::{App, Error, Result};

/// What the forms post; each posts its own fields.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Posted {
    version: i32,
    state: String,
    comment: String,
    reached_on: String,
    evidence: String,
    postponed_to: String,
    reason: String,
}

type Place = Path<(String, String)>;

/// `POST /plans/{code}/jalons/{jalon}/closure`
pub async fn close(user: CurrentUser, State(app): State<App>, place: Place, form: Form<Posted>) -> Result<Response> {
    act(Act::Closure, &user, &app, place, form).await
}

/// `POST /plans/{code}/jalons/{jalon}/abandonment`
pub async fn abandon(user: CurrentUser, State(app): State<App>, place: Place, form: Form<Posted>) -> Result<Response> {
    act(Act::Abandonment, &user, &app, place, form).await
}

/// `POST /plans/{code}/jalons/{jalon}/postponement`
pub async fn postpone(user: CurrentUser, State(app): State<App>, place: Place, form: Form<Posted>) -> Result<Response> {
    act(Act::Postponement, &user, &app, place, form).await
}

/// `POST /plans/{code}/jalons/{jalon}/progress`
pub async fn progress(user: CurrentUser, State(app): State<App>, place: Place, form: Form<Posted>) -> Result<Response> {
    act(Act::Progress, &user, &app, place, form).await
}

async fn act(
    act: Act,
    user: &CurrentUser,
    app: &App,
    Path((code, number)): Place,
    Form(posted): Form<Posted>,
) -> Result<Response> {
    let mut conn = app.conn().await?;
    let mut tx = conn.begin().await?;
    access::store::hold(&mut tx, &code).await?;
    let plan = Plan::load(&mut tx, user, &code, &app.clock).await?;
    let kept = plan.find(&number)?;
    let verdict = plan.verdict(user, kept, &app.clock);
    if !verdict.allowed() {
        return Err(Error::Forbidden(verdict.sentence()));
    }
    let Posted { version, state, comment, reached_on, evidence, postponed_to, reason } = posted;
    let shown = Fields::of(&kept.jalon, version);
    let typed = match act {
        Act::Progress => Fields { state, comment, ..shown },
        Act::Closure => Fields { reached_on, evidence, ..shown },
        Act::Postponement => Fields { postponed_to, reason, ..shown },
        Act::Abandonment => Fields { reason, ..shown },
    };
    let moved = match apply(act, &typed, &kept.jalon, &plan.header.plan, &plan.calendar(&app.clock)) {
        Ok(moved) => moved,
        Err(refused) => {
            let attempt = Attempt::refused(act, typed, refused);
            let page = show::page(&mut tx, user, &plan, &number, Some(attempt), &app.clock).await?;
            return Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response());
        }
    };
    // The same thing said again changes nothing, nor does it make an invented state one's own.
    let unchanged = Jalon { provenance: kept.jalon.provenance.clone(), ..moved.clone() } == kept.jalon;
    let saved = unchanged || (version == kept.version && save(&mut tx, user, app, &plan, kept, &moved).await?);
    if saved {
        tx.commit().await?;
        let done = match act {
            Act::Closure => Done::JalonReached,
            Act::Abandonment => Done::JalonAbandoned,
            Act::Postponement => Done::JalonPostponed,
            Act::Progress => Done::JalonProgressed,
        };
        return Ok(flash::redirect(&app.settings, done, &format!("/plans/{code}/jalons/{number}")));
    }
    // Somebody else said something meanwhile: it is shown, and what was typed waits above it, over that version.
    let plan = Plan::load(&mut tx, user, &code, &app.clock).await?;
    let typed = Fields { version: plan.find(&number)?.version, ..typed };
    let page = show::page(&mut tx, user, &plan, &number, Some(Attempt::conflict(act, typed)), &app.clock).await?;
    Ok((StatusCode::CONFLICT, page).into_response())
}

/// Writes the jalon, its journal entry and what follows an edit; `false` when another version is there.
async fn save(
    conn: &mut PgConnection,
    user: &CurrentUser,
    app: &App,
    plan: &Plan,
    kept: &Kept,
    moved: &Jalon,
) -> Result<bool> {
    let Some(version) = store::save(conn, plan.header.id, moved, kept.version).await? else {
        return Ok(false);
    };
    let entry = Change {
        plan_id: Some(plan.header.id),
        kind: JALON_KIND,
        code: moved.code.as_str(),
        version,
        before: Some(kept.jalon.write()),
        after: Some(moved.write()),
        position: Some(kept.position),
    };
    let act = user.act(app.clock.now());
    journal::append(conn, &act, entry).await?;
    access::store::edited(conn, user, &act, plan.header.id, plan.header.structure_id).await?;
    Ok(true)
}
