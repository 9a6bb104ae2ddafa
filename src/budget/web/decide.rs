//! A dated decision on a budget line: the only way its grant changes.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum_extra::extract::Form;

use crate::accounts::CurrentUser;
use crate::arbitrages::entry::DecisionTyped;
use crate::arbitrages::web::record;
use crate::budget::views::line::{Back, Line};
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
    let Some(back) = record(&mut conn, &app, &user, found.header.id, &found.matter(), typed).await? else {
        return Ok(flash::redirect(&app.settings, Done::Decided, &found.address()));
    };
    // In conflict, the decision that came in between is on the page, beside what was typed.
    let found = if back.conflict { Line::load(&mut conn, &user, &code, &line).await? } else { found };
    let status = back.status();
    let page = found.page(&mut conn, &user, &app, Back { decision: Some(back), ..Back::default() }).await?;
    Ok((status, page).into_response())
}
