//! The pages of a contract's budget and the finance page.

mod decide;
mod demand;
mod finance;
mod line;
mod schedule;
mod show;

use sqlx::PgConnection;

use crate::access::{self, Thing, Verdict, Who};
use crate::accounts::model::User;
use crate::plans::store::{self as plans, Header};
use crate::web::{App, Error, Result, Routes};

/// The room's routes.
pub fn router() -> Routes {
    Routes::new()
        .get("/plans/{code}/budget", show::budget)
        .get("/plans/{code}/budget/{line}", line::show)
        .post("/plans/{code}/budget/{line}/arbitrages", decide::decide)
        .post("/plans/{code}/budget/{line}/opinions", decide::opine)
        .post("/plans/{code}/budget/{line}/amendments", demand::amend)
        .post("/plans/{code}/budget/{line}/withdrawal", decide::withdraw)
        .post("/plans/{code}/budget/{line}/costings", demand::cost)
        .get("/plans/{code}/demands/budget", demand::form)
        .post("/plans/{code}/demands/budget", demand::add)
        .post("/plans/{code}/budget/{line}/schedule", schedule::schedule)
        .get("/finance", finance::page)
        .get("/finance.csv", finance::file)
}

/// The plan of an address, for someone who reads its budget; 404 otherwise.
async fn readable_budget(conn: &mut PgConnection, user: &User, code: &str) -> Result<Header> {
    let header = plans::seen(conn, code, &user.reach()).await?.ok_or(Error::NotFound)?;
    if user.reads_budget(header.structure_id) { Ok(header) } else { Err(Error::NotFound) }
}

/// May this person schedule or cost a line now?
fn verdict(user: &User, closed: Option<i32>, app: &App) -> Verdict {
    access::may_edit(Who::User(user), &Thing::BudgetLine { closed }, app.clock.today())
}

/// 403 with the reason when they may not.
fn allowed(user: &User, closed: Option<i32>, app: &App) -> Result<()> {
    match verdict(user, closed, app) {
        Verdict::Allowed { .. } => Ok(()),
        refused @ Verdict::Refused { .. } => Err(Error::Forbidden(refused.sentence())),
    }
}
