//! What a campaign will ask of each plan, and its opening: dialogues, snapshots, expected cells.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, NaiveDate, Utc};
use sha2::{Digest, Sha256};
use sqlx::{Connection, PgConnection};

use crate::access::DialogueState;
use crate::access::store::{self as access, Move};
use crate::accounts::model::Reach;
use crate::avenants::store as avenants;
use crate::db::{OnConstraint, sound};
use crate::dialogue::model::campaign::Adjustment;
use crate::dialogue::model::{Campaign, Candidate, Due, Expecting, Transition};
use crate::document::store as documents;
use crate::journal::model::{Act, Change};
use crate::journal::store as journal;
use crate::kernel::canonical::Canonical;
use crate::kernel::period::{Availability, PeriodKind};
use crate::plans::store::{self as plans, Header};

/// Kind of a campaign in the journal.
pub const CAMPAIGN_KIND: &str = "campagne";

/// Why a campaign is not opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// One a year.
    #[error("la campagne {0} existe déjà")]
    Exists(i32),
    /// An agreed avenant does not fit the contract any more: nothing is opened.
    #[error("l’avenant {avenant} du contrat {plan} ne s’applique pas : {problems}")]
    Avenant {
        /// Code of the plan.
        plan: String,
        /// Its code.
        avenant: String,
        /// What does not hold.
        problems: String,
    },
    /// The database refused.
    #[error("la base de données a refusé : {0}")]
    Sql(#[from] sqlx::Error),
}

/// The plans that a campaign of a year asks something of, with what deciding of it takes, in four statements. The
/// avenants that its opening brings into force are counted in already.
///
/// A plan that begins later is not asked, nor one that is closed; one that is over is, until it is closed
/// (docs/regles.md §3).
pub async fn asked(conn: &mut PgConnection, year: i32) -> sqlx::Result<Vec<(Header, Expecting)>> {
    let everything = Reach { everything: true, ..Reach::default() };
    let mut headers = plans::list(conn, &everything).await?;
    headers.retain(|header| header.takes_part(year));
    let ids: Vec<i64> = headers.iter().map(|header| header.id).collect();
    let measures = sqlx::query!(
        "SELECT measure.plan_id, measure.code, measure.label, indicator.code AS indicator, indicator.period_kind,
                indicator.availability
         FROM measure JOIN indicator ON indicator.id = measure.indicator_id
         WHERE measure.plan_id = ANY ($1) ORDER BY measure.position, measure.id",
        &ids
    )
    .fetch_all(&mut *conn)
    .await?;
    // What the signed document printed, or an earlier campaign received, once and for all.
    let settled = sqlx::query!(
        "SELECT cell.plan_id, measure.code, cell.period_start
         FROM cell JOIN measure ON measure.id = cell.measure_id
         WHERE cell.plan_id = ANY ($1) AND (
             cell.printed_status IN ('valeur', 'NA')
             OR cell.status IN ('valeur', 'NA') AND EXISTS (
                 SELECT FROM expected_cell expected JOIN dialogue ON dialogue.id = expected.dialogue_id
                 WHERE dialogue.plan_id = cell.plan_id AND expected.frozen AND dialogue.state IN ('valide', 'clos')
                   AND expected.measure_code = measure.code AND expected.period_start = cell.period_start))",
        &ids
    )
    .fetch_all(&mut *conn)
    .await?;
    let mut agreed = avenants::agreed(conn, &ids).await?;
    let mut by_plan: HashMap<i64, Expecting> = HashMap::new();
    for row in measures {
        let due = Due {
            measure: row.code,
            indicator: row.indicator,
            label: row.label,
            period_kind: sound("indicator.period_kind", PeriodKind::from_word(&row.period_kind))?,
            availability: sound("indicator.availability", Availability::from_word(&row.availability))?,
        };
        by_plan.entry(row.plan_id).or_default().measures.push(due);
    }
    for row in settled {
        by_plan.entry(row.plan_id).or_default().settled.insert((row.code, row.period_start));
    }
    Ok(headers
        .into_iter()
        .map(|header| {
            let expecting = by_plan.remove(&header.id).unwrap_or_default();
            let (first_year, last_year) = (header.plan.first_year, header.plan.last_year);
            let avenants = agreed.remove(&header.id).unwrap_or_default();
            (header, Expecting { first_year, last_year, ..expecting }.amended(avenants))
        })
        .collect())
}

/// Opens a campaign: every plan that it asks something of gets its dialogue in `saisie`, its snapshot and its expected
/// cells; those of `last` (codes of plans) are closed by it.
pub async fn open_campaign(
    conn: &mut PgConnection,
    act: &Act,
    campaign: &Campaign,
    adjustments: &[Adjustment],
    last: &[String],
) -> Result<(), OpenError> {
    let mut tx = conn.begin().await?;
    let year = campaign.year;
    let campaign_id = sqlx::query_scalar!(
        "INSERT INTO campaign (year, opens_on, closes_on, deviation_threshold, created_at)
         VALUES ($1, $2, $3, $4, $5) RETURNING id",
        year,
        campaign.opens_on,
        campaign.closes_on,
        campaign.deviation_threshold,
        act.at,
    )
    .fetch_one(&mut *tx)
    .await
    .on_constraint("campaign_year_key", || OpenError::Exists(year))??;
    let entry = Change {
        plan_id: None,
        kind: CAMPAIGN_KIND,
        code: &year.to_string(),
        version: 1,
        before: None,
        after: Some(campaign.write()),
        position: None,
    };
    journal::append(&mut tx, act, entry).await?;
    // Each plan is taken whole before what is asked of it is read: what is being entered comes before.
    lock_all(&mut tx, year).await?;
    enforce(&mut tx, act, year, None).await?;
    for (header, expecting) in asked(&mut tx, year).await? {
        let code = header.plan.code.as_str();
        let own: Vec<&Adjustment> = adjustments.iter().filter(|it| it.plan == code).collect();
        let is_final = last.iter().any(|it| it == code);
        open_dialogue(&mut tx, act, campaign_id, campaign, &header, &expecting, &own, is_final).await?;
    }
    tx.commit().await?;
    Ok(())
}

/// Opens the dialogue of a plan that came after its campaign opened; `false` when it has one, or is not asked.
pub async fn open_late(conn: &mut PgConnection, act: &Act, year: i32, code: &str) -> Result<bool, OpenError> {
    let mut tx = conn.begin().await?;
    plans::lock_plan(&mut tx, code).await?;
    let Some((campaign_id, campaign)) = super::campaign::campaign(&mut tx, year).await? else { return Ok(false) };
    let found = asked(&mut tx, year).await?.into_iter().find(|(header, _)| header.plan.code.as_str() == code);
    let Some((header, _)) = found else { return Ok(false) };
    if !super::part::parts(&mut tx, &[header.id], Some(year)).await?.is_empty() {
        return Ok(false);
    }
    enforce(&mut tx, act, year, Some(code)).await?;
    // What is asked is read again: the contract may define it otherwise.
    let found = asked(&mut tx, year).await?.into_iter().find(|(header, _)| header.plan.code.as_str() == code);
    let Some((header, expecting)) = found else { return Ok(false) };
    open_dialogue(&mut tx, act, campaign_id, &campaign, &header, &expecting, &[], false).await?;
    tx.commit().await?;
    Ok(true)
}

/// Brings into force the avenants agreed on the plans that a campaign asks, or on one of them, before anything is read
/// for it: its snapshot and its list say what they made of the contract. Each change is journaled, the avenant being its
/// why.
async fn enforce(conn: &mut PgConnection, act: &Act, year: i32, only: Option<&str>) -> Result<(), OpenError> {
    let everything = Reach { everything: true, ..Reach::default() };
    let mut headers = plans::list(conn, &everything).await?;
    headers.retain(|header| header.takes_part(year) && only.is_none_or(|code| header.plan.code.as_str() == code));
    let ids: Vec<i64> = headers.iter().map(|header| header.id).collect();
    let mut agreed = avenants::agreed(conn, &ids).await?;
    for header in headers {
        let Some(avenants) = agreed.remove(&header.id) else { continue };
        let mut document = documents::whole(conn, header).await?;
        for avenant in avenants {
            let after = document.enforced(&avenant, year).map_err(|problems| OpenError::Avenant {
                plan: document.plan.code.to_string(),
                avenant: avenant.code.to_string(),
                problems: problems.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ; "),
            })?;
            let changes = after.changes_from(&document.elements());
            let act = Act { reason: Some(avenant.why()), ..act.clone() };
            documents::write(conn, &act, &after, &changes).await?;
            document = after;
        }
    }
    Ok(())
}

async fn lock_all(conn: &mut PgConnection, year: i32) -> sqlx::Result<()> {
    sqlx::query_scalar!("SELECT id FROM plan WHERE first_year <= $1 ORDER BY id FOR UPDATE", year)
        .fetch_all(conn)
        .await?;
    Ok(())
}

#[expect(clippy::too_many_arguments, reason = "where a campaign, a plan and what is asked of it meet")]
async fn open_dialogue(
    conn: &mut PgConnection,
    act: &Act,
    campaign_id: i64,
    campaign: &Campaign,
    header: &Header,
    expecting: &Expecting,
    adjustments: &[&Adjustment],
    is_final: bool,
) -> sqlx::Result<()> {
    let candidates = expecting.candidates();
    // An adjustment that only repeats the rule changes nothing.
    let adjusted: Vec<(&Candidate, &Adjustment)> = adjustments
        .iter()
        .filter_map(|it| Some((candidates.iter().find(|cell| cell.key() == it.cell)?, *it)))
        .filter(|(cell, it)| cell.is_expected(campaign.closes_on) != it.is_added)
        .collect();
    let turned: HashSet<String> = adjusted.iter().map(|(cell, _)| cell.key()).collect();
    let cells: Vec<&Candidate> =
        candidates.iter().filter(|cell| cell.is_expected(campaign.closes_on) != turned.contains(&cell.key())).collect();
    let dialogue_id = sqlx::query_scalar!(
        "INSERT INTO dialogue (campaign_id, plan_id, state, state_since, is_final) VALUES ($1, $2, $3, $4, $5)
         RETURNING id",
        campaign_id,
        header.id,
        DialogueState::Entry.word(),
        act.at,
        is_final,
    )
    .fetch_one(&mut *conn)
    .await?;
    expect(conn, dialogue_id, &cells).await?;
    for (cell, adjustment) in adjusted {
        keep_adjustment(conn, act, dialogue_id, cell, adjustment.is_added, &adjustment.reason).await?;
    }
    take_snapshot(conn, header.plan.code.as_str(), dialogue_id, Transition::Opening, act.at).await?;
    let (from, to) = Transition::Opening.path();
    let opening = Move {
        dialogue_id,
        kind: Transition::Opening.word(),
        from,
        to,
        reason: None,
        session_on: None,
        countersigned: None,
    };
    access::keep_move(conn, act, &opening).await?;
    access::journal_dialogue(conn, act, dialogue_id, None).await
}

/// Adds cells to what a dialogue expects.
pub async fn expect(conn: &mut PgConnection, dialogue_id: i64, cells: &[&Candidate]) -> sqlx::Result<()> {
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
    .execute(conn)
    .await?;
    Ok(())
}

/// Keeps what was asked, or not asked, otherwise than by the rule.
pub async fn keep_adjustment(
    conn: &mut PgConnection,
    act: &Act,
    dialogue_id: i64,
    cell: &Candidate,
    is_added: bool,
    reason: &str,
) -> sqlx::Result<()> {
    sqlx::query!(
        "INSERT INTO expected_adjustment (dialogue_id, measure_code, period_start, period, is_added, reason, actor, at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        dialogue_id,
        cell.measure,
        cell.period.start_year,
        cell.period.to_string(),
        is_added,
        reason,
        act.actor.function,
        act.at,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Keeps the canonical document of a plan as it is now, with its digest, when a transition asks for it.
pub async fn take_snapshot(
    conn: &mut PgConnection,
    code: &str,
    dialogue_id: i64,
    transition: Transition,
    at: DateTime<Utc>,
) -> sqlx::Result<()> {
    let Some(occasion) = transition.snapshot() else { return Ok(()) };
    let (plan_id, document) = documents::load(conn, code).await?.ok_or(sqlx::Error::RowNotFound)?;
    let bytes = document.to_bytes();
    let sha256 = Sha256::digest(&bytes);
    sqlx::query!(
        "INSERT INTO snapshot (plan_id, dialogue_id, occasion, document, sha256, taken_at)
         VALUES ($1, $2, $3, $4, $5, $6)",
        plan_id,
        dialogue_id,
        occasion,
        &bytes,
        &sha256[..],
        at,
    )
    .execute(conn)
    .await?;
    Ok(())
}
