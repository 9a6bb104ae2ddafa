//! The SQL of indicators, measures, targets and cells.
//!
//! `put_*` writes one element, matched by its code, and returns its version. A cell's version is what a person had
//! under their eyes: [`save_cell`] writes only over that one.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use rust_decimal::Decimal;
use sqlx::PgConnection;

use super::model::{Cell, Figure, Indicator, Measure, Status, Target};
use super::progress::Side;
use crate::access::DialogueState;
use crate::access::model::Asking;
use crate::db::{json_text, sound};
use crate::kernel::canonical::{self, Canonical};
use crate::kernel::ids::Code;
use crate::kernel::period::{Period, PeriodKind};

fn figure(column: &str, status: &str, value: Option<Decimal>, printed: Option<String>) -> sqlx::Result<Figure> {
    let figure = Figure {
        status: sound(column, Status::from_word(status))?,
        value: value.map(|value| value.normalize()),
        printed,
    };
    sound(column, figure.answer())?;
    Ok(figure)
}

// ──────────────────────────────────────────────────────────── definitions ──

/// Writes one fiche.
pub async fn put_indicator(conn: &mut PgConnection, plan_id: i64, it: &Indicator, position: i32) -> sqlx::Result<i32> {
    let columns: Vec<String> = it.columns_printed.iter().map(Period::to_string).collect();
    sqlx::query_scalar!(
        "INSERT INTO indicator (plan_id, code, position, node_id, label, is_group, unit, period_kind, scope, calculation,
                                source, availability, availability_printed, origin, origin_printed, referents, comment,
                                columns_printed, amended)
         VALUES ($1, $2, $3, (SELECT id FROM node WHERE plan_id = $1 AND code = $4), $5, $6, $7, $8, $9, $10, $11, $12,
                 $13, $14, $15, $16, $17, $18, $19::text::json)
         ON CONFLICT (plan_id, code) DO UPDATE SET version = indicator.version + 1, position = excluded.position,
             node_id = excluded.node_id, label = excluded.label, is_group = excluded.is_group, unit = excluded.unit,
             period_kind = excluded.period_kind, scope = excluded.scope, calculation = excluded.calculation,
             source = excluded.source, availability = excluded.availability,
             availability_printed = excluded.availability_printed, origin = excluded.origin,
             origin_printed = excluded.origin_printed, referents = excluded.referents, comment = excluded.comment,
             columns_printed = excluded.columns_printed, amended = excluded.amended
         RETURNING version",
        plan_id,
        it.code.as_str(),
        position,
        it.node.as_str(),
        it.label,
        it.is_group,
        it.unit,
        it.period_kind.word(),
        it.scope,
        it.calculation,
        it.source,
        it.availability.word(),
        it.availability_printed,
        it.origin.word(),
        it.origin_printed,
        &it.referents,
        it.comment,
        &columns,
        json_text(&it.amended),
    )
    .fetch_one(conn)
    .await
}

/// Takes one fiche away.
pub async fn remove_indicator(conn: &mut PgConnection, plan_id: i64, code: &str) -> sqlx::Result<Option<i32>> {
    sqlx::query_scalar!("DELETE FROM indicator WHERE plan_id = $1 AND code = $2 RETURNING version", plan_id, code)
        .fetch_optional(conn)
        .await
}

/// Writes one measure.
pub async fn put_measure(conn: &mut PgConnection, plan_id: i64, it: &Measure, position: i32) -> sqlx::Result<i32> {
    sqlx::query_scalar!(
        "INSERT INTO measure (plan_id, code, position, indicator_id, label, unit, unit_kind, is_quotient, scope,
                              calculation, nature, nature_confirmed, direction, direction_confirmed, tolerance,
                              better_side, reference_status, reference_value, reference_printed, amended)
         VALUES ($1, $2, $3, (SELECT id FROM indicator WHERE plan_id = $1 AND code = $4), $5, $6, $7, $8, $9, $10, $11,
                 $12, $13, $14, $15, $16, $17, $18, $19, $20::text::json)
         ON CONFLICT (plan_id, code) DO UPDATE SET version = measure.version + 1, position = excluded.position,
             indicator_id = excluded.indicator_id, label = excluded.label, unit = excluded.unit,
             unit_kind = excluded.unit_kind, is_quotient = excluded.is_quotient, scope = excluded.scope,
             calculation = excluded.calculation, nature = excluded.nature,
             nature_confirmed = excluded.nature_confirmed, direction = excluded.direction,
             direction_confirmed = excluded.direction_confirmed, tolerance = excluded.tolerance,
             better_side = excluded.better_side, reference_status = excluded.reference_status,
             reference_value = excluded.reference_value, reference_printed = excluded.reference_printed,
             amended = excluded.amended
         RETURNING version",
        plan_id,
        it.code.as_str(),
        position,
        it.indicator.as_str(),
        it.label,
        it.unit,
        it.unit_kind.word(),
        it.is_quotient,
        it.scope,
        it.calculation,
        it.nature.word(),
        it.nature_confirmed,
        it.direction.word(),
        it.direction_confirmed,
        it.tolerance.unwrap_or_default(),
        it.better_side.map(Side::word),
        it.reference.as_ref().map(|figure| figure.status.word()),
        it.reference.as_ref().and_then(|figure| figure.value),
        it.reference.as_ref().and_then(|figure| figure.printed.clone()),
        json_text(&it.amended),
    )
    .fetch_one(conn)
    .await
}

/// Takes one measure away.
pub async fn remove_measure(conn: &mut PgConnection, plan_id: i64, code: &str) -> sqlx::Result<Option<i32>> {
    sqlx::query_scalar!("DELETE FROM measure WHERE plan_id = $1 AND code = $2 RETURNING version", plan_id, code)
        .fetch_optional(conn)
        .await
}

/// Writes one entry of a target ledger.
pub async fn put_target(conn: &mut PgConnection, plan_id: i64, it: &Target) -> sqlx::Result<i32> {
    sqlx::query_scalar!(
        "INSERT INTO target (plan_id, measure_id, rank, status, value, printed, yearly, decided_on, reason, avenant, since)
         VALUES ($1, (SELECT id FROM measure WHERE plan_id = $1 AND code = $2), $3, $4, $5, $6, $7::text::json, $8, $9,
                 $10, $11)
         ON CONFLICT (measure_id, rank) DO UPDATE SET version = target.version + 1, status = excluded.status,
             value = excluded.value, printed = excluded.printed, yearly = excluded.yearly,
             decided_on = excluded.decided_on, reason = excluded.reason, avenant = excluded.avenant,
             since = excluded.since
         RETURNING version",
        plan_id,
        it.measure.as_str(),
        it.rank,
        it.figure.status.word(),
        it.figure.value,
        it.figure.printed,
        it.yearly.write().to_string(),
        it.decided_on,
        it.reason,
        it.avenant.as_ref().map(Code::as_str),
        it.since,
    )
    .fetch_one(conn)
    .await
}

/// Takes one entry of a target ledger away.
pub async fn remove_target(
    conn: &mut PgConnection,
    plan_id: i64,
    measure: &str,
    rank: i32,
) -> sqlx::Result<Option<i32>> {
    sqlx::query_scalar!(
        "DELETE FROM target USING measure
         WHERE measure.id = target.measure_id AND target.plan_id = $1 AND measure.code = $2 AND rank = $3
         RETURNING target.version",
        plan_id,
        measure,
        rank,
    )
    .fetch_optional(conn)
    .await
}

/// Fiches, measures and targets of a plan.
#[derive(Debug, Clone, Default)]
pub struct Definitions {
    /// Fiches, in order.
    pub indicators: Vec<Indicator>,
    /// Measures, in order.
    pub measures: Vec<Measure>,
    /// Target ledgers, in the order of their measures.
    pub targets: Vec<Target>,
}

/// The definitions of a plan, or of one of its indicators, in one statement.
pub async fn definitions(conn: &mut PgConnection, plan_id: i64, indicator: Option<&str>) -> sqlx::Result<Definitions> {
    Ok(definitions_of(conn, &[plan_id], indicator).await?.remove(&plan_id).unwrap_or_default())
}

/// The definitions of these plans, or of their indicators of one number, in one statement.
pub async fn definitions_of(
    conn: &mut PgConnection,
    plans: &[i64],
    indicator: Option<&str>,
) -> sqlx::Result<HashMap<i64, Definitions>> {
    let rows = sqlx::query!(
        r#"SELECT plan.id,
             (SELECT coalesce(json_agg(json_strip_nulls(json_build_object('code', indicator.code, 'node', node.code,
                        'label', indicator.label, 'is_group', is_group, 'unit', unit, 'period_kind', period_kind,
                        'scope', scope, 'calculation', calculation, 'source', source, 'availability', availability,
                        'availability_printed', availability_printed, 'origin', origin,
                        'origin_printed', origin_printed, 'referents', referents, 'comment', comment,
                        'columns_printed', columns_printed, 'amended', indicator.amended)) ORDER BY indicator.position, indicator.id), '[]')
              FROM indicator JOIN node ON node.id = indicator.node_id
              WHERE indicator.plan_id = plan.id AND ($2::text IS NULL OR indicator.code = $2))::text AS "indicators!",
             (SELECT coalesce(json_agg(json_strip_nulls(json_build_object('code', measure.code,
                        'indicator', indicator.code, 'label', measure.label, 'unit', measure.unit,
                        'unit_kind', unit_kind, 'is_quotient', is_quotient, 'scope', measure.scope,
                        'calculation', measure.calculation, 'nature', nature, 'nature_confirmed', nature_confirmed,
                        'direction', direction, 'direction_confirmed', direction_confirmed,
                        'tolerance', nullif(tolerance, 0)::text, 'better_side', better_side,
                        'reference', CASE WHEN reference_status IS NOT NULL THEN json_build_object(
                            'status', reference_status, 'value', reference_value::text,
                            'printed', reference_printed) END, 'amended', measure.amended)) ORDER BY measure.position, measure.id), '[]')
              FROM measure JOIN indicator ON indicator.id = measure.indicator_id
              WHERE measure.plan_id = plan.id AND ($2::text IS NULL OR indicator.code = $2))::text AS "measures!",
             (SELECT coalesce(json_agg(json_strip_nulls(json_build_object('measure', measure.code, 'rank', rank,
                        'figure', json_build_object('status', status, 'value', value::text, 'printed', printed),
                        'yearly', yearly, 'decided_on', decided_on, 'reason', reason, 'avenant', avenant,
                        'since', since))
                        ORDER BY measure.position, measure.id, rank), '[]')
              FROM target JOIN measure ON measure.id = target.measure_id
              JOIN indicator ON indicator.id = measure.indicator_id
              WHERE target.plan_id = plan.id AND ($2::text IS NULL OR indicator.code = $2))::text AS "targets!"
           FROM plan WHERE plan.id = ANY ($1)"#,
        plans,
        indicator,
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter()
        .map(|row| {
            let definitions = Definitions {
                indicators: sound("indicator", canonical::from_text(&row.indicators))?,
                measures: sound("measure", canonical::from_text(&row.measures))?,
                targets: sound("target", canonical::from_text(&row.targets))?,
            };
            Ok((row.id, definitions))
        })
        .collect()
}

// ────────────────────────────────────────────────────────────────── cells ──

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
