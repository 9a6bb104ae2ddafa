//! The dialogues of plans, with how complete they are.

use chrono::{DateTime, NaiveDate, Utc};
use rust_decimal::Decimal;
use sqlx::PgConnection;

use crate::access::model::Asking;
use crate::access::{DialogueState, Season};
use crate::db::sound;
use crate::dialogue::model::Completeness;

/// More time for one structure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Extension {
    /// Its last day.
    pub to: NaiveDate,
    /// Why.
    pub reason: String,
    /// By whom, a function.
    pub by: String,
}

/// A plan's part in a campaign, and how complete it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// Database id of the dialogue.
    pub dialogue_id: i64,
    /// Its version: raised by every move, extension and adjustment.
    pub version: i32,
    /// The plan.
    pub plan_id: i64,
    /// The campaign's year.
    pub year: i32,
    /// Opening day.
    pub opens_on: NaiveDate,
    /// Closing day of the campaign.
    pub closes_on: NaiveDate,
    /// The structure has more time.
    pub extension: Option<Extension>,
    /// The campaign's threshold, in percent; each contract's own when there is none.
    pub threshold: Option<Decimal>,
    /// Its closing closes the plan.
    pub is_final: bool,
    /// Where the dialogue stands.
    pub state: DialogueState,
    /// Since when.
    pub since: DateTime<Utc>,
    /// Why it came back, or was reopened; it stays until the next submission.
    pub reason: Option<String>,
    /// The séance that validated it.
    pub session_on: Option<NaiveDate>,
    /// What it expects, and what was answered.
    pub completeness: Completeness,
    /// Codes of the jalons that its submission received.
    pub received_jalons: Vec<String>,
    /// Codes of the actions that its submission received.
    pub received_actions: Vec<String>,
}

impl Part {
    /// The facts on which editing depends, of the latest dialogue of a plan; as `access::store::season` reads them.
    pub fn season(&self, closed: Option<i32>) -> Season {
        let latest = Asking { year: self.year, closes_on: self.until(), state: self.state, received: false };
        Season::new(Some(latest), self.received_jalons.clone(), self.received_actions.clone(), closed)
    }

    /// Its last day for this structure: the campaign's closing day, or the end of the extension.
    pub fn until(&self) -> NaiveDate {
        self.extension.as_ref().map_or(self.closes_on, |extension| extension.to)
    }
}

/// Which dialogue of each plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Which {
    Latest,
    OfYear(i32),
    All,
}

/// The dialogue of each of these plans: that of a year, or the latest.
pub async fn parts(conn: &mut PgConnection, plans: &[i64], year: Option<i32>) -> sqlx::Result<Vec<Part>> {
    read(conn, plans, year.map_or(Which::Latest, Which::OfYear)).await
}

/// Every dialogue of a plan, the latest first.
pub async fn all_parts(conn: &mut PgConnection, plan_id: i64) -> sqlx::Result<Vec<Part>> {
    read(conn, &[plan_id], Which::All).await
}

async fn read(conn: &mut PgConnection, plans: &[i64], which: Which) -> sqlx::Result<Vec<Part>> {
    let year = match which {
        Which::OfYear(year) => Some(year),
        Which::Latest | Which::All => None,
    };
    let rows = sqlx::query!(
        r#"WITH part AS (
               SELECT dialogue.id, dialogue.version, dialogue.plan_id, campaign.year, campaign.opens_on,
                      campaign.closes_on, campaign.deviation_threshold, dialogue.extended_to,
                      dialogue.extension_reason, dialogue.extended_by, dialogue.is_final, dialogue.state,
                      dialogue.state_since, dialogue.reason, dialogue.session_on,
                      row_number() OVER (PARTITION BY dialogue.plan_id ORDER BY campaign.year DESC) AS rank
               FROM dialogue JOIN campaign ON campaign.id = dialogue.campaign_id
               WHERE dialogue.plan_id = ANY ($1) AND ($2::int IS NULL OR campaign.year = $2)
           ), answered AS (
               SELECT part.id, count(*) AS expected,
                      count(*) FILTER (WHERE cell.status = 'valeur') AS values,
                      count(*) FILTER (WHERE cell.status = 'NR') AS not_provided,
                      count(*) FILTER (WHERE cell.status = 'NA') AS not_applicable
               FROM part
               JOIN expected_cell expected ON expected.dialogue_id = part.id
               LEFT JOIN measure ON measure.plan_id = part.plan_id AND measure.code = expected.measure_code
               LEFT JOIN cell ON cell.measure_id = measure.id AND cell.period_start = expected.period_start
               WHERE part.rank = 1 OR $3
               GROUP BY part.id
           )
           SELECT part.id, part.version, part.plan_id, part.year, part.opens_on, part.closes_on,
                  part.deviation_threshold AS "deviation_threshold?", part.extended_to AS "extended_to?",
                  part.extension_reason AS "extension_reason?", part.extended_by AS "extended_by?", part.is_final,
                  part.state, part.state_since, part.reason AS "reason?", part.session_on AS "session_on?",
                  coalesce(answered.expected, 0) AS "expected!", coalesce(answered.values, 0) AS "values!",
                  coalesce(answered.not_provided, 0) AS "not_provided!",
                  coalesce(answered.not_applicable, 0) AS "not_applicable!",
                  ARRAY(SELECT code FROM received WHERE dialogue_id = part.id AND kind = 'jalon') AS "jalons!",
                  ARRAY(SELECT code FROM received WHERE dialogue_id = part.id AND kind = 'action') AS "actions!"
           FROM part LEFT JOIN answered ON answered.id = part.id
           WHERE part.rank = 1 OR $3
           ORDER BY part.year DESC, part.plan_id"#,
        plans,
        year,
        which == Which::All,
    )
    .fetch_all(conn)
    .await?;
    let count = |count: i64| usize::try_from(count).unwrap_or(0);
    rows.into_iter()
        .map(|row| {
            let extension = match (row.extended_to, row.extension_reason, row.extended_by) {
                (Some(to), Some(reason), Some(by)) => Some(Extension { to, reason, by }),
                _ => None,
            };
            Ok(Part {
                dialogue_id: row.id,
                version: row.version,
                plan_id: row.plan_id,
                year: row.year,
                opens_on: row.opens_on,
                closes_on: row.closes_on,
                extension,
                threshold: row.deviation_threshold.map(|threshold| threshold.normalize()),
                is_final: row.is_final,
                state: sound("dialogue.state", DialogueState::from_word(&row.state))?,
                since: row.state_since,
                reason: row.reason,
                session_on: row.session_on,
                completeness: Completeness {
                    expected: count(row.expected),
                    values: count(row.values),
                    not_provided: count(row.not_provided),
                    not_applicable: count(row.not_applicable),
                },
                received_jalons: row.jalons,
                received_actions: row.actions,
            })
        })
        .collect()
}
