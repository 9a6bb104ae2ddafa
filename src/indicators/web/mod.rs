//! The fiche of an indicator, and what every page of figures shares: its lines, who may edit.

mod fiche;
pub mod save;

use sqlx::PgConnection;

use super::model::Origin;
use super::sheet::{self, Line};
use super::store::{self, KeptCell};
use crate::access::{self, Thing, Verdict, Who};
use crate::accounts::model::User;
use crate::kernel::clock::Clock;
use crate::plans::store::Header;
use crate::web::{Result, Routes};

/// The routes of this room.
pub fn router() -> Routes {
    Routes::new()
        .get("/plans/{code}/indicators/{number}", fiche::show)
        .post("/plans/{code}/indicators/{number}", fiche::save)
}

/// The lines of a plan, or of one of its indicators, with what the campaign of a year (the latest by default) expects.
pub async fn lines(
    conn: &mut PgConnection,
    header: &Header,
    indicator: Option<&str>,
    year: Option<i32>,
) -> Result<Vec<Line>> {
    let definitions = store::definitions(conn, header.id, indicator).await?;
    let filter = store::CellFilter { indicator, year, ..store::CellFilter::default() };
    let cells = store::cells(conn, header.id, filter).await?;
    Ok(sheet::lines(header.plan.first_year, header.plan.last_year, definitions, &cells))
}

/// May this person edit this cell now?
pub fn verdict(user: &User, header: &Header, line: &Line, kept: &KeptCell, clock: &Clock) -> Verdict {
    let thing = Thing::Cell {
        plan_id: header.id,
        structure_id: header.structure_id,
        indicator: line.indicator.code.as_str(),
        measure: line.measure.code.as_str(),
        by_pilotage: line.indicator.origin == Origin::Sapcg,
        asking: kept.asking,
        closed: header.closed,
    };
    access::may_edit(Who::User(user), &thing, clock.today())
}
