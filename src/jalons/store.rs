//! The SQL of jalons. A jalon's version is what a person had under their eyes: [`save`] writes only over that one.

use sqlx::PgConnection;

use super::model::{Jalon, Precision, State};
use crate::db::{json, json_text, sound};
use crate::kernel::canonical;
use crate::kernel::ids::Code;
use crate::plans::model::Node;
use crate::plans::store::Outline;

/// A jalon as kept, with what surrounds it on a page.
#[derive(Debug, Clone)]
pub struct Kept {
    /// The jalon.
    pub jalon: Jalon,
    /// Raised by every change.
    pub version: i32,
    /// Its place among the plan's.
    pub position: i32,
    /// Label of the node it hangs from.
    pub objective: String,
}

impl Kept {
    /// A jalon as it stood, without what an editor needs.
    pub fn of(jalon: Jalon, nodes: &[Node]) -> Self {
        let objective = nodes.iter().find(|node| node.code == jalon.node).map(|node| node.label.clone());
        Self { jalon, version: 0, position: 0, objective: objective.unwrap_or_default() }
    }
}

/// The jalons of a plan, in order, groups before their leaves.
pub async fn all(conn: &mut PgConnection, plan_id: i64) -> sqlx::Result<Vec<Kept>> {
    let rows = sqlx::query!(
        r#"SELECT jalon.code, jalon.version, jalon.position, parent.code AS "parent?", node.code AS node,
                  node.label AS objective, jalon.label, jalon.is_group, jalon.precision, jalon.due_on,
                  jalon.due_printed, jalon.condition, jalon.owners, jalon.state, jalon.reached_on, jalon.evidence,
                  jalon.reason, jalon.postponed_to, jalon.comment, jalon.provenance,
                  jalon.redated::text AS "redated!"
           FROM jalon JOIN node ON node.id = jalon.node_id LEFT JOIN jalon parent ON parent.id = jalon.parent_id
           WHERE jalon.plan_id = $1 ORDER BY jalon.position, jalon.id"#,
        plan_id
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter()
        .map(|row| {
            let precision = row.precision.map(|word| sound("jalon.precision", Precision::from_word(&word)));
            let state = row.state.map(|word| sound("jalon.state", State::from_word(&word)));
            Ok(Kept {
                jalon: Jalon {
                    code: sound("jalon.code", Code::new(&row.code))?,
                    parent: row.parent.map(|code| sound("jalon.parent", Code::new(&code))).transpose()?,
                    node: sound("node.code", Code::new(&row.node))?,
                    label: row.label,
                    is_group: row.is_group,
                    precision: precision.transpose()?,
                    due_on: row.due_on,
                    due_printed: row.due_printed,
                    condition: row.condition,
                    owners: row.owners,
                    state: state.transpose()?,
                    reached_on: row.reached_on,
                    evidence: row.evidence,
                    reason: row.reason,
                    postponed_to: row.postponed_to,
                    comment: row.comment,
                    provenance: row.provenance,
                    redated: json("jalon.redated", &row.redated)?,
                },
                version: row.version,
                position: row.position,
                objective: row.objective,
            })
        })
        .collect()
}

/// The jalons that came with the outline of a plan.
pub fn of_outline(outline: &Outline) -> sqlx::Result<Vec<Jalon>> {
    sound("jalon", canonical::from_text(&outline.jalons))
}

/// Writes one jalon, matched by its code; its group and its node are there already.
pub async fn put_jalon(conn: &mut PgConnection, plan_id: i64, it: &Jalon, position: i32) -> sqlx::Result<i32> {
    sqlx::query_scalar!(
        "INSERT INTO jalon (plan_id, code, position, parent_id, node_id, label, is_group, precision, due_on, due_printed,
                            condition, owners, state, reached_on, evidence, reason, postponed_to, comment, provenance,
                            redated)
         VALUES ($1, $2, $3, (SELECT id FROM jalon WHERE plan_id = $1 AND code = $4),
                 (SELECT id FROM node WHERE plan_id = $1 AND code = $5), $6, $7, $8, $9, $10, $11, $12, $13, $14, $15,
                 $16, $17, $18, $19, $20::text::json)
         ON CONFLICT (plan_id, code) DO UPDATE SET version = jalon.version + 1, position = excluded.position,
             parent_id = excluded.parent_id, node_id = excluded.node_id, label = excluded.label,
             is_group = excluded.is_group, precision = excluded.precision, due_on = excluded.due_on,
             due_printed = excluded.due_printed, condition = excluded.condition, owners = excluded.owners,
             state = excluded.state, reached_on = excluded.reached_on, evidence = excluded.evidence,
             reason = excluded.reason, postponed_to = excluded.postponed_to, comment = excluded.comment,
             provenance = excluded.provenance, redated = excluded.redated
         RETURNING version",
        plan_id,
        it.code.as_str(),
        position,
        it.parent.as_ref().map(Code::as_str),
        it.node.as_str(),
        it.label,
        it.is_group,
        it.precision.map(Precision::word),
        it.due_on,
        it.due_printed,
        it.condition,
        &it.owners,
        it.state.map(State::word),
        it.reached_on,
        it.evidence,
        it.reason,
        it.postponed_to,
        it.comment,
        it.provenance,
        json_text(&it.redated),
    )
    .fetch_one(conn)
    .await
}

/// Takes one jalon away.
pub async fn remove_jalon(conn: &mut PgConnection, plan_id: i64, code: &str) -> sqlx::Result<Option<i32>> {
    sqlx::query_scalar!("DELETE FROM jalon WHERE plan_id = $1 AND code = $2 RETURNING version", plan_id, code)
        .fetch_optional(conn)
        .await
}

/// Writes what a person said of a jalon over the version they had under their eyes; `None` when another one is there: a
/// conflict.
pub async fn save(conn: &mut PgConnection, plan_id: i64, it: &Jalon, base: i32) -> sqlx::Result<Option<i32>> {
    sqlx::query_scalar!(
        "UPDATE jalon SET version = version + 1, state = $4, reached_on = $5, evidence = $6, reason = $7,
                          postponed_to = $8, comment = $9, provenance = $10
         WHERE plan_id = $1 AND code = $2 AND version = $3 RETURNING version",
        plan_id,
        it.code.as_str(),
        base,
        it.state.map(State::word),
        it.reached_on,
        it.evidence,
        it.reason,
        it.postponed_to,
        it.comment,
        it.provenance,
    )
    .fetch_optional(conn)
    .await
}
