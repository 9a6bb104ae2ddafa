//! What a submission receives stays as it was received.

use chrono::NaiveDate;
use sqlx::PgConnection;

/// Freezes what a submission receives: the expected cells, the jalons that the contract, avenants included, wants by a
/// day, the actions.
pub async fn freeze(conn: &mut PgConnection, dialogue_id: i64, until: NaiveDate) -> sqlx::Result<()> {
    sqlx::query!("UPDATE expected_cell SET frozen = true WHERE dialogue_id = $1", dialogue_id)
        .execute(&mut *conn)
        .await?;
    sqlx::query!(
        "INSERT INTO received (dialogue_id, kind, code)
         SELECT dialogue.id, thing.kind, thing.code
         FROM dialogue JOIN (
             SELECT plan_id, 'jalon' AS kind, code FROM jalon
             WHERE NOT is_group AND coalesce((redated -> -1 ->> 'due_on')::date, due_on) <= $2
             UNION ALL SELECT plan_id, 'action', code FROM action
         ) thing ON thing.plan_id = dialogue.plan_id
         WHERE dialogue.id = $1",
        dialogue_id,
        until,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Gives it back to edit.
pub async fn unfreeze(conn: &mut PgConnection, dialogue_id: i64) -> sqlx::Result<()> {
    sqlx::query!("UPDATE expected_cell SET frozen = false WHERE dialogue_id = $1", dialogue_id)
        .execute(&mut *conn)
        .await?;
    sqlx::query!("DELETE FROM received WHERE dialogue_id = $1", dialogue_id).execute(conn).await?;
    Ok(())
}
