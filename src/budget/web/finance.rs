//! Finance: every line of every contract, on a page and as a file.

use std::sync::Arc;

use axum::extract::{Query, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use sqlx::PgConnection;

use crate::accounts::CurrentUser;
use crate::accounts::model::Reach;
use crate::budget::finance::{Contract, Filter, Item, Place, Printed};
use crate::budget::views::finance::FinancePage;
use crate::budget::{export, store};
use crate::plans::store as plans;
use crate::printed;
use crate::web::{App, Error, Result};

/// The page shown, counted from 1. Anything unreadable is the first.
#[derive(Debug, Default, Deserialize)]
pub struct Shown {
    #[serde(default)]
    page: String,
}

/// What the memory keeps of a plan here.
const BUDGET: &str = "budget beside all others";

/// The budget of every contract, by structure, the latest contract first, for those who read every budget; the page is
/// not there for the others. Whatever was not written in since is remembered.
async fn contracts(conn: &mut PgConnection, app: &App, user: &CurrentUser) -> Result<Vec<Arc<Contract>>> {
    if !user.reads_every_budget() {
        return Err(Error::NotFound);
    }
    let headers = plans::list(conn, &Reach { everything: true, ..Reach::default() }).await?;
    let mut budgets =
        app.memory.recall::<Contract>(BUDGET, app.clock.today(), headers.iter().map(|header| header.mark));
    let missing = budgets.missing();
    if !missing.is_empty() {
        let mut lines = store::asked_of(conn, &missing).await?;
        let mut served = store::served(conn, &missing).await?;
        let mut mentions = printed::store::of_plans(conn, &missing).await?;
        let mut totals = store::totals_of(conn, &missing).await?;
        for header in headers.iter().filter(|header| missing.contains(&header.id)) {
            let id = header.id;
            let printed = Printed { totals: totals.remove(&id), mentions: mentions.remove(&id).unwrap_or_default() };
            let place = Place::of(header, served.remove(&id).unwrap_or_default());
            budgets.keep(id, Contract::new(place, lines.remove(&id).unwrap_or_default(), &printed));
        }
    }
    let mut budgets = budgets.all();
    Ok(headers.iter().filter_map(|header| budgets.remove(&header.id)).collect())
}

/// `GET /finance`: two statements, and five more for all the contracts of which something was written since they were
/// last shown.
pub async fn page(
    user: CurrentUser,
    State(app): State<App>,
    Query(filter): Query<Filter>,
    Query(shown): Query<Shown>,
) -> Result<FinancePage> {
    let mut conn = app.conn().await?;
    let contracts = contracts(&mut conn, &app, &user).await?;
    let number = shown.page.parse().unwrap_or(1_usize).saturating_sub(1);
    Ok(FinancePage::new(&user, &contracts, &filter, number))
}

/// `GET /finance.csv`: exactly what the same filter keeps on the page, on all of its pages.
pub async fn file(user: CurrentUser, State(app): State<App>, Query(filter): Query<Filter>) -> Result<Response> {
    let mut conn = app.conn().await?;
    let contracts = contracts(&mut conn, &app, &user).await?;
    let items = contracts.iter().flat_map(|contract| &contract.items);
    let kept: Vec<&Item> = items.filter(|item| filter.keeps(item)).collect();
    let name = format!("attachment; filename=\"finance-{}.csv\"", app.clock.today());
    let headers = [(header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()), (header::CONTENT_DISPOSITION, name)];
    Ok((headers, export::csv(&kept)?).into_response())
}
