//! Conditions, as they are written, and one as its page reads it.

use sqlx::PgConnection;

use crate::arbitrages::model::Condition;

/// What an editor of a condition has under their eyes: its version, and its place among the plan's.
pub async fn version(conn: &mut PgConnection, plan_id: i64, code: &str) -> sqlx::Result<Option<(i32, i32)>> {
    let row = sqlx::query!("SELECT version, position FROM condition WHERE plan_id = $1 AND code = $2", plan_id, code)
        .fetch_optional(conn)
        .await?;
    Ok(row.map(|row| (row.version, row.position)))
}

/// Writes where a condition stands over the version its author had under their eyes; `None` is a conflict.
pub async fn save_state(conn: &mut PgConnection, plan_id: i64, it: &Condition, base: i32) -> sqlx::Result<Option<i32>> {
    sqlx::query_scalar!(
        "UPDATE condition SET version = version + 1, state = $4, dated_on = $5, note = $6
         WHERE plan_id = $1 AND code = $2 AND version = $3 RETURNING version",
        plan_id,
        it.code.as_str(),
        base,
        it.state.word(),
        it.dated_on,
        it.note,
    )
    .fetch_optional(conn)
    .await
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

/// Adds a condition at the end of the plan's and returns its version and its position; `None` when its code was taken
/// meanwhile.
pub async fn append_condition(
    conn: &mut PgConnection,
    plan_id: i64,
    it: &Condition,
) -> sqlx::Result<Option<(i32, i32)>> {
    let row = sqlx::query!(
        "INSERT INTO condition (plan_id, code, position, text, scope, state, dated_on, note)
         VALUES ($1, $2, (SELECT coalesce(max(position) + 1, 0) FROM condition WHERE plan_id = $1), $3, $4, $5, $6, $7)
         ON CONFLICT (plan_id, code) DO NOTHING
         RETURNING version, position",
        plan_id,
        it.code.as_str(),
        it.text,
        it.scope.word(),
        it.state.word(),
        it.dated_on,
        it.note,
    )
    .fetch_optional(conn)
    .await?;
    Ok(row.map(|row| (row.version, row.position)))
}

/// Takes one condition away.
pub async fn remove_condition(conn: &mut PgConnection, plan_id: i64, code: &str) -> sqlx::Result<Option<i32>> {
    sqlx::query_scalar!("DELETE FROM condition WHERE plan_id = $1 AND code = $2 RETURNING version", plan_id, code)
        .fetch_optional(conn)
        .await
}
