//! The SQL of follow-ups. A follow-up's version is what a person had under their eyes: [`save`] writes only over that
//! one.

use std::collections::HashMap;

use sqlx::PgConnection;

use super::model::{Followup, State};
use crate::access::DialogueState;
use crate::db::sound;
use crate::kernel::ids::Code;

/// A follow-up as kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// Database id of its plan.
    pub plan_id: i64,
    /// The follow-up.
    pub followup: Followup,
    /// Raised by every change.
    pub version: i32,
    /// Its place among the plan's.
    pub position: i32,
    /// Where the dialogue of its meeting stands; `None` when the plan had none that year.
    pub dialogue: Option<DialogueState>,
}

/// Those of one plan, in order.
pub async fn of_plan(conn: &mut PgConnection, plan_id: i64) -> sqlx::Result<Vec<Kept>> {
    read(conn, &[plan_id], false).await
}

/// Those still to be done of these plans, the earliest day first.
pub async fn open(conn: &mut PgConnection, plans: &[i64]) -> sqlx::Result<Vec<Kept>> {
    let mut found = read(conn, plans, true).await?;
    found.sort_by_key(|kept| kept.followup.due_on);
    Ok(found)
}

async fn read(conn: &mut PgConnection, plans: &[i64], open: bool) -> sqlx::Result<Vec<Kept>> {
    let rows = sqlx::query!(
        r#"SELECT followup.plan_id, followup.version, followup.position, code, followup.year, body, owner, due_on,
                  followup.state, said_on, note, provenance,
                  (SELECT dialogue.state FROM dialogue JOIN campaign ON campaign.id = dialogue.campaign_id
                   WHERE dialogue.plan_id = followup.plan_id AND campaign.year = followup.year) AS dialogue
           FROM followup WHERE plan_id = ANY ($1) AND (NOT $2 OR followup.state = 'a_faire')
           ORDER BY followup.plan_id, followup.position, followup.id"#,
        plans,
        open,
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter()
        .map(|row| {
            let dialogue = row.dialogue.map(|word| sound("dialogue.state", DialogueState::from_word(&word)));
            Ok(Kept {
                plan_id: row.plan_id,
                version: row.version,
                position: row.position,
                dialogue: dialogue.transpose()?,
                followup: Followup {
                    code: sound("followup.code", Code::new(&row.code))?,
                    year: row.year,
                    text: row.body,
                    owner: row.owner,
                    due_on: row.due_on,
                    state: sound("followup.state", State::from_word(&row.state))?,
                    said_on: row.said_on,
                    note: row.note,
                    provenance: row.provenance,
                },
            })
        })
        .collect()
}

/// Where the dialogue of each campaign of a plan stands, by year.
pub async fn dialogues(conn: &mut PgConnection, plan_id: i64) -> sqlx::Result<HashMap<i32, DialogueState>> {
    let rows = sqlx::query!(
        "SELECT campaign.year, dialogue.state FROM dialogue JOIN campaign ON campaign.id = dialogue.campaign_id
         WHERE dialogue.plan_id = $1",
        plan_id
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter().map(|row| Ok((row.year, sound("dialogue.state", DialogueState::from_word(&row.state))?))).collect()
}

/// Writes one, matched by its code.
pub async fn put_followup(conn: &mut PgConnection, plan_id: i64, it: &Followup, position: i32) -> sqlx::Result<i32> {
    sqlx::query_scalar!(
        "INSERT INTO followup (plan_id, code, position, year, body, owner, due_on, state, said_on, note, provenance)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
         ON CONFLICT (plan_id, code) DO UPDATE SET version = followup.version + 1, position = excluded.position,
             year = excluded.year, body = excluded.body, owner = excluded.owner, due_on = excluded.due_on,
             state = excluded.state, said_on = excluded.said_on, note = excluded.note,
             provenance = excluded.provenance
         RETURNING version",
        plan_id,
        it.code.as_str(),
        position,
        it.year,
        it.text,
        it.owner,
        it.due_on,
        it.state.word(),
        it.said_on,
        it.note,
        it.provenance,
    )
    .fetch_one(conn)
    .await
}

/// Adds one at the end of the plan's and returns its version and its position; `None` when its code was taken
/// meanwhile.
pub async fn append(conn: &mut PgConnection, plan_id: i64, it: &Followup) -> sqlx::Result<Option<(i32, i32)>> {
    let row = sqlx::query!(
        "INSERT INTO followup (plan_id, code, position, year, body, owner, due_on, state, provenance)
         VALUES ($1, $2, (SELECT coalesce(max(position) + 1, 0) FROM followup WHERE plan_id = $1), $3, $4, $5, $6, $7,
                 $8)
         ON CONFLICT (plan_id, code) DO NOTHING
         RETURNING version, position",
        plan_id,
        it.code.as_str(),
        it.year,
        it.text,
        it.owner,
        it.due_on,
        it.state.word(),
        it.provenance,
    )
    .fetch_optional(conn)
    .await?;
    Ok(row.map(|row| (row.version, row.position)))
}

/// Writes one over the version its author had under their eyes; `None` when another one is there: a conflict.
pub async fn save(conn: &mut PgConnection, plan_id: i64, it: &Followup, base: i32) -> sqlx::Result<Option<i32>> {
    sqlx::query_scalar!(
        "UPDATE followup SET version = version + 1, body = $4, owner = $5, due_on = $6, state = $7, said_on = $8,
                note = $9, provenance = $10
         WHERE plan_id = $1 AND code = $2 AND version = $3 RETURNING version",
        plan_id,
        it.code.as_str(),
        base,
        it.text,
        it.owner,
        it.due_on,
        it.state.word(),
        it.said_on,
        it.note,
        it.provenance,
    )
    .fetch_optional(conn)
    .await
}

/// Takes one away.
pub async fn remove(conn: &mut PgConnection, plan_id: i64, code: &str) -> sqlx::Result<Option<i32>> {
    sqlx::query_scalar!("DELETE FROM followup WHERE plan_id = $1 AND code = $2 RETURNING version", plan_id, code)
        .fetch_optional(conn)
        .await
}
