//! Who asks, and for what: a thing to edit comes with the facts the answer depends on.

use super::{Asking, DialogueState};
use crate::accounts::model::User;

/// Who asks to edit.
#[derive(Debug, Clone, Copy)]
pub enum Who<'a> {
    /// A signed-in person, on a page.
    User(&'a User),
    /// The person at the server's terminal: all rights of a role, none over what is frozen.
    Command,
}

/// What is to be edited, with the facts the answer depends on.
#[derive(Debug, Clone, Copy)]
pub enum Thing<'a> {
    /// A cell and its comment.
    Cell {
        /// Its plan.
        plan_id: i64,
        /// The plan's structure.
        structure_id: i64,
        /// Number of the indicator.
        indicator: &'a str,
        /// Code of the measure.
        measure: &'a str,
        /// Pilotage produces the indicator's figures.
        by_pilotage: bool,
        /// The last dialogue that expects the cell.
        asking: Option<Asking>,
        /// The campaign that closed the plan.
        closed: Option<i32>,
    },
    /// A post line: its figures, its realisation, its confidential fields.
    PostLine {
        /// The campaign that closed the plan.
        closed: Option<i32>,
    },
    /// An action of the structure's headings.
    Action {
        /// The plan's structure.
        structure_id: i64,
        /// The plan's last dialogue ([`Season::action`](crate::access::Season::action)).
        asking: Option<Asking>,
        /// The campaign that closed the plan.
        closed: Option<i32>,
    },
    /// How the establishment kept one of its own commitments.
    Commitment {
        /// The campaign that closed the plan.
        closed: Option<i32>,
    },
    /// A jalon and what is said of it.
    Jalon {
        /// Its plan.
        plan_id: i64,
        /// The plan's structure.
        structure_id: i64,
        /// Its code.
        code: &'a str,
        /// The code of its group: who was given the group was given its jalons.
        group: Option<&'a str>,
        /// The plan's last dialogue ([`Season::jalon`](crate::access::Season::jalon)).
        asking: Option<Asking>,
        /// The campaign that closed the plan.
        closed: Option<i32>,
    },
    /// What a plan is made of: its texts, its tree, its indicators…
    Definition {
        /// The plan's structure.
        structure_id: i64,
        /// Still being written.
        draft: bool,
    },
    /// The signature that makes a contract of a draft.
    Signature {
        /// Still being written.
        draft: bool,
    },
    /// What an avenant says: its content, its changes, its abandonment.
    Avenant {
        /// The campaign that closed the plan.
        closed: Option<i32>,
    },
    /// The accord of a party to an avenant.
    Accord {
        /// The plan's structure.
        structure_id: i64,
        /// Whose accord it is.
        party: Party,
        /// The campaign that closed the plan.
        closed: Option<i32>,
    },
    /// A step of the adoption of a plan or of an avenant.
    Step {
        /// Still being written: its steps are in its workshop.
        draft: bool,
        /// The campaign that closed the plan.
        closed: Option<i32>,
    },
    /// What every plan shares: the establishment, its framework, its structures.
    Establishment,
    /// A réserve de lecture: which reading is retained.
    Reserve,
    /// What finance keeps of a budget line: accordé, ouvert and exécuté of each year, and its costing.
    BudgetLine {
        /// The campaign that closed the plan.
        closed: Option<i32>,
    },
    /// A decision on a means asked for: the only way a grant changes.
    Decision {
        /// On what.
        on: Means,
        /// The campaign that closed the plan.
        closed: Option<i32>,
    },
    /// Where a condition stands.
    Condition {
        /// The campaign that closed the plan.
        closed: Option<i32>,
    },
    /// An avis on a means asked for.
    Opinion {
        /// On what.
        on: Means,
        /// The campaign that closed the plan.
        closed: Option<i32>,
    },
    /// A demand of a structure: what it asks, amends or withdraws.
    Demand {
        /// The plan's structure.
        structure_id: i64,
        /// Where the plan's latest dialogue stands; `None` when it never had one.
        dialogue: Option<DialogueState>,
        /// The campaign that closed the plan.
        closed: Option<i32>,
    },
    /// What a meeting asks someone to do: written and corrected as long as the dialogue of the meeting is not closed.
    Followup {
        /// Where that dialogue stands; `None` when the plan has none of that year.
        dialogue: Option<DialogueState>,
        /// The campaign that closed the plan.
        closed: Option<i32>,
    },
    /// Where a follow-up stands.
    FollowupState {
        /// The plan's structure.
        structure_id: i64,
        /// The campaign that closed the plan.
        closed: Option<i32>,
    },
    /// The state of a dialogue, by the party whose turn it is: whether the state allows it is the machine's answer.
    Dialogue {
        /// The plan's structure.
        structure_id: i64,
        /// Whose act it is.
        party: Party,
    },
    /// A campaign: its window, what it expects, extensions.
    Campaign,
}

impl Thing<'_> {
    /// The dialogue that last asked for it, for what a submission receives.
    pub(super) const fn asking(&self) -> Option<Asking> {
        match *self {
            Self::Cell { asking, .. } | Self::Jalon { asking, .. } | Self::Action { asking, .. } => asking,
            _ => None,
        }
    }

    /// The campaign that closed its plan, for what a closed plan holds.
    pub(super) const fn closed(&self) -> Option<i32> {
        match *self {
            Self::Cell { closed, .. }
            | Self::Jalon { closed, .. }
            | Self::Action { closed, .. }
            | Self::PostLine { closed }
            | Self::Commitment { closed }
            | Self::BudgetLine { closed }
            | Self::Decision { closed, .. }
            | Self::Condition { closed }
            | Self::Opinion { closed, .. }
            | Self::Demand { closed, .. }
            | Self::Followup { closed, .. }
            | Self::FollowupState { closed, .. }
            | Self::Avenant { closed }
            | Self::Accord { closed, .. }
            | Self::Step { closed, .. } => closed,
            Self::Dialogue { .. }
            | Self::Campaign
            | Self::Reserve
            | Self::Definition { .. }
            | Self::Signature { .. }
            | Self::Establishment => None,
        }
    }
}

/// The two parties of a dialogue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Party {
    /// The structure's direction.
    Director,
    /// The directoire.
    Directoire,
}

/// A means asked for, whatever its code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Means {
    /// A request, or the heading whose requests inherit what is decided on it.
    Request,
    /// A post line.
    Post,
    /// A line of Annexe 3.
    BudgetLine,
}
