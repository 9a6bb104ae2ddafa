//! A follow-up and where it stands.

use chrono::NaiveDate;

use crate::kernel::ids::Code;
use crate::{record, words};

/// The word of a follow-up in the journal, which the document's kinds share.
pub const FOLLOWUP_KIND: &str = "suite";
/// The words of what only those who follow dialogues are told, in the journal.
pub const KINDS: &[&str] = &[FOLLOWUP_KIND];

words! {
    /// Where it stands.
    pub enum State {
        /// Nobody said it was done.
        ToDo = "a_faire",
        /// It is done.
        Done = "fait",
        /// It will not be, for a reason.
        Dropped = "abandonne",
    }
}

impl State {
    /// As shown.
    pub const fn label(self) -> &'static str {
        match self {
            Self::ToDo => "À faire",
            Self::Done => "Fait",
            Self::Dropped => "Abandonné",
        }
    }

    /// Its pill, one of the states that mean the same to a reader.
    pub const fn slug(self) -> &'static str {
        match self {
            Self::ToDo => "en-cours",
            Self::Done => "atteinte",
            Self::Dropped => "abandonne",
        }
    }
}

record! {
    /// What a meeting asks someone to do.
    pub struct Followup {
        /// `S2025-1`: the first of the meeting of 2025.
        pub code: Code,
        /// The campaign of the meeting that wrote it.
        pub year: i32,
        /// What there is to do.
        pub text: String,
        /// A function or a service, never a person.
        pub owner: String,
        /// By which day.
        pub due_on: NaiveDate,
        /// Where it stands.
        pub state: State,
        /// When that was said.
        pub said_on: Option<NaiveDate>,
        /// What was done, or why it will not be.
        pub note: Option<String>,
        /// « donnée fictive » for an invented one.
        pub provenance: Option<String>,
    }
}

impl Followup {
    /// Something is still to be done.
    pub const fn is_open(&self) -> bool {
        matches!(self.state, State::ToDo)
    }

    /// Past its day, and still to be done.
    pub fn is_late(&self, today: NaiveDate) -> bool {
        self.is_open() && self.due_on < today
    }

    /// It asks the same of the same by the same day: only where it stands may differ.
    pub fn says_as(&self, other: &Self) -> bool {
        (&self.text, &self.owner, self.due_on, self.year) == (&other.text, &other.owner, other.due_on, other.year)
    }

    /// The code of the next one of a year, after those of its plan.
    pub fn next_code(year: i32, kept: &[Self]) -> Option<Code> {
        (1..=9_999)
            .map(|number| format!("S{year}-{number}"))
            .find(|code| !kept.iter().any(|it| it.code.as_str() == code))
            .and_then(|code| Code::new(&code))
    }

    /// What of it contradicts itself: the field, and a sentence.
    pub fn incoherences(&self) -> Vec<(&'static str, &'static str)> {
        let mut found = Vec::new();
        if self.state == State::Dropped && self.note.is_none() {
            found.push(("note", "une suite abandonnée dit pourquoi."));
        }
        if self.is_open() != self.said_on.is_none() {
            found.push(("said_on", "une suite faite ou abandonnée est datée, et elle seule."));
        }
        if !(1990..=2100).contains(&self.year) {
            found.push(("year", "l’année doit être comprise entre 1990 et 2100."));
        }
        found
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// One to do, for the tests of several rooms.
    pub fn followup(code: &str, due_on: &str) -> Followup {
        Followup {
            code: Code::new(code).unwrap(),
            year: 2025,
            text: "Présenter le plan de charge".into(),
            owner: "Direction de l’IUT".into(),
            due_on: due_on.parse().unwrap(),
            state: State::ToDo,
            said_on: None,
            note: None,
            provenance: None,
        }
    }

    #[test]
    fn it_is_late_past_its_day_until_something_is_said() {
        let day = |text: &str| text.parse().unwrap();
        let it = followup("S2025-1", "2025-12-31");
        assert!(!it.is_late(day("2025-12-31")) && it.is_late(day("2026-01-01")));
        let done = Followup { state: State::Done, said_on: Some(day("2026-01-05")), ..it };
        assert!(!done.is_late(day("2026-02-01")) && !done.is_open());
    }

    #[test]
    fn codes_follow_those_of_their_year() {
        let kept = [followup("S2025-1", "2025-12-31"), followup("S2025-3", "2025-12-31")];
        assert_eq!(Followup::next_code(2025, &kept).unwrap().as_str(), "S2025-2");
        assert_eq!(Followup::next_code(2026, &kept).unwrap().as_str(), "S2026-1");
    }

    #[test]
    fn what_is_over_is_dated_and_what_is_dropped_explained() {
        let fields = |it: Followup| it.incoherences().into_iter().map(|(field, _)| field).collect::<Vec<_>>();
        let it = followup("S2025-1", "2025-12-31");
        assert_eq!(fields(it.clone()), Vec::<&str>::new());
        assert_eq!(fields(Followup { state: State::Dropped, ..it.clone() }), ["note", "said_on"]);
        assert_eq!(fields(Followup { said_on: Some(it.due_on), ..it.clone() }), ["said_on"]);
        assert_eq!(fields(Followup { year: 0, ..it }), ["year"]);
    }
}
