//! The SQL of decisions and conditions.
//!
//! `put_*` writes one element, matched by its code, and returns its version; `remove_*` takes one away. The caller
//! owns the transaction and writes the journal in it.

use std::collections::HashMap;

use rust_decimal::Decimal;
use sqlx::PgConnection;

use super::model::{Arbitrage, Condition, ConditionState, Scope, State, Subject};
use crate::db::sound;
use crate::kernel::ids::Code;

/// The decisions of a plan, or those on one subject, or on one thing, in their order.
pub async fn arbitrages(
    conn: &mut PgConnection,
    plan_id: i64,
    subject: Option<Subject>,
    code: Option<&str>,
) -> sqlx::Result<Vec<Arbitrage>> {
    let found = read(conn, Some(plan_id), subject, code).await?;
    let mut list: Vec<Arbitrage> = found.into_iter().map(|(_, it)| it).collect();
    Arbitrage::sort(&mut list);
    Ok(list)
}

/// Decisions with their plan's id, each ledger oldest first.
async fn read(
    conn: &mut PgConnection,
    plan_id: Option<i64>,
    subject: Option<Subject>,
    code: Option<&str>,
) -> sqlx::Result<Vec<(i64, Arbitrage)>> {
    let rows = sqlx::query!(
        r#"SELECT arbitrage.plan_id, subject, arbitrage.code, rank, arbitrage.state, wording, set_aside, funding,
                  condition.code AS "condition?", granted, granted_printed_keur, decided_by, session_on, reason
           FROM arbitrage LEFT JOIN condition ON condition.id = arbitrage.condition_id
           WHERE ($1::bigint IS NULL OR arbitrage.plan_id = $1)
             AND ($2::text IS NULL OR subject = $2)
             AND ($3::text IS NULL OR arbitrage.code = $3)
           ORDER BY arbitrage.plan_id, subject, arbitrage.code, rank"#,
        plan_id,
        subject.map(Subject::word),
        code,
    )
    .fetch_all(conn)
    .await?;
    let normal = |value: Option<Decimal>| value.map(|value| value.normalize());
    rows.into_iter()
        .map(|row| {
            let arbitrage = Arbitrage {
                subject: sound("arbitrage.subject", Subject::from_word(&row.subject))?,
                code: sound("arbitrage.code", Code::new(&row.code))?,
                rank: row.rank,
                state: sound("arbitrage.state", State::from_word(&row.state))?,
                wording: row.wording,
                set_aside: row.set_aside,
                funding: row.funding,
                condition: row.condition.map(|code| sound("condition.code", Code::new(&code))).transpose()?,
                granted: normal(row.granted),
                granted_printed_keur: normal(row.granted_printed_keur),
                decided_by: row.decided_by,
                session_on: row.session_on,
                reason: row.reason,
            };
            Ok((row.plan_id, arbitrage))
        })
        .collect()
}

/// The decisions on one subject over every plan, by plan and code, oldest first.
pub async fn of_every_plan(
    conn: &mut PgConnection,
    subject: Subject,
) -> sqlx::Result<HashMap<(i64, String), Vec<Arbitrage>>> {
    let mut found: HashMap<(i64, String), Vec<Arbitrage>> = HashMap::new();
    for (plan_id, it) in read(conn, None, Some(subject), None).await? {
        found.entry((plan_id, it.code.to_string())).or_default().push(it);
    }
    Ok(found)
}

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

/// The conditions of a plan, in order.
pub async fn conditions(conn: &mut PgConnection, plan_id: i64) -> sqlx::Result<Vec<Condition>> {
    let rows = sqlx::query!(
        "SELECT code, text, scope, state, dated_on, note FROM condition WHERE plan_id = $1 ORDER BY position, id",
        plan_id
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(Condition {
                code: sound("condition.code", Code::new(&row.code))?,
                text: row.text,
                scope: sound("condition.scope", Scope::from_word(&row.scope))?,
                state: sound("condition.state", ConditionState::from_word(&row.state))?,
                dated_on: row.dated_on,
                note: row.note,
            })
        })
        .collect()
}

/// Writes one condition.
pub async fn put_condition(conn: &mut PgConnection, plan_id: i64, it: &Condition, position: i32) -> sqlx::Result<i32> {
    sqlx::query_scalar!(
        "INSERT INTO condition (plan_id, code, position, text, scope, state, dated_on, note)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
         ON CONFLICT (plan_id, code) DO UPDATE SET version = condition.version + 1, position = excluded.position,
             text = excluded.text, scope = excluded.scope, state = excluded.state, dated_on = excluded.dated_on,
             note = excluded.note
         RETURNING version",
        plan_id,
        it.code.as_str(),
        position,
        it.text,
        it.scope.word(),
        it.state.word(),
        it.dated_on,
        it.note,
    )
    .fetch_one(conn)
    .await
}

/// Takes one condition away.
pub async fn remove_condition(conn: &mut PgConnection, plan_id: i64, code: &str) -> sqlx::Result<Option<i32>> {
    sqlx::query_scalar!("DELETE FROM condition WHERE plan_id = $1 AND code = $2 RETURNING version", plan_id, code)
        .fetch_optional(conn)
        .await
}
