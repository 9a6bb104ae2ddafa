//! The SQL of campaigns and dialogues.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use sha2::{Digest, Sha256};
use sqlx::{Connection, PgConnection};

use super::model::{Campaign, Completeness, Dialogue, candidates, expected};
use crate::access::DialogueState;
use crate::document::store as documents;
use crate::indicators::model::{Status, answer};
use crate::journal::model::{Act, Change};
use crate::journal::store as journal;
use crate::kernel::canonical::Canonical;
use crate::kernel::figure::Answer;

/// Why a campaign is not opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// One a year.
    #[error("la campagne {0} existe déjà")]
    Exists(i32),
    /// The database refused.
    #[error("la base de données a refusé : {0}")]
    Sql(#[from] sqlx::Error),
}

/// Opens a campaign: every signed plan begun by its year gets its dialogue in `saisie`, its snapshot and its expected cells.
///
/// Entry goes on after a plan's last year, until it is closed (docs/regles.md §3).
pub async fn open_campaign(
    conn: &mut PgConnection,
    act: &Act,
    year: i32,
    opens_on: NaiveDate,
    closes_on: NaiveDate,
) -> Result<(), OpenError> {
    use crate::db::OnConstraint;
    let mut tx = conn.begin().await?;
    let campaign_id = sqlx::query_scalar!(
        "INSERT INTO campaign (year, opens_on, closes_on, created_at) VALUES ($1, $2, $3, $4) RETURNING id",
        year,
        opens_on,
        closes_on,
        act.at,
    )
    .fetch_one(&mut *tx)
    .await
    .on_constraint("campaign_year_key", || OpenError::Exists(year))??;
    let campaign = Campaign { year, opens_on, closes_on };
    let entry = Change {
        plan_id: None,
        kind: "campagne",
        code: &year.to_string(),
        version: 1,
        before: None,
        after: Some(campaign.write()),
        position: None,
    };
    journal::append(&mut tx, act, entry).await?;
    let plans =
        sqlx::query!("SELECT id, code FROM plan WHERE first_year <= $1 AND NOT draft ORDER BY id FOR SHARE", year)
            .fetch_all(&mut *tx)
            .await?;
    for plan in plans {
        open_dialogue(&mut tx, act, campaign_id, &campaign, plan.id, &plan.code).await?;
    }
    tx.commit().await?;
    Ok(())
}

async fn open_dialogue(
    conn: &mut PgConnection,
    act: &Act,
    campaign_id: i64,
    campaign: &Campaign,
    plan_id: i64,
    code: &str,
) -> sqlx::Result<()> {
    let Some((_, document)) = documents::load(conn, code).await? else { return Ok(()) };
    let received = received(conn, plan_id).await?;
    let cells = expected(
        candidates(&document, |measure, period| received.get(&(measure.to_owned(), period.start_year)).copied()),
        campaign.closes_on,
    );
    let dialogue_id = sqlx::query_scalar!(
        "INSERT INTO dialogue (campaign_id, plan_id, state, state_since) VALUES ($1, $2, $3, $4) RETURNING id",
        campaign_id,
        plan_id,
        DialogueState::Entry.word(),
        act.at,
    )
    .fetch_one(&mut *conn)
    .await?;
    let bytes = document.to_bytes();
    let sha256 = Sha256::digest(&bytes);
    sqlx::query!(
        "INSERT INTO snapshot (plan_id, dialogue_id, occasion, document, sha256, taken_at)
         VALUES ($1, $2, 'ouverture', $3, $4, $5)",
        plan_id,
        dialogue_id,
        &bytes,
        &sha256[..],
        act.at,
    )
    .execute(&mut *conn)
    .await?;
    let measures: Vec<String> = cells.iter().map(|cell| cell.measure.clone()).collect();
    let starts: Vec<i32> = cells.iter().map(|cell| cell.period.start_year).collect();
    let dues: Vec<NaiveDate> = cells.iter().map(|cell| cell.due_on).collect();
    sqlx::query!(
        "INSERT INTO expected_cell (dialogue_id, measure_code, period_start, due_on)
         SELECT $1, * FROM unnest($2::text[], $3::int[], $4::date[])",
        dialogue_id,
        &measures,
        &starts,
        &dues,
    )
    .execute(&mut *conn)
    .await?;
    let state = Dialogue {
        year: campaign.year,
        state: DialogueState::Entry.word().into(),
        expected: i32::try_from(cells.len()).unwrap_or(i32::MAX),
        reason: None,
    };
    let entry = Change {
        plan_id: Some(plan_id),
        kind: "dialogue",
        code: &campaign.year.to_string(),
        version: 1,
        before: None,
        after: Some(state.write()),
        position: None,
    };
    journal::append(conn, act, entry).await
}

/// What earlier campaigns received from a plan: the frozen answers, by measure code and first year of the period.
async fn received(conn: &mut PgConnection, plan_id: i64) -> sqlx::Result<HashMap<(String, i32), Answer>> {
    let rows = sqlx::query!(
        "SELECT measure.code AS measure, cell.period_start, cell.status, cell.value
         FROM cell JOIN measure ON measure.id = cell.measure_id
         WHERE cell.plan_id = $1 AND EXISTS (
             SELECT FROM expected_cell expected JOIN dialogue ON dialogue.id = expected.dialogue_id
             WHERE dialogue.plan_id = $1 AND expected.frozen AND dialogue.state IN ('valide', 'clos')
               AND expected.measure_code = measure.code AND expected.period_start = cell.period_start)",
        plan_id
    )
    .fetch_all(conn)
    .await?;
    Ok(rows
        .into_iter()
        .filter_map(|row| {
            let answer = answer(Status::from_word(row.status.as_deref()?)?, row.value)?;
            Some(((row.measure, row.period_start), answer))
        })
        .collect())
}

/// A plan's part in a campaign, and how complete it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// The plan.
    pub plan_id: i64,
    /// The campaign's year.
    pub year: i32,
    /// Opening day.
    pub opens_on: NaiveDate,
    /// Closing day.
    pub closes_on: NaiveDate,
    /// Where the dialogue stands.
    pub state: DialogueState,
    /// Since when.
    pub since: DateTime<Utc>,
    /// Why it came back, or was reopened.
    pub reason: Option<String>,
    /// What it expects, and what was answered.
    pub completeness: Completeness,
}

/// The dialogue of each of these plans: that of a year, or the latest.
pub async fn parts(conn: &mut PgConnection, plans: &[i64], year: Option<i32>) -> sqlx::Result<Vec<Part>> {
    let rows = sqlx::query!(
        r#"WITH part AS (
               SELECT DISTINCT ON (dialogue.plan_id) dialogue.id, dialogue.plan_id, campaign.year, campaign.opens_on,
                      campaign.closes_on, dialogue.state, dialogue.state_since, dialogue.reason
               FROM dialogue JOIN campaign ON campaign.id = dialogue.campaign_id
               WHERE dialogue.plan_id = ANY ($1) AND ($2::int IS NULL OR campaign.year = $2)
               ORDER BY dialogue.plan_id, campaign.year DESC
           )
           SELECT part.plan_id, part.year, part.opens_on, part.closes_on, part.state,
                  part.state_since, part.reason, count(expected.measure_code) AS "expected!",
                  count(*) FILTER (WHERE cell.status = 'valeur') AS "values!",
                  count(*) FILTER (WHERE cell.status = 'NR') AS "not_provided!",
                  count(*) FILTER (WHERE cell.status = 'NA') AS "not_applicable!"
           FROM part
           LEFT JOIN expected_cell expected ON expected.dialogue_id = part.id
           LEFT JOIN measure ON measure.plan_id = part.plan_id AND measure.code = expected.measure_code
           LEFT JOIN cell ON cell.measure_id = measure.id AND cell.period_start = expected.period_start
           GROUP BY part.plan_id, part.year, part.opens_on, part.closes_on, part.state, part.state_since,
                    part.reason"#,
        plans,
        year,
    )
    .fetch_all(conn)
    .await?;
    let count = |count: i64| usize::try_from(count).unwrap_or(0);
    rows.into_iter()
        .map(|row| {
            Ok(Part {
                plan_id: row.plan_id,
                year: row.year,
                opens_on: row.opens_on,
                closes_on: row.closes_on,
                state: DialogueState::from_word(&row.state)
                    .ok_or_else(|| sqlx::Error::Decode("column dialogue.state does not fit".into()))?,
                since: row.state_since,
                reason: row.reason,
                completeness: Completeness {
                    expected: count(row.expected),
                    values: count(row.values),
                    not_provided: count(row.not_provided),
                    not_applicable: count(row.not_applicable),
                },
            })
        })
        .collect()
}
