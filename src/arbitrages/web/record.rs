//! The one act of deciding, for the rooms that hold what is decided on.

use axum::http::StatusCode;
use sqlx::{Connection, PgConnection};

use super::hold::hold;
use crate::access::{self, Verdict, Who};
use crate::accounts::CurrentUser;
use crate::accounts::model::User;
use crate::arbitrages::case::Case;
use crate::arbitrages::entry::{DecisionRefused, DecisionTyped, read_decision};
use crate::arbitrages::model::{ARBITRAGE_KIND, CONDITION_KIND};
use crate::arbitrages::store;
use crate::journal::model::Change;
use crate::journal::store as journal;
use crate::kernel::canonical::Canonical;
use crate::web::{App, Error, Result};

/// A decision that came back: what was typed, and why it is not written.
#[derive(Debug, Clone, Default)]
pub struct Back {
    /// As typed.
    pub typed: DecisionTyped,
    /// Field by field; empty in a conflict.
    pub refused: DecisionRefused,
    /// Someone decided in between: nothing was refused, all is kept.
    pub conflict: bool,
}

impl Back {
    /// What the page answers.
    pub const fn status(&self) -> StatusCode {
        if self.conflict { StatusCode::CONFLICT } else { StatusCode::UNPROCESSABLE_ENTITY }
    }
}

/// May this person decide on this now?
pub fn may_decide(user: &User, case: &Case<'_>, app: &App) -> Verdict {
    access::may_edit(Who::User(user), &case.decision(), app.clock.today())
}

/// 403 with the reason when they may not.
///
/// # Errors
/// The refusal of a verdict.
pub fn refuse(verdict: Verdict) -> Result<()> {
    match verdict {
        Verdict::Allowed { .. } => Ok(()),
        refused @ Verdict::Refused { .. } => Err(Error::Forbidden(refused.sentence())),
    }
}

/// Writes the next decision on a case, with the condition it brings, and journals both. `None` when it is written; in
/// conflict the case is to be read again before its page is shown.
///
/// # Errors
/// 403 with the reason for those who may not decide.
pub async fn record(
    conn: &mut PgConnection,
    app: &App,
    user: &CurrentUser,
    case: &Case<'_>,
    typed: DecisionTyped,
) -> Result<Option<Back>> {
    refuse(may_decide(user, case, app))?;
    let plan_id = case.plan_id;
    let decided = match read_decision(&typed, &case.matter, app.clock.today()) {
        Ok(decided) => decided,
        Err(refused) => return Ok(Some(Back { typed, refused: *refused, conflict: false })),
    };
    let overtaken = |typed| Ok(Some(Back { typed, refused: DecisionRefused::default(), conflict: true }));
    let decision = &decided.arbitrage;
    if typed.rank.parse() != Ok(decision.rank) {
        return overtaken(typed);
    }
    let mut tx = conn.begin().await?;
    hold(&mut tx, app, user, (&case.plan, plan_id), case.decision()).await?;
    let mut entries = Vec::new();
    if let Some(condition) = &decided.condition {
        let Some((version, position)) = store::append_condition(&mut tx, plan_id, condition).await? else {
            return overtaken(typed);
        };
        entries.push(Change {
            plan_id: Some(plan_id),
            kind: CONDITION_KIND,
            code: condition.code.as_str(),
            version,
            before: None,
            after: Some(condition.write()),
            position: Some(position),
        });
    }
    let Some(version) = store::append_arbitrage(&mut tx, plan_id, decision).await? else { return overtaken(typed) };
    let key = decision.key();
    entries.push(Change {
        plan_id: Some(plan_id),
        kind: ARBITRAGE_KIND,
        code: &key,
        version,
        before: None,
        after: Some(decision.write()),
        position: None,
    });
    let mut act = user.act(app.clock.now());
    act.reason.clone_from(&decision.reason);
    journal::append_all(&mut tx, &act, entries).await?;
    tx.commit().await?;
    Ok(None)
}
