//! What is said and decided of a budget line: avis, dated decisions, the only way its grant changes.

use axum::extract::State;
use axum::response::Response;
use axum_extra::extract::Form;

use crate::accounts::CurrentUser;
use crate::arbitrages::entry::{DecisionTyped, OpinionTyped, WithdrawalTyped};
use crate::arbitrages::views::Backs;
use crate::arbitrages::web as deciding;
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
    let next = typed.next(&code, found.address());
    let Some(back) = deciding::record(&mut conn, &app, &user, &found.case(), typed).await? else {
        return Ok(flash::redirect(&app.settings, Done::Decided, &next));
    };
    let conflict = back.conflict;
    let back = Back { shared: Backs { decision: Some(back), ..Backs::default() }, ..Back::default() };
    found.returned(&mut conn, &user, &app, conflict, back).await
}

/// `POST /plans/{code}/budget/{line}/opinions`.
pub async fn opine(
    user: CurrentUser,
    State(app): State<App>,
    Path((code, line)): Path<(String, String)>,
    Form(typed): Form<OpinionTyped>,
) -> Result<Response> {
    let mut conn = app.conn().await?;
    let found = Line::load(&mut conn, &user, &code, &line).await?;
    let Some(back) = deciding::opine(&mut conn, &app, &user, &found.case(), typed).await? else {
        return Ok(flash::redirect(&app.settings, Done::OpinionGiven, &found.address()));
    };
    let conflict = back.conflict;
    let back = Back { shared: Backs { opinion: Some(back), ..Backs::default() }, ..Back::default() };
    found.returned(&mut conn, &user, &app, conflict, back).await
}

/// `POST /plans/{code}/budget/{line}/withdrawal`.
pub async fn withdraw(
    user: CurrentUser,
    State(app): State<App>,
    Path((code, line)): Path<(String, String)>,
    Form(typed): Form<WithdrawalTyped>,
) -> Result<Response> {
    let mut conn = app.conn().await?;
    let found = Line::load(&mut conn, &user, &code, &line).await?;
    let Some(back) = deciding::withdraw(&mut conn, &app, &user, &found.case(), typed).await? else {
        return Ok(flash::redirect(&app.settings, Done::DemandWithdrawn, &found.address()));
    };
    let conflict = back.conflict;
    let back = Back { shared: Backs { withdrawal: Some(back), ..Backs::default() }, ..Back::default() };
    found.returned(&mut conn, &user, &app, conflict, back).await
}
