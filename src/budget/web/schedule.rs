//! Accordé, ouvert and exécuté of a year, kept by finance.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum_extra::extract::Form;
use sqlx::Connection;

use super::allowed;
use crate::access;
use crate::accounts::CurrentUser;
use crate::budget::entry::{ScheduleRefused, ScheduleTyped, read_schedule};
use crate::budget::model::BUDGET_KIND;
use crate::budget::store;
use crate::budget::views::line::{Back, Line};
use crate::journal::model::Change;
use crate::journal::store as journal;
use crate::kernel::canonical::Canonical;
use crate::web::extract::Path;
use crate::web::flash::{self, Done};
use crate::web::{App, Result};

/// `POST /plans/{code}/budget/{line}/schedule`.
pub async fn schedule(
    user: CurrentUser,
    State(app): State<App>,
    Path((code, line)): Path<(String, String)>,
    Form(typed): Form<ScheduleTyped>,
) -> Result<Response> {
    let mut conn = app.conn().await?;
    let found = Line::load(&mut conn, &user, &code, &line).await?;
    allowed(&user, found.header.closed, &app)?;
    let (plan, before) = (&found.header.plan, &found.asked.original);
    let after = match read_schedule(&typed, before, plan.first_year..=plan.last_year, app.clock.today()) {
        Ok(after) => after,
        Err(refused) => {
            let back = Back { schedule: Some((typed, refused)), ..Back::default() };
            let page = found.page(&mut conn, &user, &app, back).await?;
            return Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response());
        }
    };
    // A version that does not read is one that nobody saw.
    let base = typed.version.parse().unwrap_or(0);
    let mut tx = conn.begin().await?;
    allowed(&user, access::store::hold(&mut tx, &code).await?, &app)?;
    let Some((version, position)) = store::save_schedule(&mut tx, found.header.id, &after, base).await? else {
        drop(tx);
        let found = Line::load(&mut conn, &user, &code, &line).await?;
        let back = Back { schedule: Some((typed, ScheduleRefused::default())), conflict: true, ..Back::default() };
        let page = found.page(&mut conn, &user, &app, back).await?;
        return Ok((StatusCode::CONFLICT, page).into_response());
    };
    let entry = Change {
        plan_id: Some(found.header.id),
        kind: BUDGET_KIND,
        code: before.code.as_str(),
        version,
        before: Some(before.write()),
        after: Some(after.write()),
        position: Some(position),
    };
    journal::append(&mut tx, &user.act(app.clock.now()), entry).await?;
    tx.commit().await?;
    Ok(flash::redirect(&app.settings, Done::Scheduled, &found.address()))
}
