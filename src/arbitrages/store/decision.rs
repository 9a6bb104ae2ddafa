//! Decisions, as they are written.

use sqlx::PgConnection;

use crate::arbitrages::model::{Arbitrage, Subject};
use crate::kernel::ids::Code;

/// Writes one decision; its condition is there already.
pub async fn put_arbitrage(conn: &mut PgConnection, plan_id: i64, it: &Arbitrage) -> sqlx::Result<i32> {
    sqlx::query_scalar!(
        "INSERT INTO arbitrage (plan_id, subject, code, rank, state, wording, set_aside, funding, condition_id, granted,
                                granted_printed_keur, decided_by, session_on, reason)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, (SELECT id FROM condition WHERE plan_id = $1 AND code = $9), $10, $11,
                 $12, $13, $14)
         ON CONFLICT (plan_id, subject, code, rank) DO UPDATE SET version = arbitrage.version + 1,
             state = excluded.state, wording = excluded.wording, set_aside = excluded.set_aside,
             funding = excluded.funding, condition_id = excluded.condition_id, granted = excluded.granted,
             granted_printed_keur = excluded.granted_printed_keur, decided_by = excluded.decided_by,
             session_on = excluded.session_on, reason = excluded.reason
         RETURNING version",
        plan_id,
        it.subject.word(),
        it.code.as_str(),
        it.rank,
        it.state.word(),
        it.wording,
        it.set_aside,
        it.funding,
        it.condition.as_ref().map(Code::as_str),
        it.granted,
        it.granted_printed_keur,
        it.decided_by,
        it.session_on,
        it.reason,
    )
    .fetch_one(conn)
    .await
}

/// Adds a decision at the end of its ledger, if the end is where its author saw it: `None` when someone decided in
/// between.
pub async fn append_arbitrage(conn: &mut PgConnection, plan_id: i64, it: &Arbitrage) -> sqlx::Result<Option<i32>> {
    sqlx::query_scalar!(
        "INSERT INTO arbitrage (plan_id, subject, code, rank, state, wording, set_aside, funding, condition_id, granted,
                                granted_printed_keur, decided_by, session_on, reason)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, (SELECT id FROM condition WHERE plan_id = $1 AND code = $9), $10, $11,
                 $12, $13, $14)
         ON CONFLICT (plan_id, subject, code, rank) DO NOTHING
         RETURNING version",
        plan_id,
        it.subject.word(),
        it.code.as_str(),
        it.rank,
        it.state.word(),
        it.wording,
        it.set_aside,
        it.funding,
        it.condition.as_ref().map(Code::as_str),
        it.granted,
        it.granted_printed_keur,
        it.decided_by,
        it.session_on,
        it.reason,
    )
    .fetch_optional(conn)
    .await
}

/// Takes one decision away.
pub async fn remove_arbitrage(
    conn: &mut PgConnection,
    plan_id: i64,
    subject: Subject,
    code: &str,
    rank: i32,
) -> sqlx::Result<Option<i32>> {
    sqlx::query_scalar!(
        "DELETE FROM arbitrage WHERE plan_id = $1 AND subject = $2 AND code = $3 AND rank = $4 RETURNING version",
        plan_id,
        subject.word(),
        code,
        rank,
    )
    .fetch_optional(conn)
    .await
}
