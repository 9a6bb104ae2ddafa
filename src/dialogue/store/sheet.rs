//! What a campaign reads of a plan: its definitions, targets and tree as the opening snapshot kept them, over the
//! figures of today. Later edits of a definition serve the next campaign (docs/regles.md §9).

use rust_decimal::Decimal;
use sqlx::PgConnection;

use super::part::Part;
use crate::db::sound;
use crate::document::model::Extract;
use crate::indicators::sheet::{Line, lines};
use crate::indicators::store::{self as indicators, CellFilter, Definitions, KeptCell};
use crate::plans::model::Node;

/// A plan as one of its dialogues sees it.
#[derive(Debug, Clone)]
pub struct Sheet {
    /// Its tree.
    pub nodes: Vec<Node>,
    /// Its measures, with their cells; those that the dialogue expects have a due day.
    pub lines: Vec<Line>,
    /// Deviation that asks for an explanation, in percent of the way to go.
    pub threshold: Decimal,
}

/// The definitions that a dialogue reads.
pub async fn opening(conn: &mut PgConnection, dialogue_id: i64) -> sqlx::Result<Extract> {
    let bytes = sqlx::query_scalar!(
        "SELECT document FROM snapshot WHERE dialogue_id = $1 AND occasion = 'ouverture' ORDER BY id LIMIT 1",
        dialogue_id
    )
    .fetch_one(conn)
    .await?;
    sound("snapshot.document", Extract::parse(&bytes))
}

impl Sheet {
    /// The definitions of an opening over figures.
    pub fn of(opening: Extract, part: &Part, cells: &[KeptCell]) -> Self {
        let Extract { plan, nodes, indicators, measures, targets } = opening;
        Self {
            nodes,
            lines: lines(plan.first_year, plan.last_year, Definitions { indicators, measures, targets }, cells),
            threshold: part.threshold.unwrap_or(plan.deviation_threshold),
        }
    }
}

/// A plan as a dialogue sees it, in two statements.
pub async fn sheet(conn: &mut PgConnection, part: &Part) -> sqlx::Result<Sheet> {
    let opening = opening(conn, part.dialogue_id).await?;
    filled(conn, opening, part).await
}

/// The definitions of an opening over the figures of today.
pub async fn filled(conn: &mut PgConnection, opening: Extract, part: &Part) -> sqlx::Result<Sheet> {
    let filter = CellFilter { year: Some(part.year), ..CellFilter::default() };
    let cells = indicators::cells(conn, part.plan_id, filter).await?;
    Ok(Sheet::of(opening, part, &cells))
}
