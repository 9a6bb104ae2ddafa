//! The last dialogue of a plan, and what it received: the facts on which editing its jalons, actions and demands depends.

use chrono::NaiveDate;

use super::model::{Asking, DialogueState};
use crate::record;

/// Where a plan stands between two dialogues (docs/regles.md §9). A cell has facts of its own: the last dialogue that
/// expects it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Season {
    latest: Option<Asking>,
    jalons: Vec<String>,
    actions: Vec<String>,
    /// The campaign that closed the plan.
    pub closed: Option<i32>,
}

impl Season {
    /// Put together from what is kept: the last dialogue, the codes of the jalons and actions that it received.
    pub const fn new(latest: Option<Asking>, jalons: Vec<String>, actions: Vec<String>, closed: Option<i32>) -> Self {
        Self { latest, jalons, actions, closed }
    }

    /// The year of the last dialogue; `None` before the first campaign.
    pub fn year(&self) -> Option<i32> {
        self.latest.map(|asking| asking.year)
    }

    /// Where the last dialogue stands; `None` before the first campaign.
    pub fn state(&self) -> Option<DialogueState> {
        self.latest.map(|asking| asking.state)
    }

    /// The dialogue is open: its director may also write requests, budget and post demands.
    pub fn is_open(&self) -> bool {
        self.closed.is_none() && self.latest.is_some_and(|asking| asking.state.is_open())
    }

    /// The last dialogue, about one jalon.
    pub fn jalon(&self, code: &str) -> Option<Asking> {
        self.about(&self.jalons, code)
    }

    /// The last dialogue, about one action.
    pub fn action(&self, code: &str) -> Option<Asking> {
        self.about(&self.actions, code)
    }

    fn about(&self, received: &[String], code: &str) -> Option<Asking> {
        self.latest.map(|asking| Asking { received: received.iter().any(|it| it == code), ..asking })
    }
}

record! {
    /// A dialogue, as the journal keeps it.
    pub struct Dialogue {
        /// The campaign's year.
        pub year: i32,
        /// Where it stands.
        pub state: DialogueState,
        /// How many cells it expects.
        pub expected: i32,
        /// Why it came back, or was reopened.
        pub reason: Option<String>,
        /// The séance that validated it.
        pub session_on: Option<NaiveDate>,
        /// The end of its extension.
        pub extended_to: Option<NaiveDate>,
        /// Its closing closes the plan.
        pub is_final: bool,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_season_says_what_was_received() {
        let latest = |state| Asking { year: 2025, closes_on: NaiveDate::MAX, state, received: false };
        let season = |state| Season::new(Some(latest(state)), vec!["J3".into()], vec!["A1.1".into()], None);
        let submitted = season(DialogueState::Submitted);
        assert!(submitted.jalon("J3").unwrap().received && !submitted.jalon("J4").unwrap().received);
        assert!(submitted.action("A1.1").unwrap().received && !submitted.action("J3").unwrap().received);
        assert!(season(DialogueState::Returned).is_open() && !submitted.is_open());
        assert!(!Season { closed: Some(2026), ..season(DialogueState::Entry) }.is_open());
        assert_eq!((Season::default().year(), Season::default().jalon("J3")), (None, None));
    }
}
