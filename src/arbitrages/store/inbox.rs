//! What waits for a decision, what was decided lately and what waits on a condition, over many plans.

use std::cmp::Reverse;
use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use sqlx::PgConnection;

use crate::arbitrages::model::{State, Subject};
use crate::db::sound;
use crate::kernel::ids::Code;

/// A means that waits: for a decision, or for its director to ask otherwise.
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
    /// Sent back to the director, who asked for nothing else since.
    pub rework: Vec<Pending>,
    /// Recorded by people, the latest first.
    pub recent: Vec<Recent>,
    /// Open conditions.
    pub conditions: Vec<Open>,
}

impl Inbox {
    /// Several as one, in their order.
    pub fn joined<'i>(all: impl IntoIterator<Item = &'i Self>) -> Self {
        let mut joined = all.into_iter().fold(Self::default(), |mut sum, one| {
            let Self { pending, again, rework, recent, conditions } = one;
            sum.pending.extend_from_slice(pending);
            sum.again.extend_from_slice(again);
            sum.rework.extend_from_slice(rework);
            sum.recent.extend_from_slice(recent);
            sum.conditions.extend_from_slice(conditions);
            sum
        });
        joined.recent.sort_by_key(|it| Reverse(it.at));
        joined
    }

    /// Each plan's own; a plan where nothing waits has none.
    pub fn by_plan(self) -> HashMap<i64, Self> {
        let Self { pending, again, rework, recent, conditions } = self;
        let mut plans: HashMap<i64, Self> = HashMap::new();
        for it in pending {
            plans.entry(it.plan_id).or_default().pending.push(it);
        }
        for it in again {
            plans.entry(it.plan_id).or_default().again.push(it);
        }
        for it in rework {
            plans.entry(it.plan_id).or_default().rework.push(it);
        }
        for it in recent {
            plans.entry(it.plan_id).or_default().recent.push(it);
        }
        for it in conditions {
            plans.entry(it.plan_id).or_default().conditions.push(it);
        }
        plans
    }
}

/// The inbox of some plans, in one statement; decisions recorded before `since` are no news.
///
/// A closed plan has nothing to decide any more. To decide is what nothing was decided on, and what its director asked
/// for or changed since. What an import wrote is the signed document's, not news. A decision « à revoir au prochain
/// dialogue » is on the agenda of the dialogue opened since, until that one is closed; one « à retravailler » waits for
/// the director, until they ask for something else.
pub async fn inbox(conn: &mut PgConnection, plans: &[i64], since: DateTime<Utc>) -> sqlx::Result<Inbox> {
    let rows = sqlx::query!(
        r#"WITH asked AS MATERIALIZED (
               SELECT means.*, own.rank, own.state AS own_state, own.session_on
               FROM means
               -- One step in the index for each: no plan of the whole is quicker for all, and others are far slower.
               LEFT JOIN LATERAL (
                   SELECT rank, state, session_on FROM arbitrage
                   WHERE (plan_id, subject, code) = (means.plan_id, means.subject, means.code)
                   ORDER BY rank DESC LIMIT 1
               ) own ON true
               WHERE means.plan_id = ANY ($1)
           ), told AS MATERIALIZED (
               SELECT id, plan_id, at, split_part(code, '/', 1) AS subject, split_part(code, '/', 2) AS code,
                      split_part(code, '/', 3)::int AS rank
               FROM journal_entry
               WHERE plan_id = ANY ($1) AND kind = 'arbitrage' AND source = 'page' AND after IS NOT NULL AND at >= $2
           ), pending AS (
               SELECT asked.*, coalesce(own_state, above.state, 'non_arbitre') AS state
               FROM asked JOIN plan ON plan.id = asked.plan_id
               LEFT JOIN LATERAL (
                   SELECT state FROM arbitrage
                   WHERE (plan_id, subject, code) = (asked.plan_id, 'volet', asked.heading) ORDER BY rank DESC LIMIT 1
               ) above ON true
               WHERE plan.closed_year IS NULL AND asked.subject <> 'volet' AND NOT withdrawn
                 AND (own_state = 'non_arbitre'
                      OR asks AND coalesce(own_state, above.state, 'non_arbitre') = 'non_arbitre'
                      OR moved AND answers IS NOT DISTINCT FROM rank)
           )
           SELECT 1 AS "list!", plan_id AS "plan_id!", subject, code AS "code!", label AS "label!", state,
                  position AS "place!", NULL::date AS session_on, NULL::timestamptz AS at
           FROM pending
           UNION ALL
           SELECT 2, told.plan_id, arbitrage.subject, arbitrage.code, asked.label, arbitrage.state, -told.id,
                  arbitrage.session_on, told.at
           FROM told
           JOIN arbitrage ON (arbitrage.plan_id, arbitrage.subject, arbitrage.code, arbitrage.rank)
                             = (told.plan_id, told.subject, told.code, told.rank)
           JOIN asked ON (asked.plan_id, asked.subject, asked.code)
                         = (arbitrage.plan_id, arbitrage.subject, arbitrage.code)
           UNION ALL
           SELECT 3, plan_id, NULL, code, text, NULL, position, NULL, NULL
           FROM condition
           WHERE plan_id = ANY ($1) AND state = 'en_attente'
             AND EXISTS (SELECT FROM plan WHERE plan.id = condition.plan_id AND plan.closed_year IS NULL)
           UNION ALL
           SELECT 4, asked.plan_id, subject, code, label, going.year::text, position, session_on, NULL
           FROM asked
           JOIN LATERAL (
               SELECT campaign.year, campaign.opens_on, dialogue.state
               FROM dialogue JOIN campaign ON campaign.id = dialogue.campaign_id
               WHERE dialogue.plan_id = asked.plan_id ORDER BY campaign.year DESC LIMIT 1
           ) going ON going.state <> 'clos' AND (session_on IS NULL OR session_on < going.opens_on)
           WHERE own_state = 'a_revoir' AND NOT withdrawn AND NOT (moved AND answers IS NOT DISTINCT FROM rank)
           UNION ALL
           SELECT 5, asked.plan_id, subject, asked.code, label, own_state, position, NULL, NULL
           FROM asked JOIN plan ON plan.id = asked.plan_id
           WHERE closed_year IS NULL AND own_state = 'a_retravailler' AND NOT withdrawn
             AND NOT (moved AND answers IS NOT DISTINCT FROM rank)
           ORDER BY "list!", "plan_id!", subject, "place!""#,
        plans,
        since,
    )
    .fetch_all(conn)
    .await?;
    let mut inbox = Inbox::default();
    for row in rows {
        let code = sound("means.code", Code::new(&row.code))?;
        let (plan_id, label, session_on) = (row.plan_id, row.label, row.session_on);
        let Some(subject) = row.subject else {
            inbox.conditions.push(Open { plan_id, code, text: label });
            continue;
        };
        let subject = sound("means.subject", Subject::from_word(&subject))?;
        if row.list == 4 {
            let year = sound("campaign.year", row.state.and_then(|year| year.parse().ok()))?;
            inbox.again.push(Again { plan_id, subject, code, label, year, session_on });
            continue;
        }
        let state = sound("arbitrage.state", row.state.as_deref().and_then(State::from_word))?;
        match row.at {
            Some(at) => inbox.recent.push(Recent { plan_id, subject, code, label, state, session_on, at }),
            None if row.list == 5 => inbox.rework.push(Pending { plan_id, subject, code, label, state }),
            None => inbox.pending.push(Pending { plan_id, subject, code, label, state }),
        }
    }
    inbox.recent.sort_by_key(|it| Reverse(it.at));
    Ok(inbox)
}
