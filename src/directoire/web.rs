//! Directoire, the page.

use axum::extract::{Query, State};
use chrono::NaiveDate;
use sqlx::PgConnection;

use super::model::{Board, Contract, Filter};
use super::views::DirectoirePage;
use crate::accounts::CurrentUser;
use crate::accounts::model::Reach;
use crate::budget::store as budget;
use crate::dialogue::store as dialogues;
use crate::indicators::sheet;
use crate::indicators::store as indicators;
use crate::jalons::model::Calendar;
use crate::jalons::store as jalons;
use crate::plans::store as plans;
use crate::reserves::{Dates, store as reserves};
use crate::web::{App, Error, Result, Routes};

/// The room's routes.
pub fn router() -> Routes {
    Routes::new().get("/directoire", show)
}

/// `GET /directoire`: ten statements, whatever the number of contracts.
async fn show(user: CurrentUser, State(app): State<App>, Query(filter): Query<Filter>) -> Result<DirectoirePage> {
    if !user.reads_every_dialogue() {
        return Err(Error::NotFound);
    }
    let mut conn = app.conn().await?;
    let today = app.clock.today();
    let (contracts, years) = contracts(&mut conn, filter.year(), today).await?;
    let framework = plans::framework(&mut conn).await?;
    let board = Board::new(&contracts, &framework, &filter, today);
    Ok(DirectoirePage::new(&user, &board, &filter, &years, today))
}

/// Every contract whole, each kind of thing in one statement for all of them; and the years of the campaigns, the
/// latest first.
async fn contracts(conn: &mut PgConnection, year: Option<i32>, today: NaiveDate) -> Result<(Vec<Contract>, Vec<i32>)> {
    let headers = plans::list(conn, &Reach { everything: true, ..Reach::default() }).await?;
    let ids: Vec<i64> = headers.iter().map(|header| header.id).collect();
    let parts = dialogues::all_parts(conn, &ids).await?;
    let mut years: Vec<i32> = parts.iter().map(|part| part.year).collect();
    years.dedup();
    let mut outlines = plans::outlines(conn, &ids).await?;
    let mut definitions = indicators::definitions_of(conn, &ids, None).await?;
    let mut answers = indicators::answers(conn, &ids).await?;
    let mut lines = budget::asked_everywhere(conn).await?;
    let mut reserves = reserves::of_plans(conn, &ids).await?;
    let contracts: Result<Vec<Contract>> = headers
        .into_iter()
        .map(|header| {
            let outline = outlines.remove(&header.id).unwrap_or_default();
            let (first_year, last_year) = (header.plan.first_year, header.plan.last_year);
            Ok(Contract {
                // The latest comes first.
                part: parts
                    .iter()
                    .find(|part| part.plan_id == header.id && year.is_none_or(|year| part.year == year))
                    .cloned(),
                calendar: Calendar::new(
                    today,
                    Dates::of(reserves.remove(&header.id).unwrap_or_default().iter().map(|kept| &kept.reserve)),
                ),
                lines: sheet::lines(
                    first_year,
                    last_year,
                    definitions.remove(&header.id).unwrap_or_default(),
                    &answers.remove(&header.id).unwrap_or_default(),
                ),
                jalons: jalons::of_outline(&outline)?,
                nodes: outline.nodes,
                asked: lines
                    .extract_if(.., |(plan, _)| plan == header.plan.code.as_str())
                    .map(|(_, asked)| asked)
                    .collect(),
                header,
            })
        })
        .collect();
    Ok((contracts?, years))
}
