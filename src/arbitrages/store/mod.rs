//! The SQL of what is asked: its steps, its avis, its decisions and their conditions.
//!
//! `put_*` writes one element, matched by its code, and returns its version; `append_*` adds one at the end of its
//! ledger, unless the end has moved; `remove_*` takes one away. The caller owns the transaction and writes the journal
//! in it.

mod condition;
mod course;
mod decision;
mod inbox;

pub use condition::{append_condition, put_condition, remove_condition, save_state, version as condition_version};
pub use course::{append_amendment, append_opinion, put_amendment, put_opinion, remove_amendment, remove_opinion};
pub use decision::{append_arbitrage, put_arbitrage, remove_arbitrage};
pub use inbox::{Again, Inbox, Open, Pending, Recent, inbox};

use std::collections::HashMap;

use sqlx::PgConnection;

use super::amendment::{AMENDMENT_KIND, Amendment, Course};
use super::model::{ARBITRAGE_KIND, Arbitrage, CONDITION_KIND, Condition, Subject, ledger, place};
use super::opinion::{OPINION_KIND, Opinion};
use crate::access::DialogueState;
use crate::db::{json, sound};
use crate::kernel::ids::Code;
use crate::plans::store::Past;

/// All that became of what a plan asks for.
#[derive(Debug, Clone, Default)]
pub struct Dossier {
    /// Decisions, in their order.
    pub decisions: Vec<Arbitrage>,
    /// Conditions, in order.
    pub conditions: Vec<Condition>,
    /// Steps of demands, in their order.
    pub amendments: Vec<Amendment>,
    /// Avis, in their order.
    pub opinions: Vec<Opinion>,
    /// Where the plan's latest dialogue stands: a demand changes while it is open.
    pub dialogue: Option<DialogueState>,
}

impl Dossier {
    /// As it stood on an earlier day; no demand changes there.
    pub fn past(past: &Past) -> sqlx::Result<Self> {
        let dossier = Self {
            decisions: past.things(ARBITRAGE_KIND)?,
            conditions: past.things(CONDITION_KIND)?,
            amendments: past.things(AMENDMENT_KIND)?,
            opinions: past.things(OPINION_KIND)?,
            dialogue: None,
        };
        Ok(dossier.sorted())
    }

    fn sorted(mut self) -> Self {
        Arbitrage::sort(&mut self.decisions);
        self.amendments.sort_by_cached_key(|it| place(it.subject, &it.code, it.rank));
        self.opinions.sort_by_cached_key(|it| place(it.subject, &it.code, it.rank));
        self
    }

    /// The decisions on one thing, oldest first.
    pub fn ledger(&self, subject: Subject, code: &Code) -> Vec<Arbitrage> {
        ledger(&self.decisions, subject, code).into_iter().cloned().collect()
    }

    /// The steps of one demand, oldest first.
    pub fn course(&self, subject: Subject, code: &Code) -> Course {
        let steps = self.amendments.iter().filter(|it| it.subject == subject && it.code == *code);
        Course { steps: steps.cloned().collect() }
    }

    /// The avis on one thing, oldest first.
    pub fn opinions_on(&self, subject: Subject, code: &Code) -> Vec<Opinion> {
        self.opinions.iter().filter(|it| it.subject == subject && it.code == *code).cloned().collect()
    }
}

/// The dossier of a plan, in one statement.
pub async fn dossier(conn: &mut PgConnection, plan_id: i64) -> sqlx::Result<Dossier> {
    Ok(dossiers(conn, &[plan_id]).await?.remove(&plan_id).unwrap_or_default())
}

/// The dossier of each of these plans, in one statement.
pub async fn dossiers(conn: &mut PgConnection, plans: &[i64]) -> sqlx::Result<HashMap<i64, Dossier>> {
    let rows = sqlx::query!(
        r#"SELECT plan.id,
             (SELECT coalesce(json_agg(json_strip_nulls(json_build_object('subject', subject, 'code', arbitrage.code,
                        'rank', rank, 'state', arbitrage.state, 'wording', wording, 'set_aside', set_aside,
                        'funding', funding, 'condition', condition.code, 'granted', granted::text,
                        'granted_printed_keur', granted_printed_keur::text, 'decided_by', decided_by,
                        'session_on', session_on, 'reason', reason))), '[]')
              FROM arbitrage LEFT JOIN condition ON condition.id = arbitrage.condition_id
              WHERE arbitrage.plan_id = plan.id)::text AS "decisions!",
             (SELECT coalesce(json_agg(json_strip_nulls(json_build_object('code', code, 'text', text, 'scope', scope,
                        'state', state, 'dated_on', dated_on, 'note', note)) ORDER BY position, id), '[]')
              FROM condition WHERE plan_id = plan.id)::text AS "conditions!",
             (SELECT coalesce(json_agg(json_strip_nulls(json_build_object('subject', subject, 'code', code,
                        'rank', rank, 'step', step, 'dated_on', dated_on, 'reason', reason, 'answers', answers,
                        'request', request, 'money', money, 'post', post))), '[]')
              FROM amendment WHERE plan_id = plan.id)::text AS "amendments!",
             (SELECT coalesce(json_agg(json_build_object('subject', subject, 'code', code, 'rank', rank,
                        'author', author, 'dated_on', dated_on, 'text', body)), '[]')
              FROM opinion WHERE plan_id = plan.id)::text AS "opinions!",
             (SELECT dialogue.state FROM dialogue JOIN campaign ON campaign.id = dialogue.campaign_id
              WHERE dialogue.plan_id = plan.id ORDER BY campaign.year DESC LIMIT 1) AS dialogue
           FROM plan WHERE plan.id = ANY ($1)"#,
        plans
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter()
        .map(|row| {
            let dossier = Dossier {
                decisions: json("arbitrage", &row.decisions)?,
                conditions: json("condition", &row.conditions)?,
                amendments: json("amendment", &row.amendments)?,
                opinions: json("opinion", &row.opinions)?,
                dialogue: row
                    .dialogue
                    .map(|word| sound("dialogue.state", DialogueState::from_word(&word)))
                    .transpose()?,
            };
            Ok((row.id, dossier.sorted()))
        })
        .collect()
}
