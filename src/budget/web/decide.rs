//! A dated decision on a budget line: the only way its grant changes.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum_extra::extract::Form;
use sqlx::Connection;

use super::allowed;
use super::line::Line;
use crate::access::{self, BudgetAct};
use crate::accounts::CurrentUser;
use crate::arbitrages::model::ARBITRAGE_KIND;
use crate::arbitrages::store as arbitrages;
use crate::budget::entry::{DecisionRefused, DecisionTyped, read_decision};
use crate::budget::views::line::Back;
use crate::journal::model::Change;
use crate::journal::store as journal;
use crate::kernel::canonical::Canonical;
use crate::web::extract::Path;
use crate::web::flash::{self, Done};
use crate::web::{App, Result};

/// `POST /plans/{code}/budget/{line}/arbitrages`.
pub async fn decide(
    user: CurrentUser,
    State(app): State<App>,
    Path((code, line)): Path<(String, String)>,
    Form(typed): Form<DecisionTyped>,
) -> Result<Response> {
    let mut conn = app.conn().await?;
    let found = Line::load(&mut conn, &user, &code, &line).await?;
    allowed(&user, found.header.closed, BudgetAct::Decide, &app)?;
    let decision = match read_decision(&typed, &found.asked, &found.around.conditions, app.clock.today()) {
        Ok(decision) => decision,
        Err(refused) => {
            let back = Back { decision: Some((typed, *refused)), ..Back::default() };
            let page = found.page(&mut conn, &user, &app, back).await?;
            return Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response());
        }
    };
    let seen = typed.rank.parse() == Ok(decision.rank);
    let mut tx = conn.begin().await?;
    allowed(&user, access::store::hold(&mut tx, &code).await?, BudgetAct::Decide, &app)?;
    let version = if seen { arbitrages::append_arbitrage(&mut tx, found.header.id, &decision).await? } else { None };
    let Some(version) = version else {
        drop(tx);
        // Read again: the decision that came in between is on the page, beside what was typed.
        let found = Line::load(&mut conn, &user, &code, &line).await?;
        let back = Back { decision: Some((typed, DecisionRefused::default())), conflict: true, ..Back::default() };
        let page = found.page(&mut conn, &user, &app, back).await?;
        return Ok((StatusCode::CONFLICT, page).into_response());
    };
    let mut act = user.act(app.clock.now());
    act.reason.clone_from(&decision.reason);
    let entry = Change {
        plan_id: Some(found.header.id),
        kind: ARBITRAGE_KIND,
        code: &decision.key(),
        version,
        before: None,
        after: Some(decision.write()),
        position: None,
    };
    journal::append(&mut tx, &act, entry).await?;
    tx.commit().await?;
    Ok(flash::redirect(&app.settings, Done::Decided, &found.address()))
}
