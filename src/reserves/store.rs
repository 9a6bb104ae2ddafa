//! The SQL of réserves. A réserve's version is what a person had under their eyes: [`save`] writes only over that one.

use std::collections::HashMap;

use sqlx::PgConnection;

use super::model::{Origin, Reading, Reserve, Settlement, Touched};
use crate::db::{json, json_text, sound};
use crate::kernel::ids::Code;

/// A réserve as kept.
#[derive(Debug, Clone)]
pub struct Kept {
    /// The réserve.
    pub reserve: Reserve,
    /// Raised by every change.
    pub version: i32,
    /// Its place among the plan's.
    pub position: i32,
}

impl Kept {
    /// A réserve as it stood, without what an editor needs.
    pub const fn of(reserve: Reserve) -> Self {
        Self { reserve, version: 0, position: 0 }
    }
}

/// The réserves of a plan, in order.
pub async fn of_plan(conn: &mut PgConnection, plan_id: i64) -> sqlx::Result<Vec<Kept>> {
    Ok(of_plans(conn, &[plan_id]).await?.remove(&plan_id).unwrap_or_default())
}

/// The réserves of these plans, each plan's in order.
pub async fn of_plans(conn: &mut PgConnection, plans: &[i64]) -> sqlx::Result<HashMap<i64, Vec<Kept>>> {
    let rows = sqlx::query!(
        r#"SELECT plan_id, code, version, position, origin, label, touches::text AS "touches!", lines,
                  readings::text AS "readings!", in_use, why, settled_reading, settled_reason, settled_on, settled_by
           FROM reserve WHERE plan_id = ANY ($1) ORDER BY position, id"#,
        plans
    )
    .fetch_all(conn)
    .await?;
    let mut found: HashMap<i64, Vec<Kept>> = HashMap::new();
    for row in rows {
        let settled = match (row.settled_reading, row.settled_reason, row.settled_on, row.settled_by) {
            (Some(reading), Some(reason), Some(settled_on), Some(settled_by)) => {
                let reading = sound("reserve.settled_reading", Code::new(&reading))?;
                Some(Settlement { reading, reason, settled_on, settled_by })
            }
            (None, None, None, None) => None,
            _ => sound("reserve.settled_on", None)?,
        };
        let kept = Kept {
            reserve: Reserve {
                code: sound("reserve.code", Code::new(&row.code))?,
                origin: sound("reserve.origin", Origin::from_word(&row.origin))?,
                label: row.label,
                touches: json::<Vec<Touched>>("reserve.touches", &row.touches)?,
                lines: row.lines,
                readings: json::<Vec<Reading>>("reserve.readings", &row.readings)?,
                in_use: sound("reserve.in_use", Code::new(&row.in_use))?,
                why: row.why,
                settlement: settled,
            },
            version: row.version,
            position: row.position,
        };
        found.entry(row.plan_id).or_default().push(kept);
    }
    Ok(found)
}

/// How many réserves that the document caused nobody settled, for those of these plans that have some.
pub async fn open_counts(conn: &mut PgConnection, plans: &[i64]) -> sqlx::Result<HashMap<i64, usize>> {
    let rows = sqlx::query!(
        r#"SELECT plan_id, count(*) AS "count!" FROM reserve
           WHERE plan_id = ANY ($1) AND origin = 'document' AND settled_on IS NULL GROUP BY plan_id"#,
        plans
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|row| (row.plan_id, usize::try_from(row.count).unwrap_or(0))).collect())
}

/// Writes one réserve, matched by its code.
pub async fn put_reserve(conn: &mut PgConnection, plan_id: i64, it: &Reserve, position: i32) -> sqlx::Result<i32> {
    let settled = it.settlement.as_ref();
    sqlx::query_scalar!(
        "INSERT INTO reserve (plan_id, code, position, origin, label, touches, lines, readings, in_use, why,
                              settled_reading, settled_reason, settled_on, settled_by)
         VALUES ($1, $2, $3, $4, $5, $6::text::json, $7, $8::text::json, $9, $10, $11, $12, $13, $14)
         ON CONFLICT (plan_id, code) DO UPDATE SET version = reserve.version + 1, position = excluded.position,
             origin = excluded.origin, label = excluded.label, touches = excluded.touches, lines = excluded.lines,
             readings = excluded.readings, in_use = excluded.in_use, why = excluded.why,
             settled_reading = excluded.settled_reading, settled_reason = excluded.settled_reason,
             settled_on = excluded.settled_on, settled_by = excluded.settled_by
         RETURNING version",
        plan_id,
        it.code.as_str(),
        position,
        it.origin.word(),
        it.label,
        json_text(&it.touches),
        &it.lines,
        json_text(&it.readings),
        it.in_use.as_str(),
        it.why,
        settled.map(|it| it.reading.as_str()),
        settled.map(|it| it.reason.as_str()),
        settled.map(|it| it.settled_on),
        settled.map(|it| it.settled_by.as_str()),
    )
    .fetch_one(conn)
    .await
}

/// Takes one réserve away.
pub async fn remove_reserve(conn: &mut PgConnection, plan_id: i64, code: &str) -> sqlx::Result<Option<i32>> {
    sqlx::query_scalar!("DELETE FROM reserve WHERE plan_id = $1 AND code = $2 RETURNING version", plan_id, code)
        .fetch_optional(conn)
        .await
}

/// Writes the settlement of a réserve, or its absence, over the version its author had under their eyes; `None` when
/// another one is there: a conflict. The plan is held meanwhile, so that an import, which takes it whole, comes before
/// or after.
pub async fn save(conn: &mut PgConnection, plan_id: i64, it: &Reserve, base: i32) -> sqlx::Result<Option<i32>> {
    sqlx::query_scalar!("SELECT id FROM plan WHERE id = $1 FOR KEY SHARE", plan_id).fetch_one(&mut *conn).await?;
    let settled = it.settlement.as_ref();
    sqlx::query_scalar!(
        "UPDATE reserve SET version = version + 1, settled_reading = $4, settled_reason = $5, settled_on = $6,
                            settled_by = $7
         WHERE plan_id = $1 AND code = $2 AND version = $3 RETURNING version",
        plan_id,
        it.code.as_str(),
        base,
        settled.map(|it| it.reading.as_str()),
        settled.map(|it| it.reason.as_str()),
        settled.map(|it| it.settled_on),
        settled.map(|it| it.settled_by.as_str()),
    )
    .fetch_optional(conn)
    .await
}
