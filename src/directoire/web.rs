//! Directoire, the page.

use std::cmp::Reverse;
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use axum::extract::{Query, State};
use chrono::NaiveDate;
use sqlx::PgConnection;

use super::model::{Board, Content, Contract, Digest, Filter};
use super::views::DirectoirePage;
use crate::accounts::CurrentUser;
use crate::accounts::model::Reach;
use crate::budget::store as budget;
use crate::dialogue;
use crate::indicators::sheet;
use crate::indicators::store as indicators;
use crate::jalons::model::Calendar;
use crate::jalons::store as jalons;
use crate::plans::model::FrameworkRow;
use crate::plans::store::{self as plans, Header};
use crate::reserves::{Dates, store as reserves};
use crate::web::{App, Error, Result, Routes};

/// The room's routes.
pub fn router() -> Routes {
    Routes::new().get("/directoire", show)
}

/// `GET /directoire`: three statements, and seven more for all the contracts of which something was written since they
/// were last shown.
async fn show(user: CurrentUser, State(app): State<App>, Query(filter): Query<Filter>) -> Result<DirectoirePage> {
    if !user.reads_every_dialogue() {
        return Err(Error::NotFound);
    }
    let mut conn = app.conn().await?;
    let today = app.clock.today();
    let headers = plans::list(&mut conn, &Reach { everything: true, ..Reach::default() }).await?;
    let framework = plans::framework(&mut conn).await?;
    let parts = dialogue::parts(&mut conn, &app, &headers).await?;
    let mut digests = digests(&mut conn, &app, &headers, &framework).await?;
    let year = filter.year();
    // The latest comes first.
    let part = |id: i64| parts.get(&id)?.iter().find(|part| year.is_none_or(|year| part.year == year));
    let contracts: Vec<Contract> = headers
        .into_iter()
        .filter_map(|header| {
            Some(Contract { part: part(header.id).cloned(), digest: digests.remove(&header.id)?, header })
        })
        .collect();
    let years: BTreeSet<Reverse<i32>> =
        parts.values().flat_map(|parts| parts.iter()).map(|part| Reverse(part.year)).collect();
    let years: Vec<i32> = years.into_iter().map(|Reverse(year)| year).collect();
    let board = Board::new(&contracts, &framework, &filter, today);
    Ok(DirectoirePage::new(&user, &board, &filter, &years, today))
}

/// What the memory keeps of a plan here.
const DIGEST: &str = "digest of the board";

/// What is shown of each contract.
async fn digests(
    conn: &mut PgConnection,
    app: &App,
    headers: &[Header],
    framework: &[FrameworkRow],
) -> Result<HashMap<i64, Arc<Digest>>> {
    let today = app.clock.today();
    let mut digests = app.memory.recall::<Digest>(DIGEST, today, headers.iter().map(|header| header.mark));
    let missing = digests.missing();
    if !missing.is_empty() {
        let unknown: Vec<&Header> = headers.iter().filter(|header| missing.contains(&header.id)).collect();
        for (id, content) in contents(conn, &unknown, today).await? {
            digests.keep(id, Digest::of(&content, framework));
        }
    }
    Ok(digests.all())
}

/// These contracts whole, each kind of thing in one statement for all of them.
async fn contents(conn: &mut PgConnection, headers: &[&Header], today: NaiveDate) -> Result<Vec<(i64, Content)>> {
    let ids: Vec<i64> = headers.iter().map(|header| header.id).collect();
    let mut outlines = plans::outlines(conn, &ids).await?;
    let mut definitions = indicators::definitions_of(conn, &ids, None).await?;
    let mut answers = indicators::answers(conn, &ids).await?;
    let mut asked = budget::asked_of(conn, &ids).await?;
    let mut reserves = reserves::of_plans(conn, &ids).await?;
    let content = |header: &&Header| {
        let outline = outlines.remove(&header.id).unwrap_or_default();
        let reserves = reserves.remove(&header.id).unwrap_or_default();
        let content = Content {
            calendar: Calendar::new(today, Dates::of(reserves.iter().map(|kept| &kept.reserve))),
            lines: sheet::lines(
                header.plan.first_year,
                header.plan.last_year,
                definitions.remove(&header.id).unwrap_or_default(),
                &answers.remove(&header.id).unwrap_or_default(),
            ),
            jalons: jalons::of_outline(&outline)?,
            nodes: outline.nodes,
            asked: asked.remove(&header.id).unwrap_or_default(),
        };
        Ok((header.id, content))
    };
    headers.iter().map(content).collect()
}
