//! Campaigns, and what is changed of one after its opening: threshold, extensions, expected cells, last campaign.

use std::collections::HashSet;

use chrono::NaiveDate;
use rust_decimal::Decimal;
use sqlx::PgConnection;
use sqlx::types::Json;

use super::open::{CAMPAIGN_KIND, expect, keep_adjustment};
use crate::access::DialogueState;
use crate::access::store as access;
use crate::db::sound;
use crate::dialogue::model::{Campaign, Candidate};
use crate::journal::model::{Act, Change};
use crate::journal::store as journal;
use crate::kernel::canonical::Canonical;

/// A campaign with its dialogues counted by state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counted {
    /// The campaign.
    pub campaign: Campaign,
    /// Dialogues in each state that has some, in the order of states.
    pub states: Vec<(DialogueState, usize)>,
}

/// Every campaign, the latest first.
pub async fn campaigns(conn: &mut PgConnection) -> sqlx::Result<Vec<Counted>> {
    let rows = sqlx::query!(
        r#"SELECT year, opens_on, closes_on, deviation_threshold,
                  (SELECT coalesce(json_agg(json_build_array(state, count)), '[]')
                   FROM (SELECT state, count(*) FROM dialogue WHERE campaign_id = campaign.id GROUP BY state) counted)
                  AS "states!: Json<Vec<(String, usize)>>"
           FROM campaign ORDER BY year DESC"#
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter()
        .map(|row| {
            let states = row
                .states
                .0
                .iter()
                .map(|(word, count)| Ok((sound("dialogue.state", DialogueState::from_word(word))?, *count)));
            let mut states: Vec<(DialogueState, usize)> = states.collect::<sqlx::Result<_>>()?;
            states.sort_unstable();
            let campaign = Campaign {
                year: row.year,
                opens_on: row.opens_on,
                closes_on: row.closes_on,
                deviation_threshold: row.deviation_threshold.map(|threshold| threshold.normalize()),
            };
            Ok(Counted { campaign, states })
        })
        .collect()
}

/// The campaign of a year with its database id.
pub async fn campaign(conn: &mut PgConnection, year: i32) -> sqlx::Result<Option<(i64, Campaign)>> {
    let row = sqlx::query!("SELECT id, opens_on, closes_on, deviation_threshold FROM campaign WHERE year = $1", year)
        .fetch_optional(conn)
        .await?;
    Ok(row.map(|row| {
        let campaign = Campaign {
            year,
            opens_on: row.opens_on,
            closes_on: row.closes_on,
            deviation_threshold: row.deviation_threshold.map(|threshold| threshold.normalize()),
        };
        (row.id, campaign)
    }))
}

/// Sets the threshold of a campaign, journaled; in the caller's transaction.
pub async fn set_threshold(
    conn: &mut PgConnection,
    act: &Act,
    before: &Campaign,
    threshold: Option<Decimal>,
) -> sqlx::Result<()> {
    let version = sqlx::query_scalar!(
        "UPDATE campaign SET version = version + 1, deviation_threshold = $2 WHERE year = $1 RETURNING version",
        before.year,
        threshold,
    )
    .fetch_one(&mut *conn)
    .await?;
    let after = Campaign { deviation_threshold: threshold, ..before.clone() };
    let entry = Change {
        plan_id: None,
        kind: CAMPAIGN_KIND,
        code: &before.year.to_string(),
        version,
        before: Some(before.write()),
        after: Some(after.write()),
        position: None,
    };
    journal::append(conn, act, entry).await
}

/// Gives a structure more time, journaled with its reason; in the caller's transaction.
pub async fn extend(
    conn: &mut PgConnection,
    act: &Act,
    dialogue_id: i64,
    to: NaiveDate,
    reason: &str,
) -> sqlx::Result<()> {
    let (_, _, before) = access::recorded(conn, dialogue_id).await?;
    sqlx::query!(
        "UPDATE dialogue SET version = version + 1, extended_to = $2, extension_reason = $3, extended_by = $4
         WHERE id = $1",
        dialogue_id,
        to,
        reason,
        act.actor.function,
    )
    .execute(&mut *conn)
    .await?;
    access::journal_dialogue(conn, act, dialogue_id, Some(before)).await
}

/// Says whether the closing of a dialogue closes its plan, journaled; in the caller's transaction.
pub async fn set_final(conn: &mut PgConnection, act: &Act, dialogue_id: i64, is_final: bool) -> sqlx::Result<()> {
    let (_, _, before) = access::recorded(conn, dialogue_id).await?;
    sqlx::query!("UPDATE dialogue SET version = version + 1, is_final = $2 WHERE id = $1", dialogue_id, is_final)
        .execute(&mut *conn)
        .await?;
    access::journal_dialogue(conn, act, dialogue_id, Some(before)).await
}

/// Asks a cell more, or one less, journaled with its reason; in the caller's transaction. `false` when it is so already.
pub async fn adjust(
    conn: &mut PgConnection,
    act: &Act,
    dialogue_id: i64,
    cell: &Candidate,
    is_added: bool,
    reason: &str,
) -> sqlx::Result<bool> {
    let asked = expected(conn, dialogue_id).await?.contains(&(cell.measure.clone(), cell.period.start_year));
    if asked == is_added {
        return Ok(false);
    }
    let (_, _, before) = access::recorded(conn, dialogue_id).await?;
    if is_added {
        expect(conn, dialogue_id, &[cell]).await?;
    } else {
        sqlx::query!(
            "DELETE FROM expected_cell WHERE dialogue_id = $1 AND measure_code = $2 AND period_start = $3",
            dialogue_id,
            cell.measure,
            cell.period.start_year,
        )
        .execute(&mut *conn)
        .await?;
    }
    sqlx::query!("UPDATE dialogue SET version = version + 1 WHERE id = $1", dialogue_id).execute(&mut *conn).await?;
    keep_adjustment(conn, act, dialogue_id, cell, is_added, reason).await?;
    access::journal_dialogue(conn, act, dialogue_id, Some(before)).await?;
    Ok(true)
}

/// What a dialogue expects: measures and first years of the periods.
pub async fn expected(conn: &mut PgConnection, dialogue_id: i64) -> sqlx::Result<HashSet<(String, i32)>> {
    let rows = sqlx::query!("SELECT measure_code, period_start FROM expected_cell WHERE dialogue_id = $1", dialogue_id)
        .fetch_all(conn)
        .await?;
    Ok(rows.into_iter().map(|row| (row.measure_code, row.period_start)).collect())
}
