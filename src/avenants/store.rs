//! The SQL of avenants. An avenant's version is what a person had under their eyes: [`save`] writes only over that one.

use std::collections::HashMap;

use chrono::NaiveDate;
use sqlx::PgConnection;

use super::model::{Abandonment, Accord, Avenant, State};
use crate::db::{json, json_text, sound};
use crate::kernel::ids::Code;
use crate::plans::store::Outline;

/// An avenant as kept, with what surrounds it on a page.
#[derive(Debug, Clone)]
pub struct Kept {
    /// The avenant.
    pub avenant: Avenant,
    /// Raised by every change.
    pub version: i32,
    /// Its place among the plan's.
    pub position: i32,
}

/// The avenants of a plan, in order.
pub async fn of_plan(conn: &mut PgConnection, plan_id: i64) -> sqlx::Result<Vec<Kept>> {
    Ok(read(conn, &[plan_id], false).await?.remove(&plan_id).unwrap_or_default())
}

/// The avenants that came with the outline of a plan, in order.
pub fn of_outline(outline: &Outline) -> sqlx::Result<Vec<Avenant>> {
    // A plan that was not found has none.
    if outline.avenants.is_empty() { Ok(Vec::new()) } else { json("avenant", &outline.avenants) }
}

/// The avenants of these plans that are neither in force nor given up, in one statement.
pub async fn open(conn: &mut PgConnection, plans: &[i64]) -> sqlx::Result<HashMap<i64, Vec<Kept>>> {
    read(conn, plans, true).await
}

/// The avenants of these plans that the next campaign opened brings into force, in the order in which it does.
pub async fn agreed(conn: &mut PgConnection, plans: &[i64]) -> sqlx::Result<HashMap<i64, Vec<Avenant>>> {
    let open = open(conn, plans).await?.into_iter();
    let agreed = open.map(|(plan, kept)| {
        let agreed = kept.into_iter().map(|it| it.avenant).filter(|it| it.state() == State::Agreed);
        (plan, agreed.collect::<Vec<_>>())
    });
    Ok(agreed.filter(|(_, avenants)| !avenants.is_empty()).collect())
}

fn accord(column: &str, on: Option<NaiveDate>, by: Option<String>) -> sqlx::Result<Option<Accord>> {
    match (on, by) {
        (None, None) => Ok(None),
        (Some(on), Some(by)) => Ok(Some(Accord { on, by })),
        _ => sound(column, None),
    }
}

async fn read(conn: &mut PgConnection, plans: &[i64], open: bool) -> sqlx::Result<HashMap<i64, Vec<Kept>>> {
    let rows = sqlx::query!(
        r#"SELECT plan_id, code, version, position, reference, dated_on, reason, deliberation,
                  changes::text AS "changes!", director_on, director_by, directoire_on, directoire_by, since,
                  abandoned_on, abandoned_by, abandoned_reason
           FROM avenant
           WHERE plan_id = ANY ($1) AND (NOT $2 OR since IS NULL AND abandoned_on IS NULL)
           ORDER BY plan_id, position, id"#,
        plans,
        open,
    )
    .fetch_all(conn)
    .await?;
    let mut found: HashMap<i64, Vec<Kept>> = HashMap::new();
    for row in rows {
        let abandoned = match (row.abandoned_on, row.abandoned_by, row.abandoned_reason) {
            (None, None, None) => None,
            (Some(on), Some(by), Some(reason)) => Some(Abandonment { on, by, reason }),
            _ => return sound("avenant.abandoned", None),
        };
        let avenant = Avenant {
            code: sound("avenant.code", Code::new(&row.code))?,
            reference: row.reference,
            dated_on: row.dated_on,
            reason: row.reason,
            deliberation: row.deliberation,
            changes: json("avenant.changes", &row.changes)?,
            director: accord("avenant.director", row.director_on, row.director_by)?,
            directoire: accord("avenant.directoire", row.directoire_on, row.directoire_by)?,
            since: row.since,
            abandoned,
        };
        found.entry(row.plan_id).or_default().push(Kept { avenant, version: row.version, position: row.position });
    }
    Ok(found)
}

/// Writes one avenant, matched by its code.
pub async fn put_avenant(conn: &mut PgConnection, plan_id: i64, it: &Avenant, position: i32) -> sqlx::Result<i32> {
    sqlx::query_scalar!(
        "INSERT INTO avenant (plan_id, code, position, reference, dated_on, reason, deliberation, changes, director_on,
                              director_by, directoire_on, directoire_by, since, abandoned_on, abandoned_by,
                              abandoned_reason)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8::text::json, $9, $10, $11, $12, $13, $14, $15, $16)
         ON CONFLICT (plan_id, code) DO UPDATE SET version = avenant.version + 1, position = excluded.position,
             reference = excluded.reference, dated_on = excluded.dated_on, reason = excluded.reason,
             deliberation = excluded.deliberation, changes = excluded.changes, director_on = excluded.director_on,
             director_by = excluded.director_by, directoire_on = excluded.directoire_on,
             directoire_by = excluded.directoire_by, since = excluded.since, abandoned_on = excluded.abandoned_on,
             abandoned_by = excluded.abandoned_by, abandoned_reason = excluded.abandoned_reason
         RETURNING version",
        plan_id,
        it.code.as_str(),
        position,
        it.reference,
        it.dated_on,
        it.reason,
        it.deliberation,
        json_text(&it.changes),
        it.director.as_ref().map(|accord| accord.on),
        it.director.as_ref().map(|accord| accord.by.as_str()),
        it.directoire.as_ref().map(|accord| accord.on),
        it.directoire.as_ref().map(|accord| accord.by.as_str()),
        it.since,
        it.abandoned.as_ref().map(|abandoned| abandoned.on),
        it.abandoned.as_ref().map(|abandoned| abandoned.by.as_str()),
        it.abandoned.as_ref().map(|abandoned| abandoned.reason.as_str()),
    )
    .fetch_one(conn)
    .await
}

/// Writes one over the version its author had under their eyes; `None` when another one is there: a conflict.
pub async fn save(conn: &mut PgConnection, plan_id: i64, it: &Avenant, base: &Kept) -> sqlx::Result<Option<i32>> {
    let held = sqlx::query_scalar!(
        "SELECT version FROM avenant WHERE plan_id = $1 AND code = $2 AND version = $3 FOR UPDATE",
        plan_id,
        it.code.as_str(),
        base.version,
    )
    .fetch_optional(&mut *conn)
    .await?;
    match held {
        Some(_) => Ok(Some(put_avenant(conn, plan_id, it, base.position).await?)),
        None => Ok(None),
    }
}

/// Takes one avenant away: imports may, pages give it up.
pub async fn remove_avenant(conn: &mut PgConnection, plan_id: i64, code: &str) -> sqlx::Result<Option<i32>> {
    sqlx::query_scalar!("DELETE FROM avenant WHERE plan_id = $1 AND code = $2 RETURNING version", plan_id, code)
        .fetch_optional(conn)
        .await
}
