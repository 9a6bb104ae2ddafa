//! The SQL of decisions and conditions.
//!
//! `put_*` writes one element, matched by its code, and returns its version; `remove_*` takes one away. The caller
//! owns the transaction and writes the journal in it.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use rust_decimal::Decimal;
use sqlx::PgConnection;

use super::model::{Arbitrage, Condition, ConditionState, Scope, State, Subject, ledger};
use crate::db::{json, sound};
use crate::kernel::ids::Code;

/// All that was said and decided of what a plan asks for.
#[derive(Debug, Clone, Default)]
pub struct Dossier {
    /// Decisions, in their order.
    pub decisions: Vec<Arbitrage>,
    /// Conditions, in order.
    pub conditions: Vec<Condition>,
}

impl Dossier {
    /// The decisions on one thing, oldest first.
    pub fn ledger(&self, subject: Subject, code: &Code) -> Vec<Arbitrage> {
        ledger(&self.decisions, subject, code).into_iter().cloned().collect()
    }
}

/// The dossier of a plan, in one statement.
pub async fn dossier(conn: &mut PgConnection, plan_id: i64) -> sqlx::Result<Dossier> {
    let row = sqlx::query!(
        r#"SELECT
             (SELECT coalesce(json_agg(json_strip_nulls(json_build_object('subject', subject, 'code', arbitrage.code,
                        'rank', rank, 'state', arbitrage.state, 'wording', wording, 'set_aside', set_aside,
                        'funding', funding, 'condition', condition.code, 'granted', granted::text,
                        'granted_printed_keur', granted_printed_keur::text, 'decided_by', decided_by,
                        'session_on', session_on, 'reason', reason))), '[]')
              FROM arbitrage LEFT JOIN condition ON condition.id = arbitrage.condition_id
              WHERE arbitrage.plan_id = $1)::text AS "decisions!",
             (SELECT coalesce(json_agg(json_strip_nulls(json_build_object('code', code, 'text', text, 'scope', scope,
                        'state', state, 'dated_on', dated_on, 'note', note)) ORDER BY position, id), '[]')
              FROM condition WHERE plan_id = $1)::text AS "conditions!""#,
        plan_id
    )
    .fetch_one(conn)
    .await?;
    let mut decisions: Vec<Arbitrage> = json("arbitrage", &row.decisions)?;
    Arbitrage::sort(&mut decisions);
    Ok(Dossier { decisions, conditions: json("condition", &row.conditions)? })
}

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

/// A means on which something is to be decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pending {
    /// Its plan.
    pub plan_id: i64,
    /// Its kind.
    pub subject: Subject,
    /// Its code.
    pub code: Code,
    /// What it is.
    pub label: String,
    /// The decision in force, its own or its heading's.
    pub state: State,
}

/// A decision that a person recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recent {
    /// Its plan.
    pub plan_id: i64,
    /// On what kind of thing.
    pub subject: Subject,
    /// Its code.
    pub code: Code,
    /// What it is.
    pub label: String,
    /// What was decided.
    pub state: State,
    /// Date of the séance.
    pub session_on: Option<NaiveDate>,
    /// When it was recorded.
    pub at: DateTime<Utc>,
}

/// A condition that waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Open {
    /// Its plan.
    pub plan_id: i64,
    /// Its code.
    pub code: Code,
    /// What it says.
    pub text: String,
}

/// What some plans have to decide, what was decided there lately, and the conditions that wait.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Inbox {
    /// To decide, in the order of plans and lists.
    pub pending: Vec<Pending>,
    /// Recorded by people, the latest first.
    pub recent: Vec<Recent>,
    /// Open conditions.
    pub conditions: Vec<Open>,
}

/// The inbox of some plans, in one statement; decisions recorded before `since` are no news.
///
/// A signed post was decided by its signature: it is pending only when it says so. What an import wrote is the signed
/// document's, not news.
pub async fn inbox(conn: &mut PgConnection, plans: &[i64], since: DateTime<Utc>) -> sqlx::Result<Inbox> {
    let rows = sqlx::query!(
        r#"WITH latest AS (
               SELECT DISTINCT ON (plan_id, subject, code) plan_id, subject, code, state
               FROM arbitrage WHERE plan_id = ANY ($1) ORDER BY plan_id, subject, code, rank DESC
           ), pending AS (
               SELECT means.*, coalesce(own.state, above.state, 'non_arbitre') AS state
               FROM means
               LEFT JOIN latest own ON (own.plan_id, own.subject, own.code) = (means.plan_id, means.subject, means.code)
               LEFT JOIN latest above ON (above.plan_id, above.subject, above.code) = (means.plan_id, 'volet', means.heading)
               WHERE means.plan_id = ANY ($1) AND means.subject <> 'volet'
                 AND (own.state = 'non_arbitre'
                      OR means.subject <> 'poste' AND own.state IS NULL AND coalesce(above.state, 'non_arbitre') = 'non_arbitre')
           )
           SELECT 1 AS "list!", plan_id AS "plan_id!", subject, code AS "code!", label AS "label!", state,
                  position AS "place!", NULL::date AS session_on, NULL::timestamptz AS at
           FROM pending
           UNION ALL
           SELECT 2, entry.plan_id, arbitrage.subject, arbitrage.code, means.label, arbitrage.state, -entry.id,
                  arbitrage.session_on, entry.at
           FROM journal_entry entry
           JOIN arbitrage ON arbitrage.plan_id = entry.plan_id
                          AND entry.code = arbitrage.subject || '/' || arbitrage.code || '/' || arbitrage.rank
           JOIN means ON (means.plan_id, means.subject, means.code)
                          = (arbitrage.plan_id, arbitrage.subject, arbitrage.code)
           WHERE entry.plan_id = ANY ($1) AND entry.kind = 'arbitrage' AND entry.source = 'page'
             AND entry.after IS NOT NULL AND entry.at >= $2
           UNION ALL
           SELECT 3, plan_id, NULL, code, text, NULL, position, NULL, NULL
           FROM condition WHERE plan_id = ANY ($1) AND state = 'en_attente'
           ORDER BY "list!", "plan_id!", subject, "place!""#,
        plans,
        since,
    )
    .fetch_all(conn)
    .await?;
    let mut inbox = Inbox::default();
    for row in rows {
        let code = sound("means.code", Code::new(&row.code))?;
        let (plan_id, label) = (row.plan_id, row.label);
        match (row.subject, row.state) {
            (Some(subject), Some(state)) => {
                let subject = sound("means.subject", Subject::from_word(&subject))?;
                let state = sound("arbitrage.state", State::from_word(&state))?;
                match row.at {
                    Some(at) => {
                        let session_on = row.session_on;
                        inbox.recent.push(Recent { plan_id, subject, code, label, state, session_on, at });
                    }
                    None => inbox.pending.push(Pending { plan_id, subject, code, label, state }),
                }
            }
            _ => inbox.conditions.push(Open { plan_id, code, text: label }),
        }
    }
    inbox.recent.sort_by_key(|it| std::cmp::Reverse(it.at));
    Ok(inbox)
}

/// Takes one condition away.
pub async fn remove_condition(conn: &mut PgConnection, plan_id: i64, code: &str) -> sqlx::Result<Option<i32>> {
    sqlx::query_scalar!("DELETE FROM condition WHERE plan_id = $1 AND code = $2 RETURNING version", plan_id, code)
        .fetch_optional(conn)
        .await
}
