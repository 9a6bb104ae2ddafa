//! The jalons of a plan, and one of them, now or on an earlier day.

use axum::extract::{Query, State};
use axum::response::{IntoResponse, Response};
use sqlx::PgConnection;

use super::Plan;
use crate::accounts::CurrentUser;
use crate::jalons::entry::Fields;
use crate::jalons::model::JALON_KIND;
use crate::jalons::views::jalon::{Attempt, JalonPage};
use crate::jalons::views::list::ListPage;
use crate::journal::store::{self as journal, Filter};
use crate::kernel::clock::Clock;
use crate::plans::past::Asked;
use crate::web::extract::Path;
use crate::web::{App, Result};

/// Most journal entries the page of a jalon shows; the journal has the rest.
const HISTORY_MAX: i64 = 100;

/// `GET /plans/{code}/jalons`; `?on=2025-09-12` shows the end of that day.
pub async fn all(
    user: CurrentUser,
    State(app): State<App>,
    Path(code): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response> {
    let mut conn = app.conn().await?;
    let plan = match Plan::look(&mut conn, &user, &code, &asked, "/jalons", &app.clock).await? {
        Ok(plan) => plan,
        Err(nothing) => return Ok(nothing),
    };
    let page = plan.page(&user, format!("Jalons · {}", plan.header.plan.name()));
    let calendar = plan.calendar(&app.clock);
    Ok(ListPage::new(page, &plan.header, &plan.jalons, &plan.reserves, &calendar, plan.on).into_response())
}

/// `GET /plans/{code}/jalons/{jalon}`; `?on=2025-09-12` shows the end of that day.
pub async fn one(
    user: CurrentUser,
    State(app): State<App>,
    Path((code, jalon)): Path<(String, String)>,
    Query(asked): Query<Asked>,
) -> Result<Response> {
    let mut conn = app.conn().await?;
    let end = format!("/jalons/{jalon}");
    match Plan::look(&mut conn, &user, &code, &asked, &end, &app.clock).await? {
        Ok(plan) => Ok(page(&mut conn, &user, &plan, &jalon, None, &app.clock).await?.into_response()),
        Err(nothing) => Ok(nothing),
    }
}

/// The page of a jalon, with what an act did not save.
pub async fn page(
    conn: &mut PgConnection,
    user: &CurrentUser,
    plan: &Plan,
    code: &str,
    attempt: Option<Attempt>,
    clock: &Clock,
) -> Result<JalonPage> {
    let kept = plan.find(code)?;
    let until = plan.past.as_ref().map(|past| past.at);
    let filter = Filter { kind: Some(JALON_KIND.into()), code: Some(code.into()), until, ..Filter::default() };
    let history = journal::entries(conn, plan.header.id, &filter, HISTORY_MAX).await?;
    let title = if attempt.is_some() { format!("Erreur : jalon {code}") } else { format!("Jalon {code}") };
    Ok(JalonPage::new(
        plan.page(user, title),
        &plan.header,
        &plan.jalons,
        &plan.reserves,
        kept,
        &history,
        &plan.verdict(user, kept, clock),
        attempt.unwrap_or_else(|| Attempt::none(Fields::of(&kept.jalon, kept.version))),
        &plan.calendar(clock),
        plan.on.clone(),
    )
    .amendable(plan.may_amend(user, clock)))
}
