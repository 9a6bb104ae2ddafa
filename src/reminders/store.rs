//! The SQL of reminders. A row is what gives the right to send: it is committed first.

use std::collections::HashMap;

use chrono::{DateTime, Days, NaiveDate, Utc};
use sqlx::PgConnection;

use super::model::{Fate, HandedBack, KEPT_DAYS, Key, Kind, MailState, Round, Taken};
use super::schedule::{DOUBTFUL_AFTER, Stage};
use crate::db::sound;
use crate::dialogue::model::Transition;

fn key(kind: &str, subject: String, deadline: NaiveDate, stage: &str) -> sqlx::Result<Key> {
    Ok(Key {
        kind: sound("reminder.kind", Kind::from_word(kind))?,
        subject,
        deadline,
        stage: sound("reminder.stage", Stage::from_word(stage))?,
    })
}

/// What was taken in hand, for deadlines since a day.
pub async fn taken(conn: &mut PgConnection, since: NaiveDate) -> sqlx::Result<Taken> {
    let rows =
        sqlx::query!("SELECT account_id, kind, subject, deadline, stage FROM reminder WHERE deadline >= $1", since)
            .fetch_all(conn)
            .await?;
    rows.into_iter().map(|row| Ok((row.account_id, key(&row.kind, row.subject, row.deadline, &row.stage)?))).collect()
}

/// The dialogues that the directoire handed back and that were not submitted since, by database id.
pub async fn handed_back(conn: &mut PgConnection) -> sqlx::Result<HashMap<i64, HandedBack>> {
    let rows = sqlx::query!(
        "SELECT DISTINCT ON (dialogue_id) dialogue_id, kind, at FROM dialogue_transition
         WHERE kind IN ('retour', 'reouverture', 'soumission') ORDER BY dialogue_id, id DESC"
    )
    .fetch_all(conn)
    .await?;
    let back = rows.into_iter().filter(|row| row.kind != Transition::Submission.word());
    Ok(back
        .map(|row| (row.dialogue_id, HandedBack { at: row.at, reopened: row.kind == Transition::Reopening.word() }))
        .collect())
}

/// A message in hand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hold {
    /// Its number.
    pub id: i64,
    /// Its reader.
    pub account_id: i64,
    /// The day it was first taken in hand.
    pub day: NaiveDate,
    /// Tries, this one included.
    pub tries: i32,
    /// What it recalls.
    pub keys: Vec<Key>,
}

/// Takes a message in hand: those of its things that nobody took before. `None` when the person has had a message
/// today, or when nothing is left; the caller then gives the transaction up. The caller commits before sending.
pub async fn take(
    conn: &mut PgConnection,
    account_id: i64,
    day: NaiveDate,
    keys: &[&Key],
    now: DateTime<Utc>,
) -> sqlx::Result<Option<Hold>> {
    // A second server waits here until the first one has committed, then finds the row.
    let id = sqlx::query_scalar!(
        "INSERT INTO reminder_mail (account_id, day, state, tries, taken_at) VALUES ($1, $2, $3, 1, $4)
         ON CONFLICT ON CONSTRAINT reminder_mail_key DO NOTHING RETURNING id",
        account_id,
        day,
        MailState::InHand.word(),
        now,
    )
    .fetch_optional(&mut *conn)
    .await?;
    let Some(id) = id else { return Ok(None) };
    let kinds: Vec<String> = keys.iter().map(|key| key.kind.word().to_owned()).collect();
    let subjects: Vec<String> = keys.iter().map(|key| key.subject.clone()).collect();
    let deadlines: Vec<NaiveDate> = keys.iter().map(|key| key.deadline).collect();
    let stages: Vec<String> = keys.iter().map(|key| key.stage.word().to_owned()).collect();
    let rows = sqlx::query!(
        "INSERT INTO reminder (mail_id, account_id, kind, subject, deadline, stage)
         SELECT $1, $2, * FROM unnest($3::text[], $4::text[], $5::date[], $6::text[])
         ON CONFLICT ON CONSTRAINT reminder_key DO NOTHING
         RETURNING kind, subject, deadline, stage",
        id,
        account_id,
        &kinds,
        &subjects,
        &deadlines,
        &stages,
    )
    .fetch_all(conn)
    .await?;
    let keys: Vec<Key> = rows
        .into_iter()
        .map(|row| key(&row.kind, row.subject, row.deadline, &row.stage))
        .collect::<sqlx::Result<_>>()?;
    Ok((!keys.is_empty()).then_some(Hold { id, account_id, day, tries: 1, keys }))
}

/// Takes the next message to be tried again, one for each server that asks.
pub async fn take_again(conn: &mut PgConnection, now: DateTime<Utc>) -> sqlx::Result<Option<Hold>> {
    let row = sqlx::query!(
        "UPDATE reminder_mail SET state = $2, tries = tries + 1, taken_at = $1, next_at = NULL
         WHERE id = (SELECT id FROM reminder_mail WHERE state = $3 AND next_at <= $1
                     ORDER BY next_at, id LIMIT 1 FOR UPDATE SKIP LOCKED)
         RETURNING id, account_id, day, tries",
        now,
        MailState::InHand.word(),
        MailState::Again.word(),
    )
    .fetch_optional(&mut *conn)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let keys = sqlx::query!("SELECT kind, subject, deadline, stage FROM reminder WHERE mail_id = $1", row.id)
        .fetch_all(conn)
        .await?
        .into_iter()
        .map(|row| key(&row.kind, row.subject, row.deadline, &row.stage))
        .collect::<sqlx::Result<_>>()?;
    Ok(Some(Hold { id: row.id, account_id: row.account_id, day: row.day, tries: row.tries, keys }))
}

/// Whether some message is to be tried again now.
pub async fn has_more(conn: &mut PgConnection, now: DateTime<Utc>) -> sqlx::Result<bool> {
    sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT FROM reminder_mail WHERE state = $2 AND next_at <= $1) AS "exists!""#,
        now,
        MailState::Again.word(),
    )
    .fetch_one(conn)
    .await
}

/// Notes what became of a message in hand.
pub async fn settle(conn: &mut PgConnection, id: i64, fate: &Fate, now: DateTime<Utc>) -> sqlx::Result<()> {
    sqlx::query!(
        "UPDATE reminder_mail SET state = $2, tries = $3, next_at = $4, failure = $5, sent_at = $6 WHERE id = $1",
        id,
        fate.state.word(),
        fate.tries,
        fate.next_at,
        fate.failure,
        (fate.state == MailState::Sent).then_some(now),
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Names the messages whose server is gone doubtful, and forgets the oldest ones.
pub async fn sweep(conn: &mut PgConnection, now: DateTime<Utc>, today: NaiveDate) -> sqlx::Result<()> {
    sqlx::query!(
        "UPDATE reminder_mail SET state = $2, failure = 'Le serveur s’est arrêté pendant l’envoi.'
         WHERE state = $3 AND taken_at < $1",
        now - DOUBTFUL_AFTER,
        MailState::Uncertain.word(),
        MailState::InHand.word(),
    )
    .execute(&mut *conn)
    .await?;
    sqlx::query!("DELETE FROM reminder_mail WHERE day < $1", today - Days::new(KEPT_DAYS)).execute(conn).await?;
    Ok(())
}

/// Keeps how the last round went.
pub async fn note_round(conn: &mut PgConnection, round: &Round, at: DateTime<Utc>) -> sqlx::Result<()> {
    sqlx::query!(
        "INSERT INTO reminder_round (at, sent, failed, problem) VALUES ($1, $2, $3, $4)
         ON CONFLICT (id) DO UPDATE SET at = excluded.at, sent = excluded.sent, failed = excluded.failed,
             problem = excluded.problem",
        at,
        round.sent,
        round.failed,
        round.problem,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// The last round, and when.
pub async fn last_round(conn: &mut PgConnection) -> sqlx::Result<Option<(DateTime<Utc>, Round)>> {
    let row = sqlx::query!("SELECT at, sent, failed, problem FROM reminder_round").fetch_optional(conn).await?;
    Ok(row.map(|row| (row.at, Round { sent: row.sent, failed: row.failed, problem: row.problem })))
}

/// How many messages left since a day.
pub async fn sent_since(conn: &mut PgConnection, day: NaiveDate) -> sqlx::Result<i64> {
    sqlx::query_scalar!(
        r#"SELECT count(*) AS "count!" FROM reminder_mail WHERE state = $2 AND day >= $1"#,
        day,
        MailState::Sent.word(),
    )
    .fetch_one(conn)
    .await
}

/// A message that did not leave, or may not have.
#[derive(Debug, Clone)]
pub struct Trouble {
    /// Its number.
    pub id: i64,
    /// Its reader's account.
    pub account_id: i64,
    /// Its reader's address.
    pub email: String,
    /// Its reader's function.
    pub function: String,
    /// The day it was taken in hand.
    pub day: NaiveDate,
    /// Where it stands.
    pub state: MailState,
    /// How many things it recalls.
    pub things: i64,
    /// Tries.
    pub tries: i32,
    /// When it is tried again.
    pub next_at: Option<DateTime<Utc>>,
    /// Why.
    pub failure: Option<String>,
}

/// The messages that did not leave, the latest first, at most so many; or one message, wherever it stands.
pub async fn troubles(conn: &mut PgConnection, id: Option<i64>, most: i64) -> sqlx::Result<Vec<Trouble>> {
    let rows = sqlx::query!(
        r#"SELECT mail.id, mail.account_id, account.email, account.function, mail.day, mail.state, mail.tries,
                  mail.next_at, mail.failure,
                  (SELECT count(*) FROM reminder WHERE reminder.mail_id = mail.id) AS "things!"
           FROM reminder_mail mail JOIN account ON account.id = mail.account_id
           WHERE mail.id = $1
              OR ($1 IS NULL AND mail.state IN ('en_cours', 'a_reprendre', 'echec', 'incertain'))
           ORDER BY mail.day DESC, account.email LIMIT $2"#,
        id,
        most,
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(Trouble {
                id: row.id,
                account_id: row.account_id,
                email: row.email,
                function: row.function,
                day: row.day,
                state: sound("reminder_mail.state", MailState::from_word(&row.state))?,
                things: row.things,
                tries: row.tries,
                next_at: row.next_at,
                failure: row.failure,
            })
        })
        .collect()
}

/// Lets a message leave again at the next round, its tries counted anew; `false` when it is in hand or gone.
pub async fn let_leave(conn: &mut PgConnection, id: i64, now: DateTime<Utc>) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        "UPDATE reminder_mail SET state = $3, tries = 0, next_at = $2
         WHERE id = $1 AND state IN ('a_reprendre', 'echec', 'incertain')",
        id,
        now,
        MailState::Again.word(),
    )
    .execute(conn)
    .await?;
    Ok(done.rows_affected() > 0)
}
