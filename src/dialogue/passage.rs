//! Moving a dialogue: pages and commands pass here.

use chrono::{DateTime, Utc};
use sqlx::{Connection, PgConnection};

use super::model::machine::{Refused, Typed};
use super::model::{Checklist, Transition};
use super::store::{self, History, Part, Sheet, freeze, open};
use crate::access::store::{self as states, Move};
use crate::access::{self, DialogueState, Thing, Who};
use crate::jalons::model::Calendar;
use crate::jalons::store as jalons;
use crate::journal::model::Act;
use crate::kernel::clock;
use crate::plans::store::{self as plans, Header};
use crate::reserves::{Dates, store as reserves};

/// What is asked of a dialogue.
#[derive(Debug, Clone)]
pub struct Asked {
    /// The move.
    pub transition: Transition,
    /// The version of the dialogue its author had under their eyes; `None` for a command, which sees the present one.
    pub version: Option<i32>,
    /// What comes with it.
    pub typed: Typed,
}

/// Why a dialogue does not move.
#[derive(Debug, thiserror::Error)]
pub enum PassageError {
    /// No such plan, or no such dialogue.
    #[error("aucun dialogue de cette année pour ce contrat")]
    NotThere,
    /// Somebody else's act.
    #[error("{0}")]
    Forbidden(String),
    /// It stands elsewhere, or moved meanwhile.
    #[error("{0}")]
    Stale(String),
    /// A field is missing or does not hold.
    #[error("{} {}", .0.reason, .0.session_on)]
    Fields(Refused),
    /// What a submission demands is missing.
    #[error("il manque {} réponse(s) ou explication(s)", .0.count())]
    Incomplete(Box<Checklist>),
    /// The database refused.
    #[error("la base de données a refusé : {0}")]
    Sql(#[from] sqlx::Error),
}

/// What a dialogue is checked against, whole.
#[derive(Debug, Clone)]
pub struct Loaded {
    /// The plan.
    pub header: Header,
    /// The dialogue.
    pub part: Part,
    /// The plan as the campaign sees it.
    pub sheet: Sheet,
    /// What happened.
    pub history: History,
    /// Its jalons.
    pub jalons: Vec<jalons::Kept>,
    /// The dates that its réserves give to them.
    pub dates: Dates,
}

impl Loaded {
    /// The dialogue of a plan in a year, in five statements.
    pub async fn load(conn: &mut PgConnection, header: Header, year: i32) -> sqlx::Result<Option<Self>> {
        let Some(part) = store::parts(conn, &[header.id], Some(year)).await?.pop() else { return Ok(None) };
        let (opening, history) = store::history(conn, part.dialogue_id).await?;
        let sheet = store::filled(conn, opening, &part).await?;
        let jalons = jalons::all(conn, header.id).await?;
        let reserves = reserves::of_plan(conn, header.id).await?;
        let dates = Dates::of(reserves.iter().map(|kept| &kept.reserve));
        Ok(Some(Self { header, part, sheet, history, jalons, dates }))
    }

    /// When it was closed; `None` while it goes on.
    pub fn closed_at(&self) -> Option<DateTime<Utc>> {
        let closing = self.history.passages.iter().rev().find(|it| it.transition == Transition::Closure);
        closing.filter(|_| self.part.state == DialogueState::Closed).map(|it| it.at)
    }

    /// What is missing before a submission.
    pub fn checklist(&self, today: chrono::NaiveDate) -> Checklist {
        let jalons: Vec<_> = self.jalons.iter().map(|kept| kept.jalon.clone()).collect();
        let calendar = Calendar::new(today, self.dates.clone());
        Checklist::of(&self.sheet.lines, &jalons, &self.history.said, self.sheet.threshold, &calendar)
    }

    /// Expected answers that somebody else than this function entered: who, and how many.
    pub fn by_others(&self, function: &str) -> Vec<(String, usize)> {
        let mut others: Vec<(String, usize)> = Vec::new();
        for kept in self.sheet.lines.iter().flat_map(|line| &line.cells) {
            let answered = kept.due_on.is_some() && kept.cell.answer().is_some();
            let Some((_, by)) = kept.changed.as_ref().filter(|(_, by)| answered && by != function) else { continue };
            match others.iter_mut().find(|(who, _)| who == by) {
                Some((_, count)) => *count += 1,
                None => others.push((by.clone(), 1)),
            }
        }
        others.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        others
    }
}

/// Moves the dialogue of a plan in a year, in one transaction: what was asked is checked on what is there, frozen or
/// given back, kept in a snapshot, journaled.
///
/// # Errors
/// Nothing is written then.
pub async fn pass(
    conn: &mut PgConnection,
    who: Who<'_>,
    act: &Act,
    code: &str,
    year: i32,
    asked: &Asked,
) -> Result<(), PassageError> {
    let mut tx = conn.begin().await?;
    // Taken whole: what is being entered is in the snapshot, what comes after is refused.
    plans::lock_plan(&mut tx, code).await?;
    let header = plans::header(&mut tx, code).await?.ok_or(PassageError::NotThere)?;
    let loaded = Loaded::load(&mut tx, header, year).await?.ok_or(PassageError::NotThere)?;
    let (part, today, transition) = (&loaded.part, clock::day(act.at), asked.transition);
    let party = transition.party().ok_or(PassageError::NotThere)?;
    let verdict = access::may_edit(who, &Thing::Dialogue { structure_id: loaded.header.structure_id, party }, today);
    if !verdict.allowed() {
        return Err(PassageError::Forbidden(verdict.sentence()));
    }
    if let Some(sentence) = transition.stale(part.state) {
        return Err(PassageError::Stale(sentence));
    }
    if asked.version.is_some_and(|version| version != part.version) {
        let sentence =
            "Le dialogue a changé pendant que vous le lisiez : relisez-le, puis recommencez. Rien n’a changé.";
        return Err(PassageError::Stale(sentence.into()));
    }
    let said = transition.read(&asked.typed, part.opens_on, today).map_err(PassageError::Fields)?;
    let mut countersigned = None;
    if transition == Transition::Submission {
        let list = loaded.checklist(today);
        if !list.is_complete() {
            return Err(PassageError::Incomplete(Box::new(list)));
        }
        let others: usize = loaded.by_others(&act.actor.function).iter().map(|(_, count)| count).sum();
        countersigned = Some(i32::try_from(others).unwrap_or(i32::MAX));
        freeze::freeze(&mut tx, part.dialogue_id, part.until()).await?;
    }
    if transition.unfreezes() {
        freeze::unfreeze(&mut tx, part.dialogue_id).await?;
    }
    let (from, to) = transition.path();
    let act = Act { reason: said.reason.clone(), ..act.clone() };
    let moved = Move {
        dialogue_id: part.dialogue_id,
        kind: transition.word(),
        from,
        to,
        reason: said.reason.as_deref(),
        session_on: said.session_on,
        countersigned,
    };
    states::move_dialogue(&mut tx, &act, &moved).await?;
    open::take_snapshot(&mut tx, code, part.dialogue_id, transition, act.at).await?;
    if transition == Transition::Closure && part.is_final {
        plans::close_plan(&mut tx, loaded.header.id, year).await?;
    }
    tx.commit().await?;
    Ok(())
}
