//! A thing that is asked, with all that became of it: what its page shows, and what every act on it begins with.

use super::amendment::{Course, Named};
use super::entry::Matter;
use super::opinion::Opinion;
use crate::access::{DialogueState, Means, Thing};

/// A request, a heading, a post line or a budget line.
#[derive(Debug, Clone)]
pub struct Case<'a> {
    /// Database id of its plan.
    pub plan_id: i64,
    /// Code of its plan.
    pub plan: String,
    /// Database id of its plan's structure.
    pub structure_id: i64,
    /// Address of its page: its acts are below.
    pub address: String,
    /// « de la demande M5.2 », for those who hear tables out of their context.
    pub of: String,
    /// What is decided on, and what was.
    pub matter: Matter<'a>,
    /// What became of the demand.
    pub course: Course,
    /// The avis on it, oldest first.
    pub opinions: Vec<Opinion>,
    /// What was asked at first, in words.
    pub original: Named,
    /// Where the plan's latest dialogue stands.
    pub dialogue: Option<DialogueState>,
    /// The campaign that closed the plan.
    pub closed: Option<i32>,
}

impl Case<'_> {
    /// What it is to the rights.
    pub const fn means(&self) -> Means {
        self.matter.subject.means()
    }

    /// The next decision on it, as the rights know it.
    pub const fn decision(&self) -> Thing<'static> {
        Thing::Decision { on: self.means(), closed: self.closed }
    }

    /// The next avis on it.
    pub const fn opinion(&self) -> Thing<'static> {
        Thing::Opinion { on: self.means(), closed: self.closed }
    }

    /// Its demand, as the rights know it.
    pub const fn demand(&self) -> Thing<'static> {
        Thing::Demand { structure_id: self.structure_id, dialogue: self.dialogue, closed: self.closed }
    }
}
