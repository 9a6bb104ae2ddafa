//! Finance: every line of every contract, on a page and as a file.

use std::collections::BTreeMap;

use axum::extract::{Query, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use sqlx::PgConnection;

use crate::accounts::CurrentUser;
use crate::accounts::model::Reach;
use crate::budget::finance::{Filter, Item, Printed, controls, items};
use crate::budget::views::finance::FinancePage;
use crate::budget::{export, store};
use crate::plans::store::{self as plans, Header};
use crate::printed;
use crate::web::{App, Error, Result};

/// The page shown, counted from 1. Anything unreadable is the first.
#[derive(Debug, Default, Deserialize)]
pub struct Shown {
    #[serde(default)]
    page: String,
}

/// Every contract and every line, for those who read every budget; the page is not there for the others.
async fn every_line(conn: &mut PgConnection, user: &CurrentUser) -> Result<(Vec<Header>, Vec<Item>)> {
    if !user.reads_every_budget() {
        return Err(Error::NotFound);
    }
    let headers = plans::list(conn, &Reach { everything: true, ..Reach::default() }).await?;
    let lines = store::asked_everywhere(conn).await?;
    let nodes = store::nodes_everywhere(conn).await?;
    let items = items(&headers, lines, nodes);
    Ok((headers, items))
}

/// `GET /finance`.
pub async fn page(
    user: CurrentUser,
    State(app): State<App>,
    Query(filter): Query<Filter>,
    Query(shown): Query<Shown>,
) -> Result<FinancePage> {
    let mut conn = app.conn().await?;
    let (headers, items) = every_line(&mut conn, &user).await?;
    let number = shown.page.parse().unwrap_or(1_usize).saturating_sub(1);
    let ids: Vec<i64> = headers.iter().map(|it| it.id).collect();
    let mut mentions = printed::store::of_plans(&mut conn, &ids).await?;
    let mut totals = store::totals_everywhere(&mut conn).await?;
    let printed: BTreeMap<String, Printed> = headers
        .iter()
        .map(|it| {
            let mentions = mentions.remove(&it.id).unwrap_or_default();
            (it.plan.code.to_string(), Printed { totals: totals.remove(&it.id), mentions })
        })
        .collect();
    Ok(FinancePage::new(&user, &items, &filter, number, controls(&items, &filter, &printed)))
}

/// `GET /finance.csv`: exactly what the same filter keeps on the page, on all of its pages.
pub async fn file(user: CurrentUser, State(app): State<App>, Query(filter): Query<Filter>) -> Result<Response> {
    let mut conn = app.conn().await?;
    let (_, items) = every_line(&mut conn, &user).await?;
    let kept: Vec<&Item> = items.iter().filter(|item| filter.keeps(item)).collect();
    let name = format!("attachment; filename=\"finance-{}.csv\"", app.clock.today());
    let headers = [(header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()), (header::CONTENT_DISPOSITION, name)];
    Ok((headers, export::csv(&kept)?).into_response())
}
