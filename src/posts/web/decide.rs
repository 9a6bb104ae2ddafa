//! What is said and decided of a post line.

use axum::extract::State;
use axum::response::Response;
use axum_extra::extract::Form;

use super::line::back;
use crate::accounts::CurrentUser;
use crate::arbitrages::entry::{DecisionTyped, OpinionTyped, WithdrawalTyped};
use crate::arbitrages::views::Backs;
use crate::arbitrages::web as deciding;
use crate::posts::views::line::{Back, Loaded};
use crate::web::extract::Path;
use crate::web::flash::{self, Done};
use crate::web::{App, Result};

/// `POST /plans/{code}/posts/{line}/arbitrages`
pub async fn decide(
    user: CurrentUser,
    State(app): State<App>,
    Path((code, line)): Path<(String, String)>,
    Form(typed): Form<DecisionTyped>,
) -> Result<Response> {
    let mut conn = app.conn().await?;
    let loaded = Loaded::load(&mut conn, &user, &app.clock, &code, &line).await?;
    let next = typed.next(&code, loaded.address());
    let Some(typed) = deciding::record(&mut conn, &app, &user, &loaded.case(), typed).await? else {
        return Ok(flash::redirect(&app.settings, Done::Decided, &next));
    };
    let conflict = typed.conflict;
    let shared = Backs { decision: Some(typed), ..Backs::default() };
    back(&mut conn, &user, &app, loaded, Back::Shared(Box::new(shared), conflict)).await
}

/// `POST /plans/{code}/posts/{line}/opinions`
pub async fn opine(
    user: CurrentUser,
    State(app): State<App>,
    Path((code, line)): Path<(String, String)>,
    Form(typed): Form<OpinionTyped>,
) -> Result<Response> {
    let mut conn = app.conn().await?;
    let loaded = Loaded::load(&mut conn, &user, &app.clock, &code, &line).await?;
    let Some(typed) = deciding::opine(&mut conn, &app, &user, &loaded.case(), typed).await? else {
        return Ok(flash::redirect(&app.settings, Done::OpinionGiven, &loaded.address()));
    };
    let conflict = typed.conflict;
    let shared = Backs { opinion: Some(typed), ..Backs::default() };
    back(&mut conn, &user, &app, loaded, Back::Shared(Box::new(shared), conflict)).await
}

/// `POST /plans/{code}/posts/{line}/withdrawal`
pub async fn withdraw(
    user: CurrentUser,
    State(app): State<App>,
    Path((code, line)): Path<(String, String)>,
    Form(typed): Form<WithdrawalTyped>,
) -> Result<Response> {
    let mut conn = app.conn().await?;
    let loaded = Loaded::load(&mut conn, &user, &app.clock, &code, &line).await?;
    let Some(typed) = deciding::withdraw(&mut conn, &app, &user, &loaded.case(), typed).await? else {
        return Ok(flash::redirect(&app.settings, Done::DemandWithdrawn, &loaded.address()));
    };
    let conflict = typed.conflict;
    let shared = Backs { withdrawal: Some(typed), ..Backs::default() };
    back(&mut conn, &user, &app, loaded, Back::Shared(Box::new(shared), conflict)).await
}
