//! Cells: what was answered, and what is expected of whom.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use rust_decimal::Decimal;
use sqlx::PgConnection;

use crate::access::DialogueState;
use crate::access::model::Asking;
use crate::db::sound;
use crate::indicators::model::{Cell, Figure, Status};
use crate::kernel::ids::Code;
use crate::kernel::period::{Period, PeriodKind};

/// A cell as kept, with what surrounds it on a page.
#[derive(Debug, Clone)]
pub struct KeptCell {
    /// The cell; blank when nothing was ever entered.
    pub cell: Cell,
    /// 0 when nothing was ever entered.
    pub version: i32,
    /// The last dialogue that expects it.
    pub asking: Option<Asking>,
    /// Expected by the dialogue of the year asked for; its due day.
    pub due_on: Option<NaiveDate>,
    /// When and by whom it last changed.
    pub changed: Option<(DateTime<Utc>, String)>,
}

impl KeptCell {
    /// A cell with nothing said of what surrounds it.
    pub const fn alone(cell: Cell) -> Self {
        Self { cell, version: 0, asking: None, due_on: None, changed: None }
    }
}

/// Which cells of a plan to read.
#[derive(Debug, Clone, Copy, Default)]
pub struct CellFilter<'a> {
    /// Cells of one indicator's measures.
    pub indicator: Option<&'a str>,
    /// One measure.
    pub measure: Option<&'a str>,
    /// The campaign whose expectations are told, the latest when absent.
    pub year: Option<i32>,
}

/// The cells of a plan that hold something or are expected, in the order of measures and periods.
pub async fn cells(conn: &mut PgConnection, plan_id: i64, filter: CellFilter<'_>) -> sqlx::Result<Vec<KeptCell>> {
    let rows = sqlx::query!(
        r#"WITH asked AS (
               SELECT DISTINCT ON (expected.measure_code, expected.period_start)
                      expected.measure_code, expected.period_start, expected.due_on, expected.frozen,
                      campaign.year, coalesce(dialogue.extended_to, campaign.closes_on) AS closes_on, dialogue.state
               FROM expected_cell expected
               JOIN dialogue ON dialogue.id = expected.dialogue_id
               JOIN campaign ON campaign.id = dialogue.campaign_id
               WHERE dialogue.plan_id = $1
               ORDER BY expected.measure_code, expected.period_start, campaign.year DESC
           ), year AS (
               SELECT coalesce($4, (SELECT max(campaign.year) FROM dialogue
                                    JOIN campaign ON campaign.id = dialogue.campaign_id
                                    WHERE dialogue.plan_id = $1)) AS year
           ), here AS (
               SELECT expected.measure_code, expected.period_start, expected.due_on
               FROM expected_cell expected
               JOIN dialogue ON dialogue.id = expected.dialogue_id
               JOIN campaign ON campaign.id = dialogue.campaign_id
               WHERE dialogue.plan_id = $1 AND campaign.year = (SELECT year FROM year)
           )
           SELECT measure.code AS "measure!", indicator.period_kind AS "period_kind!",
                  coalesce(cell.period_start, asked.period_start) AS "period_start!",
                  coalesce(cell.version, 0) AS "version!",
                  cell.status AS "status?", cell.value AS "value?", cell.numerator AS "numerator?",
                  cell.denominator AS "denominator?", cell.comment AS "comment?",
                  cell.printed_text AS "printed_text?", cell.printed_status AS "printed_status?",
                  cell.printed_value AS "printed_value?", cell.provenance AS "provenance?",
                  asked.year AS "asked_year?", asked.closes_on AS "closes_on?", asked.state AS "state?",
                  asked.frozen AS "frozen?", here.due_on AS "due_on?",
                  cell.changed_at AS "changed_at?", cell.changed_by AS "changed_by?"
           FROM measure
           JOIN indicator ON indicator.id = measure.indicator_id
           JOIN LATERAL (
               SELECT coalesce(kept.period_start, asked.period_start) AS period_start
               FROM (SELECT period_start FROM cell WHERE cell.measure_id = measure.id) kept
               FULL JOIN (SELECT period_start FROM asked WHERE asked.measure_code = measure.code) asked
                    ON asked.period_start = kept.period_start
           ) present ON true
           LEFT JOIN cell ON cell.measure_id = measure.id AND cell.period_start = present.period_start
           LEFT JOIN asked ON asked.measure_code = measure.code AND asked.period_start = present.period_start
           LEFT JOIN here ON here.measure_code = measure.code AND here.period_start = present.period_start
           WHERE measure.plan_id = $1
             AND ($2::text IS NULL OR indicator.code = $2)
             AND ($3::text IS NULL OR measure.code = $3)
           ORDER BY measure.position, measure.id, present.period_start"#,
        plan_id,
        filter.indicator,
        filter.measure,
        filter.year,
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter()
        .map(|row| {
            let kind = sound("indicator.period_kind", PeriodKind::from_word(&row.period_kind))?;
            let period = Period { kind, start_year: row.period_start };
            let asking = match (row.asked_year, row.closes_on, row.state, row.frozen) {
                (Some(year), Some(closes_on), Some(state), Some(received)) => Some(Asking {
                    year,
                    closes_on,
                    state: sound("dialogue.state", DialogueState::from_word(&state))?,
                    received,
                }),
                _ => None,
            };
            let printed = match (row.printed_status, row.printed_text) {
                (Some(status), text @ Some(_)) => Some(figure("cell.printed", &status, row.printed_value, text)?),
                _ => None,
            };
            let normal = |value: Option<Decimal>| value.map(|value| value.normalize());
            Ok(KeptCell {
                cell: Cell {
                    measure: sound("measure.code", Code::new(&row.measure))?,
                    period,
                    status: row.status.map(|word| sound("cell.status", Status::from_word(&word))).transpose()?,
                    value: normal(row.value),
                    numerator: normal(row.numerator),
                    denominator: normal(row.denominator),
                    comment: row.comment,
                    printed,
                    provenance: row.provenance,
                },
                version: row.version,
                asking,
                due_on: row.due_on,
                changed: row.changed_at.zip(row.changed_by),
            })
        })
        .collect()
}

/// What was answered in each of these plans, in the order of measures and periods: the cells alone, for progress.
pub async fn answers(conn: &mut PgConnection, plans: &[i64]) -> sqlx::Result<HashMap<i64, Vec<KeptCell>>> {
    let rows = sqlx::query!(
        "SELECT cell.plan_id, measure.code AS measure, indicator.period_kind, cell.period_start, cell.status,
                cell.value, cell.provenance
         FROM cell JOIN measure ON measure.id = cell.measure_id JOIN indicator ON indicator.id = measure.indicator_id
         WHERE cell.plan_id = ANY ($1) AND cell.status IS NOT NULL
         ORDER BY measure.position, measure.id, cell.period_start",
        plans
    )
    .fetch_all(conn)
    .await?;
    let mut found: HashMap<i64, Vec<KeptCell>> = HashMap::new();
    for row in rows {
        let kind = sound("indicator.period_kind", PeriodKind::from_word(&row.period_kind))?;
        let period = Period { kind, start_year: row.period_start };
        let cell = Cell {
            status: row.status.map(|word| sound("cell.status", Status::from_word(&word))).transpose()?,
            value: row.value.map(|value| value.normalize()),
            provenance: row.provenance,
            ..Cell::empty(sound("measure.code", Code::new(&row.measure))?, period)
        };
        found.entry(row.plan_id).or_default().push(KeptCell::alone(cell));
    }
    Ok(found)
}

/// Codes of the measures that a dialogue still under way expects a figure of.
pub async fn awaited_measures(conn: &mut PgConnection, plan_id: i64) -> sqlx::Result<Vec<String>> {
    sqlx::query_scalar!(
        "SELECT DISTINCT expected.measure_code FROM expected_cell expected
         JOIN dialogue ON dialogue.id = expected.dialogue_id
         WHERE dialogue.plan_id = $1 AND dialogue.state <> 'clos'",
        plan_id
    )
    .fetch_all(conn)
    .await
}

/// Writes a cell over the version its author had under their eyes; `None` when another one is there: a conflict.
pub async fn save_cell(
    conn: &mut PgConnection,
    plan_id: i64,
    it: &Cell,
    base: i32,
    at: DateTime<Utc>,
    by: &str,
) -> sqlx::Result<Option<i32>> {
    sqlx::query_scalar!(
        "INSERT INTO cell (measure_id, period_start, plan_id, version, status, value, numerator, denominator, comment,
                           printed_text, printed_status, printed_value, provenance, changed_at, changed_by)
         SELECT measure.id, $3, $1, 1, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15
         FROM measure WHERE measure.plan_id = $1 AND measure.code = $2
           AND ($4 = 0 OR EXISTS (SELECT FROM cell WHERE cell.measure_id = measure.id AND cell.period_start = $3))
         ON CONFLICT (measure_id, period_start) DO UPDATE SET version = cell.version + 1, status = excluded.status,
             value = excluded.value, numerator = excluded.numerator, denominator = excluded.denominator,
             comment = excluded.comment, printed_text = excluded.printed_text,
             printed_status = excluded.printed_status, printed_value = excluded.printed_value,
             provenance = excluded.provenance, changed_at = excluded.changed_at, changed_by = excluded.changed_by
         WHERE cell.version = $4
         RETURNING version",
        plan_id,
        it.measure.as_str(),
        it.period.start_year,
        base,
        it.status.map(Status::word),
        it.value,
        it.numerator,
        it.denominator,
        it.comment,
        it.printed.as_ref().and_then(|figure| figure.printed.clone()),
        it.printed.as_ref().map(|figure| figure.status.word()),
        it.printed.as_ref().and_then(|figure| figure.value),
        it.provenance,
        at,
        by,
    )
    .fetch_optional(conn)
    .await
}

/// The versions of a plan's cells, by measure code and first year of the period.
pub async fn cell_versions(conn: &mut PgConnection, plan_id: i64) -> sqlx::Result<HashMap<(String, i32), i32>> {
    let rows = sqlx::query!(
        "SELECT measure.code AS measure, cell.period_start, cell.version
         FROM cell JOIN measure ON measure.id = cell.measure_id WHERE cell.plan_id = $1",
        plan_id
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|row| ((row.measure, row.period_start), row.version)).collect())
}

/// Clears the emptied rows of a measure that is about to go; a row that holds something stays and refuses the removal.
pub async fn remove_empty_cells(conn: &mut PgConnection, plan_id: i64, measure: &str) -> sqlx::Result<()> {
    sqlx::query!(
        "DELETE FROM cell USING measure
         WHERE measure.id = cell.measure_id AND cell.plan_id = $1 AND measure.code = $2
           AND num_nonnulls(status, numerator, denominator, comment, printed_text, cell.provenance) = 0",
        plan_id,
        measure,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// A figure as its three columns say it.
fn figure(column: &str, status: &str, value: Option<Decimal>, printed: Option<String>) -> sqlx::Result<Figure> {
    let figure = Figure {
        status: sound(column, Status::from_word(status))?,
        value: value.map(|value| value.normalize()),
        printed,
    };
    sound(column, figure.answer())?;
    Ok(figure)
}
