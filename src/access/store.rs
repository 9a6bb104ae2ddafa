//! What editing depends on, in the database: the hold every door takes, the last dialogue of a plan, and what moves a
//! dialogue from state to state.
//!
//! The states are moved here, below the rooms through which a director edits, because the first edit after a return
//! resumes the entry. `dialogue` opens dialogues and decides of every other move.
//!
//! One lock orders entry, import, transition and opening: the plan's row. A door that enters something [`hold`]s it
//! and reads afterwards what it decides on; whoever moves a dialogue, opens one or imports takes it whole
//! (`plans::store::lock_plan`). A save that comes during a submission is therefore in its snapshot, or is refused.

use chrono::NaiveDate;
use sqlx::PgConnection;

use super::model::{Asking, DialogueState};
use super::season::{Dialogue, Season};
use crate::accounts::model::User;
use crate::db::sound;
use crate::journal::model::{Act, Change};
use crate::journal::store as journal;
use crate::kernel::canonical::Canonical;

/// Holds a plan for the transaction of an entry: others enter beside, nobody submits, imports or opens meanwhile.
/// Returns the campaign that closed the plan, read under the hold. An unknown code holds nothing.
pub async fn hold(conn: &mut PgConnection, code: &str) -> sqlx::Result<Option<i32>> {
    let closed = sqlx::query_scalar!("SELECT closed_year FROM plan WHERE code = $1 FOR KEY SHARE", code);
    Ok(closed.fetch_optional(conn).await?.flatten())
}

/// The last dialogue of a plan and what it received, in one statement.
pub async fn season(conn: &mut PgConnection, plan_id: i64) -> sqlx::Result<Season> {
    let row = sqlx::query!(
        r#"SELECT plan.closed_year, latest.year AS "year?", latest.closes_on AS "closes_on?", latest.state AS "state?",
                  ARRAY(SELECT code FROM received WHERE dialogue_id = latest.id AND kind = 'jalon') AS "jalons!",
                  ARRAY(SELECT code FROM received WHERE dialogue_id = latest.id AND kind = 'action') AS "actions!"
           FROM plan LEFT JOIN LATERAL (
               SELECT dialogue.id, campaign.year, dialogue.state,
                      coalesce(dialogue.extended_to, campaign.closes_on) AS closes_on
               FROM dialogue JOIN campaign ON campaign.id = dialogue.campaign_id
               WHERE dialogue.plan_id = plan.id ORDER BY campaign.year DESC LIMIT 1
           ) latest ON true
           WHERE plan.id = $1"#,
        plan_id
    )
    .fetch_one(conn)
    .await?;
    let latest = match (row.year, row.closes_on, row.state) {
        (Some(year), Some(closes_on), Some(state)) => Some(Asking {
            year,
            closes_on,
            state: sound("dialogue.state", DialogueState::from_word(&state))?,
            received: false,
        }),
        _ => None,
    };
    Ok(Season::new(latest, row.jalons, row.actions, row.closed_year))
}

/// What moves a dialogue.
#[derive(Debug, Clone, Copy)]
pub struct Move<'a> {
    /// The dialogue.
    pub dialogue_id: i64,
    /// The word of the transition.
    pub kind: &'a str,
    /// Where it must stand.
    pub from: DialogueState,
    /// Where it goes.
    pub to: DialogueState,
    /// Why; the reason of a return stays while the entry is resumed.
    pub reason: Option<&'a str>,
    /// The séance of a validation.
    pub session_on: Option<NaiveDate>,
    /// Answers entered by others that a submission takes over.
    pub countersigned: Option<i32>,
}

/// Moves a dialogue, keeps the move and journals it, in the caller's transaction; `false` when it stands elsewhere.
pub async fn move_dialogue(conn: &mut PgConnection, act: &Act, it: &Move<'_>) -> sqlx::Result<bool> {
    let (_, _, before) = recorded(conn, it.dialogue_id).await?;
    let moved = sqlx::query_scalar!(
        "UPDATE dialogue SET version = version + 1, state = $3, state_since = $4,
                reason = CASE WHEN $7 = 'reprise' THEN reason ELSE $5 END, session_on = $6
         WHERE id = $1 AND state = $2 RETURNING id",
        it.dialogue_id,
        it.from.word(),
        it.to.word(),
        act.at,
        it.reason,
        it.session_on,
        it.kind,
    )
    .fetch_optional(&mut *conn)
    .await?;
    if moved.is_none() {
        return Ok(false);
    }
    keep_move(conn, act, it).await?;
    journal_dialogue(conn, act, it.dialogue_id, Some(before)).await?;
    Ok(true)
}

/// Keeps one move in the dialogue's own history.
pub async fn keep_move(conn: &mut PgConnection, act: &Act, it: &Move<'_>) -> sqlx::Result<()> {
    sqlx::query!(
        "INSERT INTO dialogue_transition (dialogue_id, kind, to_state, at, account_id, actor, reason, session_on,
                                          countersigned)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        it.dialogue_id,
        it.kind,
        it.to.word(),
        act.at,
        act.actor.account_id,
        act.actor.function,
        it.reason,
        it.session_on,
        it.countersigned,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// A dialogue as the journal keeps it, with its plan and version.
pub async fn recorded(conn: &mut PgConnection, dialogue_id: i64) -> sqlx::Result<(i64, i32, Dialogue)> {
    let row = sqlx::query!(
        r#"SELECT dialogue.plan_id, dialogue.version, campaign.year, dialogue.state, dialogue.reason,
                  dialogue.session_on, dialogue.extended_to, dialogue.is_final,
                  (SELECT count(*) FROM expected_cell WHERE dialogue_id = dialogue.id)::int AS "expected!"
           FROM dialogue JOIN campaign ON campaign.id = dialogue.campaign_id WHERE dialogue.id = $1"#,
        dialogue_id
    )
    .fetch_one(conn)
    .await?;
    let state = Dialogue {
        year: row.year,
        state: sound("dialogue.state", DialogueState::from_word(&row.state))?,
        expected: row.expected,
        reason: row.reason,
        session_on: row.session_on,
        extended_to: row.extended_to,
        is_final: row.is_final,
    };
    Ok((row.plan_id, row.version, state))
}

/// Journals what became of a dialogue, `before` being what it was; with the reason of the act.
pub async fn journal_dialogue(
    conn: &mut PgConnection,
    act: &Act,
    dialogue_id: i64,
    before: Option<Dialogue>,
) -> sqlx::Result<()> {
    let (plan_id, version, after) = recorded(conn, dialogue_id).await?;
    let entry = Change {
        plan_id: Some(plan_id),
        kind: "dialogue",
        code: &after.year.to_string(),
        version,
        before: before.map(|state| state.write()),
        after: Some(after.write()),
        position: None,
    };
    journal::append(conn, act, entry).await
}

/// What follows an edit, whatever the door, in its transaction: the first one by the director after a return resumes
/// the entry.
pub async fn edited(
    conn: &mut PgConnection,
    user: &User,
    act: &Act,
    plan_id: i64,
    structure_id: i64,
) -> sqlx::Result<()> {
    if !user.directs(structure_id) {
        return Ok(());
    }
    let returned = sqlx::query_scalar!(
        "SELECT dialogue.id FROM dialogue JOIN campaign ON campaign.id = dialogue.campaign_id
         WHERE dialogue.plan_id = $1 AND dialogue.state = 'retourne' ORDER BY campaign.year DESC LIMIT 1",
        plan_id
    )
    .fetch_optional(&mut *conn)
    .await?;
    let Some(dialogue_id) = returned else { return Ok(()) };
    let resumption = Move {
        dialogue_id,
        kind: "reprise",
        from: DialogueState::Returned,
        to: DialogueState::Entry,
        reason: None,
        session_on: None,
        countersigned: None,
    };
    // Two edits at once: one of them resumes.
    let act = Act { reason: None, ..act.clone() };
    move_dialogue(conn, &act, &resumption).await?;
    Ok(())
}
