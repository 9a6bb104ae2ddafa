//! What is said of a demand and what becomes of it: avis, withdrawals, and every step that a room reads from its own
//! form.

use sqlx::{Connection, PgConnection};

use super::hold::hold;
use super::record::refuse;
use crate::access::{self, Thing, Verdict, Who};
use crate::accounts::CurrentUser;
use crate::accounts::model::{Role, User};
use crate::arbitrages::amendment::{AMENDMENT_KIND, Amendment};
use crate::arbitrages::case::Case;
use crate::arbitrages::entry::{OpinionTyped, WithdrawalTyped, read_opinion, read_withdrawal};
use crate::arbitrages::opinion::{Author, OPINION_KIND};
use crate::arbitrages::store;
use crate::journal::model::Change;
use crate::journal::store as journal;
use crate::kernel::canonical::Canonical;
use crate::web::{App, Result};

/// A small form that came back: what was typed, and the sentence beside it; in conflict, someone was first.
#[derive(Debug, Clone, Default)]
pub struct Returned {
    /// As typed.
    pub typed: String,
    /// Beside the field; empty in a conflict.
    pub sentence: String,
    /// Someone wrote in between: nothing was refused, all is kept.
    pub conflict: bool,
}

/// May this person give an avis on this now?
pub fn may_opine(user: &User, case: &Case<'_>, app: &App) -> Verdict {
    access::may_edit(Who::User(user), &case.opinion(), app.clock.today())
}

/// May this person change this demand now?
pub fn may_demand(user: &User, case: &Case<'_>, app: &App) -> Verdict {
    access::may_edit(Who::User(user), &case.demand(), app.clock.today())
}

/// Gives an avis and journals it. `None` when it is written.
///
/// # Errors
/// 403 with the reason for those who give none on this.
pub async fn opine(
    conn: &mut PgConnection,
    app: &App,
    user: &CurrentUser,
    case: &Case<'_>,
    form: OpinionTyped,
) -> Result<Option<Returned>> {
    refuse(may_opine(user, case, app))?;
    let author = if user.has(Role::Finance) { Author::Finance } else { Author::HumanResources };
    let opinion = match read_opinion(&form, &case.matter, author, &case.opinions, app.clock.today()) {
        Ok(opinion) => opinion,
        Err(sentence) => return Ok(Some(Returned { typed: form.text, sentence, conflict: false })),
    };
    let mut tx = conn.begin().await?;
    hold(&mut tx, app, user, (&case.plan, case.plan_id), case.opinion()).await?;
    let Some(version) = store::append_opinion(&mut tx, case.plan_id, &opinion).await? else {
        return Ok(Some(Returned { typed: form.text, conflict: true, ..Returned::default() }));
    };
    let entry = Change {
        plan_id: Some(case.plan_id),
        kind: OPINION_KIND,
        code: &opinion.key(),
        version,
        before: None,
        after: Some(opinion.write()),
        position: None,
    };
    journal::append(&mut tx, &user.act(app.clock.now()), entry).await?;
    tx.commit().await?;
    Ok(None)
}

/// Withdraws a demand and journals it. `None` when it is written.
///
/// # Errors
/// 403 with the reason for those who may not.
pub async fn withdraw(
    conn: &mut PgConnection,
    app: &App,
    user: &CurrentUser,
    case: &Case<'_>,
    form: WithdrawalTyped,
) -> Result<Option<Returned>> {
    refuse(may_demand(user, case, app))?;
    let step = match read_withdrawal(&form, &case.matter, &case.course, app.clock.today()) {
        Ok(step) => step,
        Err(sentence) => return Ok(Some(Returned { typed: form.reason, sentence, conflict: false })),
    };
    let written = append(conn, app, user, case, case.demand(), &step, &form.rank).await?;
    Ok((!written).then(|| Returned { typed: form.reason, conflict: true, ..Returned::default() }))
}

/// Adds a step to a demand and journals it, if it takes the rank that its author saw; `thing` is what the rights are asked
/// about again. `false`: someone was first.
///
/// # Errors
/// 403 with the reason when it may not be done any more.
pub async fn append(
    conn: &mut PgConnection,
    app: &App,
    user: &CurrentUser,
    case: &Case<'_>,
    thing: Thing<'_>,
    step: &Amendment,
    seen: &str,
) -> Result<bool> {
    if seen.parse() != Ok(step.rank) {
        return Ok(false);
    }
    let plan_id = case.plan_id;
    let mut tx = conn.begin().await?;
    hold(&mut tx, app, user, (&case.plan, plan_id), thing).await?;
    let Some(version) = store::append_amendment(&mut tx, plan_id, step).await? else { return Ok(false) };
    let key = step.key();
    let mut act = user.act(app.clock.now());
    act.reason.clone_from(&step.reason);
    journal::append(&mut tx, &act, entry(plan_id, &key, version, step)).await?;
    access::store::edited(&mut tx, user, &act, plan_id, case.structure_id).await?;
    tx.commit().await?;
    Ok(true)
}

/// The journal's entry of a step.
pub fn entry<'a>(plan_id: i64, key: &'a str, version: i32, step: &Amendment) -> Change<'a> {
    Change {
        plan_id: Some(plan_id),
        kind: AMENDMENT_KIND,
        code: key,
        version,
        before: None,
        after: Some(step.write()),
        position: None,
    }
}
