//! The four acts on a jalon: reached, given up, put off, begun or not yet. Each gives the jalon as it becomes, or a
//! refusal for each field.

use chrono::NaiveDate;

use super::{Jalon, State, TEXT_MAX, is_sane};
use crate::kernel::date;
use crate::plans::model::Plan;
use crate::reserves::Dates;

/// Which field a refusal is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum At {
    /// The day it was reached.
    ReachedOn,
    /// What proves it.
    Evidence,
    /// Why.
    Reason,
    /// The new date.
    PostponedTo,
    /// À venir or en cours.
    State,
    /// The comment.
    Comment,
}

/// Why a jalon does not move: a French sentence a field.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Refused(pub Vec<(At, String)>);

impl Refused {
    /// The sentence of a field.
    pub fn at(&self, at: At) -> Option<&str> {
        self.0.iter().find(|(place, _)| *place == at).map(|(_, sentence)| sentence.as_str())
    }

    /// Notes one more.
    pub fn note(&mut self, at: At, sentence: impl Into<String>) {
        self.0.push((at, sentence.into()));
    }

    fn or<T>(self, it: T) -> Result<T, Self> {
        if self.0.is_empty() { Ok(it) } else { Err(self) }
    }
}

/// Refuses a date far from the plan.
fn far(plan: &Plan) -> String {
    format!("La date doit être comprise entre {} et {}.", plan.first_year - 1, plan.last_year + 2)
}

/// A required text: neither empty nor endless.
fn check_text(refused: &mut Refused, at: At, text: &str, missing: &str) {
    if text.is_empty() {
        refused.note(at, missing);
    } else {
        check_length(refused, at, text);
    }
}

fn check_length(refused: &mut Refused, at: At, text: &str) {
    if text.chars().count() > TEXT_MAX {
        refused.note(at, format!("Le texte dépasse {TEXT_MAX} caractères."));
    } else if text.chars().any(|c| c.is_control() && c != '\n' && c != '\t') {
        refused.note(at, "Le texte contient un caractère qui ne peut pas être conservé.");
    }
}

impl Jalon {
    /// Reached on a day, with what proves it. Closing again corrects both.
    ///
    /// # Errors
    /// A day to come or far from the plan; no evidence.
    pub fn close(
        &self,
        plan: &Plan,
        today: NaiveDate,
        reached_on: Option<NaiveDate>,
        evidence: &str,
    ) -> Result<Self, Refused> {
        let mut refused = Refused::default();
        match reached_on {
            None => refused.note(At::ReachedOn, "Indiquez le jour où le jalon a été atteint."),
            Some(day) if day > today => {
                refused.note(
                    At::ReachedOn,
                    format!("Ce jour n’est pas encore venu : au plus tard {}.", date::short(today)),
                );
            }
            Some(day) if !is_sane(plan, day) => refused.note(At::ReachedOn, far(plan)),
            Some(_) => {}
        }
        check_text(
            &mut refused,
            At::Evidence,
            evidence,
            "Indiquez ce qui le prouve : un document, une décision, une adresse.",
        );
        refused.or(Self {
            state: Some(State::Reached),
            reached_on,
            evidence: Some(evidence.to_owned()),
            ..self.moved()
        })
    }

    /// Given up, for a reason.
    ///
    /// # Errors
    /// No reason.
    pub fn abandon(&self, reason: &str) -> Result<Self, Refused> {
        let mut refused = Refused::default();
        check_text(&mut refused, At::Reason, reason, "Indiquez pourquoi le jalon est abandonné.");
        refused.or(Self { state: Some(State::Abandoned), reason: Some(reason.to_owned()), ..self.moved() })
    }

    /// Put off to a later date, for a reason; the first date stays.
    ///
    /// # Errors
    /// A date that is not later than the present one, or far from the plan; no reason; a jalon without a date.
    pub fn postpone(&self, plan: &Plan, dates: &Dates, to: Option<NaiveDate>, reason: &str) -> Result<Self, Refused> {
        let mut refused = Refused::default();
        match (to, self.due(dates)) {
            (_, None) => {
                refused.note(At::PostponedTo, "Ce jalon dépend d’une condition : il n’a pas de date à reporter.");
            }
            (None, _) => refused.note(At::PostponedTo, "Indiquez la nouvelle échéance."),
            (Some(day), Some(due)) if day <= due => {
                refused.note(
                    At::PostponedTo,
                    format!("La nouvelle échéance doit suivre la présente, {}.", date::short(due)),
                );
            }
            (Some(day), _) if !is_sane(plan, day) => refused.note(At::PostponedTo, far(plan)),
            _ => {}
        }
        check_text(&mut refused, At::Reason, reason, "Indiquez pourquoi l’échéance est reportée.");
        refused.or(Self {
            state: Some(State::Postponed),
            postponed_to: to,
            reason: Some(reason.to_owned()),
            ..self.moved()
        })
    }

    /// Begun, or not yet, with a comment. It also takes back a closure or an abandonment said by mistake: the dates stay
    /// in force, the journal keeps what was said. A postponed jalon that has not begun stays « reporté ».
    ///
    /// # Errors
    /// Another state; a comment too long.
    pub fn progress(&self, state: Option<State>, comment: &str) -> Result<Self, Refused> {
        let mut refused = Refused::default();
        if !matches!(state, Some(State::ToCome | State::InProgress)) {
            refused.note(At::State, "Choisissez « À venir » ou « En cours ».");
        }
        check_length(&mut refused, At::Comment, comment);
        let postponed = self.postponed_to.is_some() && self.reason.is_some();
        let state = if postponed && state == Some(State::ToCome) { Some(State::Postponed) } else { state };
        let comment = Some(comment.to_owned()).filter(|comment| !comment.is_empty());
        // The reason of an abandonment goes with it; that of a postponement holds as long as its date.
        let reason = self.reason.clone().filter(|_| self.postponed_to.is_some());
        refused.or(Self { state, reason, comment, ..self.moved() })
    }

    /// What a person says of it is no invented state any more, and it is reached no longer unless said again.
    fn moved(&self) -> Self {
        Self { reached_on: None, evidence: None, provenance: None, ..self.clone() }
    }
}

#[cfg(test)]
mod tests {
    use super::super::Standing;
    use super::super::signed::{TODAY, all, calendar, day, jalon, plan, read, settled};
    use super::*;

    fn fields(refused: Result<Jalon, Refused>) -> Vec<At> {
        refused.unwrap_err().0.into_iter().map(|(at, _)| at).collect()
    }

    #[test]
    fn the_reading_retained_governs_until_the_jalon_is_put_off_or_over() {
        let j19 = jalon("J19");
        let (earlier, later) = (settled("2025-09-12", "R02", "a"), settled("2025-09-12", "R02", "b"));
        assert_eq!(j19.standing(&earlier), Standing::Late);
        assert_eq!((j19.due(&earlier.dates), j19.due_on), (Some(day("2024-12-31")), Some(day("2026-12-31"))));
        assert_eq!((j19.standing(&later), j19.due(&later.dates)), (Standing::ToCome, Some(day("2026-12-31"))));
        // Put off from the date retained, to before the date transcribed.
        let put_off = j19.postpone(&plan(), &earlier.dates, Some(day("2026-06-30")), "Terrain").unwrap();
        assert_eq!(put_off.standing(&earlier), Standing::Postponed);
        assert_eq!(put_off.incoherences(&plan(), &earlier.dates), []);
        assert_eq!(put_off.standing(&read("2025-09-12")), Standing::Postponed);
        let refused = j19.postpone(&plan(), &later.dates, Some(day("2026-06-30")), "Terrain");
        assert_eq!(fields(refused), [At::PostponedTo]);
        let reached = j19.close(&plan(), day("2025-09-12"), Some(day("2025-09-01")), "Bilan").unwrap();
        assert_eq!(reached.standing(&read("2025-09-12")), Standing::Reached);
        assert!(reached.readings(&read("2025-09-12").dates).is_empty());
    }

    #[test]
    fn closing_needs_a_past_day_and_evidence() {
        let (jalon, plan, today) = (jalon("J3"), plan(), day(TODAY));
        let closed = jalon.close(&plan, today, Some(day("2023-05-02")), "Bilan").unwrap();
        assert_eq!((closed.state(), closed.standing(&calendar(TODAY))), (State::Reached, Standing::Reached));
        assert_eq!(closed.due_on, jalon.due_on);
        assert_eq!(fields(jalon.close(&plan, today, None, "")), [At::ReachedOn, At::Evidence]);
        assert_eq!(fields(jalon.close(&plan, today, Some(day("2025-09-13")), "Bilan")), [At::ReachedOn]);
        assert_eq!(fields(jalon.close(&plan, today, Some(day("2019-12-31")), "Bilan")), [At::ReachedOn]);
        assert!(jalon.close(&plan, today, Some(day("2020-01-01")), "Bilan").is_ok());
    }

    #[test]
    fn giving_up_needs_a_reason() {
        assert_eq!(jalon("J3").abandon("Sans suite").unwrap().state(), State::Abandoned);
        assert_eq!(fields(jalon("J3").abandon("")), [At::Reason]);
    }

    #[test]
    fn postponing_keeps_the_first_date_and_moves_lateness() {
        let (jalon, plan, none) = (jalon("J3"), plan(), Dates::default());
        let put_off = jalon.postpone(&plan, &none, Some(day("2025-12-31")), "Terrain").unwrap();
        assert_eq!((put_off.due_on, put_off.due(&none)), (Some(day("2022-12-31")), Some(day("2025-12-31"))));
        assert_eq!(put_off.standing(&calendar(TODAY)), Standing::Postponed);
        assert_eq!(put_off.standing(&calendar("2026-01-01")), Standing::Late);
        assert_eq!(fields(put_off.postpone(&plan, &none, Some(day("2025-12-31")), "Terrain")), [At::PostponedTo]);
        assert_eq!(fields(jalon.postpone(&plan, &none, Some(day("2022-12-31")), "")), [At::PostponedTo, At::Reason]);
        assert_eq!(fields(jalon.postpone(&plan, &none, Some(day("2029-01-01")), "Terrain")), [At::PostponedTo]);
        let conditional = all().into_iter().find(Jalon::is_conditional).unwrap();
        assert_eq!(fields(conditional.postpone(&plan, &none, Some(day("2025-12-31")), "Terrain")), [At::PostponedTo]);
        assert_eq!(put_off.incoherences(&plan, &none), []);
    }

    #[test]
    fn progress_takes_a_closure_back_and_keeps_a_postponement() {
        let (jalon, plan) = (jalon("J3"), plan());
        let closed = jalon.close(&plan, day(TODAY), Some(day("2023-05-02")), "Bilan").unwrap();
        let back = closed.progress(Some(State::InProgress), "Pas tout à fait").unwrap();
        assert_eq!((back.state(), back.reached_on, back.evidence.as_deref()), (State::InProgress, None, None));
        let none = Dates::default();
        let put_off = jalon.postpone(&plan, &none, Some(day("2025-12-31")), "Terrain").unwrap();
        let begun = put_off.progress(Some(State::InProgress), "").unwrap();
        assert_eq!((begun.state(), begun.due(&none)), (State::InProgress, Some(day("2025-12-31"))));
        assert_eq!(begun.progress(Some(State::ToCome), "").unwrap(), put_off);
        assert_eq!(jalon.abandon("Non").unwrap().progress(Some(State::ToCome), "").unwrap(), jalon);
        assert_eq!(fields(jalon.progress(Some(State::Reached), &"x".repeat(TEXT_MAX + 1))), [At::State, At::Comment]);
    }
}
