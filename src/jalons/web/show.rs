//! The jalons of a plan, and one of them.

use axum::extract::State;
use sqlx::PgConnection;

use super::Plan;
use crate::accounts::CurrentUser;
use crate::jalons::entry::Fields;
use crate::jalons::model::JALON_KIND;
use crate::jalons::views::jalon::{Attempt, JalonPage};
use crate::jalons::views::list::ListPage;
use crate::journal::store::{self as journal, Filter};
use crate::kernel::clock::Clock;
use crate::web::extract::Path;
use crate::web::{App, Result};

/// Most journal entries the page of a jalon shows; the journal has the rest.
const HISTORY_MAX: i64 = 100;

/// `GET /plans/{code}/jalons`
pub async fn all(user: CurrentUser, State(app): State<App>, Path(code): Path<String>) -> Result<ListPage> {
    let mut conn = app.conn().await?;
    let plan = Plan::load(&mut conn, &user, &code).await?;
    let page = plan.page(&user, format!("Jalons · {}", plan.header.plan.name()));
    Ok(ListPage::new(page, &plan.header, &plan.jalons, &plan.reserves, &plan.calendar(&app.clock)))
}

/// `GET /plans/{code}/jalons/{jalon}`
pub async fn one(
    user: CurrentUser,
    State(app): State<App>,
    Path((code, jalon)): Path<(String, String)>,
) -> Result<JalonPage> {
    let mut conn = app.conn().await?;
    let plan = Plan::load(&mut conn, &user, &code).await?;
    page(&mut conn, &user, &plan, &jalon, None, &app.clock).await
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
    let filter = Filter { kind: Some(JALON_KIND.into()), code: Some(code.into()), ..Filter::default() };
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
    )
    .amendable(plan.may_amend(user, clock)))
}
