//! Saving posted cells: what is accepted is written in one transaction with its journal entries; what is refused or in
//! conflict comes back, with what was typed.

use std::collections::BTreeMap;

use axum::http::StatusCode;
use sqlx::PgConnection;

use super::verdict;
use crate::access;
use crate::accounts::CurrentUser;
use crate::indicators::entry::{At, Back, Decision, Key, Outcome, Posted, Refusal, decide};
use crate::indicators::model::{CELL_KIND, Cell};
use crate::indicators::sheet::Line;
use crate::indicators::store::{self, KeptCell};
use crate::journal::model::Change;
use crate::journal::store as journal;
use crate::kernel::canonical::Canonical;
use crate::kernel::clock::Clock;
use crate::plans::store::Header;
use crate::web::{Error, Result};

/// What the page that shows an outcome answers.
pub fn status(outcome: &Outcome) -> StatusCode {
    match (outcome.refused(), outcome.conflicts()) {
        (0, 0) => StatusCode::OK,
        (0, _) => StatusCode::CONFLICT,
        _ => StatusCode::UNPROCESSABLE_ENTITY,
    }
}

/// Someone who may edit nothing here is told so, whatever was posted.
fn refuse_onlooker(user: &CurrentUser, header: &Header, lines: &[Line], clock: &Clock) -> Result<()> {
    let mut verdicts =
        lines.iter().flat_map(|line| line.cells.iter().map(move |kept| verdict(user, header, line, kept, clock)));
    let first = verdicts.next();
    match first {
        Some(first) if !first.allowed() && verdicts.all(|verdict| !verdict.allowed()) => {
            Err(Error::Forbidden(first.sentence()))
        }
        _ => Ok(()),
    }
}

/// Writes what can be written, in the caller's transaction, which holds the plan (`access::store::hold`) since before
/// `lines` were read.
///
/// # Errors
/// 404 for a cell that the plan does not have; 403 with the reason when nothing posted may be edited by this person.
pub async fn save(
    conn: &mut PgConnection,
    user: &CurrentUser,
    header: &Header,
    lines: &[Line],
    posted: BTreeMap<Key, Posted>,
    clock: &Clock,
) -> Result<Outcome> {
    refuse_onlooker(user, header, lines, clock)?;
    let mut outcome = Outcome::default();
    let mut accepted: Vec<(Key, Posted, &KeptCell, Cell)> = Vec::new();
    let (mut forbidden, mut allowed) = (None, posted.is_empty());
    for (key, posted) in posted {
        let line = lines.iter().find(|line| line.measure.code == key.measure).ok_or(Error::NotFound)?;
        let kept = line.cell(key.period).ok_or(Error::NotFound)?;
        let verdict = verdict(user, header, line, kept, clock);
        allowed |= verdict.allowed();
        match decide(&posted, &line.measure, &kept.cell, kept.version) {
            Decision::Unchanged if verdict.allowed() => {}
            Decision::Unchanged => forbidden = Some(verdict.sentence()),
            _ if !verdict.allowed() => {
                forbidden = Some(verdict.sentence());
                let refusal = Refusal { at: At::Value, sentence: verdict.sentence() };
                outcome.kept_back.insert(key, (posted, Back::Refused(refusal)));
            }
            Decision::Save(cell) => accepted.push((key, posted, kept, *cell)),
            Decision::Refused(refusal) => {
                outcome.kept_back.insert(key, (posted, Back::Refused(refusal)));
            }
            Decision::Conflict => {
                outcome.kept_back.insert(key, (posted, Back::Conflict));
            }
        }
    }
    if let (Some(reason), false) = (forbidden, allowed) {
        return Err(Error::Forbidden(reason));
    }
    if accepted.is_empty() {
        return Ok(outcome);
    }
    // Two people who save overlapping cells take them in the same order: the map's.
    let now = clock.now();
    for (key, posted, kept, cell) in accepted {
        let Some(version) = store::save_cell(conn, header.id, &cell, kept.version, now, &user.function).await? else {
            outcome.kept_back.insert(key, (posted, Back::Conflict));
            continue;
        };
        let state = |cell: &Cell| (!cell.is_blank()).then(|| cell.write());
        let mut act = user.act(now);
        act.reason = Some(posted.reason).filter(|reason| !reason.is_empty());
        let entry = Change {
            plan_id: Some(header.id),
            kind: CELL_KIND,
            code: &key.to_string(),
            version,
            before: state(&kept.cell),
            after: state(&cell),
            position: None,
        };
        journal::append(conn, &act, entry).await?;
        outcome.saved += 1;
    }
    if outcome.saved > 0 {
        access::store::edited(conn, user, &user.act(now), header.id, header.structure_id).await?;
    }
    Ok(outcome)
}
