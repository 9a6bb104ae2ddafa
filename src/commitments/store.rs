//! The SQL of headings, actions, requests, envelopes and commitments.

use sqlx::PgConnection;

use super::model::{Action, Commitment, Envelope, Heading, Request};
use crate::db::json;
use crate::kernel::canonical::Canonical;
use crate::kernel::ids::Code;

/// All that the page shows, with the version of what can be moved there.
#[derive(Debug, Clone)]
pub struct Commitments {
    /// Headings, in order.
    pub headings: Vec<Heading>,
    /// Actions, in order, with their versions.
    pub actions: Vec<(Action, i32)>,
    /// Requests, in order.
    pub requests: Vec<Request>,
    /// Envelopes, in order.
    pub envelopes: Vec<Envelope>,
    /// The establishment's commitments, in order, with their versions.
    pub commitments: Vec<(Commitment, i32)>,
}

/// Everything of a plan, in one statement.
pub async fn all(conn: &mut PgConnection, plan_id: i64) -> sqlx::Result<Commitments> {
    let row = sqlx::query!(
        r#"SELECT
             (SELECT coalesce(json_agg(json_build_object('code', code, 'title', title) ORDER BY position, id), '[]')
              FROM heading WHERE plan_id = $1)::text AS "headings!",
             (SELECT coalesce(json_agg(json_strip_nulls(json_build_object('code', action.code, 'heading', heading.code,
                        'label', label, 'owner', owner, 'state', state, 'note', note, 'provenance', provenance))
                        ORDER BY action.position, action.id), '[]')
              FROM action JOIN heading ON heading.id = action.heading_id
              WHERE action.plan_id = $1)::text AS "actions!",
             (SELECT coalesce(array_agg(version ORDER BY position, id), '{}') FROM action WHERE plan_id = $1)
                 AS "action_versions!",
             (SELECT coalesce(json_agg(json_strip_nulls(json_build_object('code', request.code,
                        'heading', heading.code, 'node', node.code, 'label', request.label,
                        'quantities', quantities)) ORDER BY request.position, request.id), '[]')
              FROM request LEFT JOIN heading ON heading.id = request.heading_id
                           LEFT JOIN node ON node.id = request.node_id
              WHERE request.plan_id = $1)::text AS "requests!",
             (SELECT coalesce(json_agg(json_strip_nulls(json_build_object('code', envelope.code,
                        'request', request.code, 'label', envelope.label, 'ceiling', ceiling::text, 'unit', unit,
                        'baseline', baseline, 'revision', revision, 'used', used))
                        ORDER BY envelope.position, envelope.id), '[]')
              FROM envelope JOIN request ON request.id = envelope.request_id
              WHERE envelope.plan_id = $1)::text AS "envelopes!",
             (SELECT coalesce(json_agg(json_strip_nulls(json_build_object('code', code, 'volet', volet, 'text', body,
                        'quantity', quantity, 'baseline', baseline, 'owner', owner, 'years', years))
                        ORDER BY position, id), '[]')
              FROM commitment WHERE plan_id = $1)::text AS "commitments!",
             (SELECT coalesce(array_agg(version ORDER BY position, id), '{}') FROM commitment WHERE plan_id = $1)
                 AS "commitment_versions!""#,
        plan_id
    )
    .fetch_one(conn)
    .await?;
    let actions: Vec<Action> = json("action", &row.actions)?;
    let commitments: Vec<Commitment> = json("commitment", &row.commitments)?;
    Ok(Commitments {
        headings: json("heading", &row.headings)?,
        actions: actions.into_iter().zip(row.action_versions).collect(),
        requests: json("request", &row.requests)?,
        envelopes: json("envelope", &row.envelopes)?,
        commitments: commitments.into_iter().zip(row.commitment_versions).collect(),
    })
}

/// Writes one heading.
pub async fn put_heading(conn: &mut PgConnection, plan_id: i64, it: &Heading, position: i32) -> sqlx::Result<i32> {
    sqlx::query_scalar!(
        "INSERT INTO heading (plan_id, code, position, title) VALUES ($1, $2, $3, $4)
         ON CONFLICT (plan_id, code) DO UPDATE SET version = heading.version + 1, position = excluded.position,
             title = excluded.title
         RETURNING version",
        plan_id,
        it.code.as_str(),
        position,
        it.title,
    )
    .fetch_one(conn)
    .await
}

/// Takes one heading away.
pub async fn remove_heading(conn: &mut PgConnection, plan_id: i64, code: &str) -> sqlx::Result<Option<i32>> {
    sqlx::query_scalar!("DELETE FROM heading WHERE plan_id = $1 AND code = $2 RETURNING version", plan_id, code)
        .fetch_optional(conn)
        .await
}

/// Writes one action.
pub async fn put_action(conn: &mut PgConnection, plan_id: i64, it: &Action, position: i32) -> sqlx::Result<i32> {
    sqlx::query_scalar!(
        "INSERT INTO action (plan_id, code, position, heading_id, label, owner, state, note, provenance)
         VALUES ($1, $2, $3, (SELECT id FROM heading WHERE plan_id = $1 AND code = $4), $5, $6, $7, $8, $9)
         ON CONFLICT (plan_id, code) DO UPDATE SET version = action.version + 1, position = excluded.position,
             heading_id = excluded.heading_id, label = excluded.label, owner = excluded.owner,
             state = excluded.state, note = excluded.note, provenance = excluded.provenance
         RETURNING version",
        plan_id,
        it.code.as_str(),
        position,
        it.heading.as_str(),
        it.label,
        it.owner,
        it.state.word(),
        it.note,
        it.provenance,
    )
    .fetch_one(conn)
    .await
}

/// Writes what a director says of an action, over the version they had under their eyes; `None` is a conflict.
pub async fn save_action(conn: &mut PgConnection, plan_id: i64, it: &Action, base: i32) -> sqlx::Result<Option<i32>> {
    sqlx::query_scalar!(
        "UPDATE action SET version = version + 1, owner = $4, state = $5, note = $6, provenance = $7
         WHERE plan_id = $1 AND code = $2 AND version = $3 RETURNING version",
        plan_id,
        it.code.as_str(),
        base,
        it.owner,
        it.state.word(),
        it.note,
        it.provenance,
    )
    .fetch_optional(conn)
    .await
}

/// Takes one action away.
pub async fn remove_action(conn: &mut PgConnection, plan_id: i64, code: &str) -> sqlx::Result<Option<i32>> {
    sqlx::query_scalar!("DELETE FROM action WHERE plan_id = $1 AND code = $2 RETURNING version", plan_id, code)
        .fetch_optional(conn)
        .await
}

/// Writes one request.
pub async fn put_request(conn: &mut PgConnection, plan_id: i64, it: &Request, position: i32) -> sqlx::Result<i32> {
    sqlx::query_scalar!(
        "INSERT INTO request (plan_id, code, position, heading_id, node_id, label, quantities)
         VALUES ($1, $2, $3, (SELECT id FROM heading WHERE plan_id = $1 AND code = $4),
                 (SELECT id FROM node WHERE plan_id = $1 AND code = $5), $6, $7::text::json)
         ON CONFLICT (plan_id, code) DO UPDATE SET version = request.version + 1, position = excluded.position,
             heading_id = excluded.heading_id, node_id = excluded.node_id, label = excluded.label,
             quantities = excluded.quantities
         RETURNING version",
        plan_id,
        it.code.as_str(),
        position,
        it.heading.as_ref().map(Code::as_str),
        it.node.as_ref().map(Code::as_str),
        it.label,
        it.quantities.write().to_string(),
    )
    .fetch_one(conn)
    .await
}

/// Adds a request at the end of the plan's and returns its version and its position; `None` when its code was taken
/// meanwhile.
pub async fn append_request(conn: &mut PgConnection, plan_id: i64, it: &Request) -> sqlx::Result<Option<(i32, i32)>> {
    let row = sqlx::query!(
        "INSERT INTO request (plan_id, code, position, heading_id, node_id, label, quantities)
         VALUES ($1, $2, (SELECT coalesce(max(position) + 1, 0) FROM request WHERE plan_id = $1),
                 (SELECT id FROM heading WHERE plan_id = $1 AND code = $3),
                 (SELECT id FROM node WHERE plan_id = $1 AND code = $4), $5, $6::text::json)
         ON CONFLICT (plan_id, code) DO NOTHING
         RETURNING version, position",
        plan_id,
        it.code.as_str(),
        it.heading.as_ref().map(Code::as_str),
        it.node.as_ref().map(Code::as_str),
        it.label,
        it.quantities.write().to_string(),
    )
    .fetch_optional(conn)
    .await?;
    Ok(row.map(|row| (row.version, row.position)))
}

/// Takes one request away.
pub async fn remove_request(conn: &mut PgConnection, plan_id: i64, code: &str) -> sqlx::Result<Option<i32>> {
    sqlx::query_scalar!("DELETE FROM request WHERE plan_id = $1 AND code = $2 RETURNING version", plan_id, code)
        .fetch_optional(conn)
        .await
}

/// Writes one envelope.
pub async fn put_envelope(conn: &mut PgConnection, plan_id: i64, it: &Envelope, position: i32) -> sqlx::Result<i32> {
    sqlx::query_scalar!(
        "INSERT INTO envelope (plan_id, code, position, request_id, label, ceiling, unit, baseline, revision, used)
         VALUES ($1, $2, $3, (SELECT id FROM request WHERE plan_id = $1 AND code = $4), $5, $6, $7, $8, $9,
                 $10::text::json)
         ON CONFLICT (plan_id, code) DO UPDATE SET version = envelope.version + 1, position = excluded.position,
             request_id = excluded.request_id, label = excluded.label, ceiling = excluded.ceiling,
             unit = excluded.unit, baseline = excluded.baseline, revision = excluded.revision, used = excluded.used
         RETURNING version",
        plan_id,
        it.code.as_str(),
        position,
        it.request.as_str(),
        it.label,
        it.ceiling,
        it.unit,
        it.baseline,
        it.revision,
        it.used.write().to_string(),
    )
    .fetch_one(conn)
    .await
}

/// Takes one envelope away.
pub async fn remove_envelope(conn: &mut PgConnection, plan_id: i64, code: &str) -> sqlx::Result<Option<i32>> {
    sqlx::query_scalar!("DELETE FROM envelope WHERE plan_id = $1 AND code = $2 RETURNING version", plan_id, code)
        .fetch_optional(conn)
        .await
}

/// Writes one commitment of the establishment.
pub async fn put_commitment(
    conn: &mut PgConnection,
    plan_id: i64,
    it: &Commitment,
    position: i32,
) -> sqlx::Result<i32> {
    sqlx::query_scalar!(
        "INSERT INTO commitment (plan_id, code, position, volet, body, quantity, baseline, owner, years)
         VALUES ($1, $2, $3, $4, $5, $6::text::json, $7, $8, $9::text::json)
         ON CONFLICT (plan_id, code) DO UPDATE SET version = commitment.version + 1, position = excluded.position,
             volet = excluded.volet, body = excluded.body, quantity = excluded.quantity,
             baseline = excluded.baseline, owner = excluded.owner, years = excluded.years
         RETURNING version",
        plan_id,
        it.code.as_str(),
        position,
        it.volet,
        it.text,
        it.quantity.as_ref().map(|quantity| quantity.write().to_string()),
        it.baseline,
        it.owner,
        it.years.write().to_string(),
    )
    .fetch_one(conn)
    .await
}

/// Writes the years of a commitment, over the version its author had under their eyes; `None` is a conflict.
pub async fn save_years(
    conn: &mut PgConnection,
    plan_id: i64,
    it: &Commitment,
    base: i32,
) -> sqlx::Result<Option<i32>> {
    sqlx::query_scalar!(
        "UPDATE commitment SET version = version + 1, years = $4::text::json
         WHERE plan_id = $1 AND code = $2 AND version = $3 RETURNING version",
        plan_id,
        it.code.as_str(),
        base,
        it.years.write().to_string(),
    )
    .fetch_optional(conn)
    .await
}

/// Takes one commitment away.
pub async fn remove_commitment(conn: &mut PgConnection, plan_id: i64, code: &str) -> sqlx::Result<Option<i32>> {
    sqlx::query_scalar!("DELETE FROM commitment WHERE plan_id = $1 AND code = $2 RETURNING version", plan_id, code)
        .fetch_optional(conn)
        .await
}
