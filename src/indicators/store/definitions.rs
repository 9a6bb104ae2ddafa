//! Fiches, measures and targets: what is to be measured, and what is aimed at.

use std::collections::HashMap;

use sqlx::PgConnection;

use crate::db::{json_text, sound};
use crate::indicators::model::{Indicator, Measure, Target};
use crate::indicators::progress::Side;
use crate::kernel::canonical::{self, Canonical};
use crate::kernel::ids::Code;
use crate::kernel::period::Period;

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
