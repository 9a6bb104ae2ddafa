//! What waits for a decision, what was decided lately and what waits on a condition, over many plans.

use chrono::{DateTime, NaiveDate, Utc};
use sqlx::PgConnection;

use crate::arbitrages::model::{State, Subject};
use crate::db::sound;
use crate::kernel::ids::Code;

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

/// A decision to be seen again, now that a dialogue has opened since.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Again {
    /// Its plan.
    pub plan_id: i64,
    /// On what kind of thing.
    pub subject: Subject,
    /// Its code.
    pub code: Code,
    /// What it is.
    pub label: String,
    /// The campaign whose agenda it enters.
    pub year: i32,
    /// The séance that left it to the next dialogue; none for the signed document's.
    pub session_on: Option<NaiveDate>,
}

/// What some plans have to decide, what was decided there lately, and the conditions that wait.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Inbox {
    /// To decide, in the order of plans and lists.
    pub pending: Vec<Pending>,
    /// On the agenda of the dialogue going on, in the order of plans and lists.
    pub again: Vec<Again>,
    /// Recorded by people, the latest first.
    pub recent: Vec<Recent>,
    /// Open conditions.
    pub conditions: Vec<Open>,
}

/// The inbox of some plans, in one statement; decisions recorded before `since` are no news.
///
/// A closed plan has nothing to decide any more. To decide is what nothing was decided on, and what its director asked for or changed since. What an import wrote is
/// the signed document's, not news. A decision « à revoir au prochain dialogue » is on the agenda of the dialogue opened
/// since, until that one is closed.
pub async fn inbox(conn: &mut PgConnection, plans: &[i64], since: DateTime<Utc>) -> sqlx::Result<Inbox> {
    let rows = sqlx::query!(
        r#"WITH latest AS (
               SELECT DISTINCT ON (plan_id, subject, code) plan_id, subject, code, rank, state, session_on
               FROM arbitrage WHERE plan_id = ANY ($1) ORDER BY plan_id, subject, code, rank DESC
           ), pending AS (
               SELECT means.*, coalesce(own.state, above.state, 'non_arbitre') AS state
               FROM means
               LEFT JOIN latest own ON (own.plan_id, own.subject, own.code) = (means.plan_id, means.subject, means.code)
               LEFT JOIN latest above
                         ON (above.plan_id, above.subject, above.code) = (means.plan_id, 'volet', means.heading)
               WHERE means.plan_id = ANY ($1)
                 AND EXISTS (SELECT FROM plan WHERE plan.id = means.plan_id AND plan.closed_year IS NULL)
                 AND means.subject <> 'volet' AND NOT means.withdrawn
                 AND (own.state = 'non_arbitre'
                      OR means.asks AND coalesce(own.state, above.state, 'non_arbitre') = 'non_arbitre'
                      OR means.moved AND means.answers IS NOT DISTINCT FROM own.rank)
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
           FROM condition
           WHERE plan_id = ANY ($1) AND state = 'en_attente'
             AND EXISTS (SELECT FROM plan WHERE plan.id = condition.plan_id AND plan.closed_year IS NULL)
           UNION ALL
           SELECT 4, means.plan_id, means.subject, means.code, means.label, going.year::text, means.position,
                  own.session_on, NULL
           FROM means
           JOIN latest own ON (own.plan_id, own.subject, own.code) = (means.plan_id, means.subject, means.code)
           JOIN LATERAL (
               SELECT campaign.year, campaign.opens_on, dialogue.state
               FROM dialogue JOIN campaign ON campaign.id = dialogue.campaign_id
               WHERE dialogue.plan_id = means.plan_id ORDER BY campaign.year DESC LIMIT 1
           ) going ON going.state <> 'clos' AND (own.session_on IS NULL OR own.session_on < going.opens_on)
           WHERE means.plan_id = ANY ($1) AND own.state = 'a_revoir' AND NOT means.withdrawn
             AND NOT (means.moved AND means.answers IS NOT DISTINCT FROM own.rank)
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
        if row.list == 4 {
            let subject = row.subject.as_deref().and_then(Subject::from_word);
            inbox.again.push(Again {
                plan_id,
                subject: sound("means.subject", subject)?,
                code,
                label,
                year: sound("campaign.year", row.state.and_then(|year| year.parse().ok()))?,
                session_on: row.session_on,
            });
            continue;
        }
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
