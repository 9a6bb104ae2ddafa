//! The shape of a jalon, and what may be said of it.

use chrono::NaiveDate;

use crate::kernel::ids::Code;
use crate::{record, words};

/// The word of a jalon in the journal, which the document's kinds share.
pub const JALON_KIND: &str = "jalon";
/// Longest evidence, reason or comment, in characters; the forms' `maxlength` and the checks share it.
pub const TEXT_MAX: usize = 2_000;

words! {
    /// How precisely the document says when.
    pub enum Precision {
        /// « Déc. 2023 »: by the month's last day.
        Month = "mois",
        /// « 2023 »: by 31 December.
        Year = "annee",
        /// « en fonction de l’UCA »: no date, never late.
        Condition = "condition",
    }
}

impl Precision {
    /// As shown.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Month => "au mois",
            Self::Year => "à l’année",
            Self::Condition => "sous condition",
        }
    }
}

words! {
    /// What was said of a jalon.
    pub enum State {
        /// Nothing yet.
        ToCome = "a_venir",
        /// Begun.
        InProgress = "en_cours",
        /// Reached, on a date and with evidence.
        Reached = "atteint",
        /// Given up, for a reason.
        Abandoned = "abandonne",
        /// Put off to a later date, for a reason.
        Postponed = "reporte",
    }
}

impl State {
    /// As shown.
    pub const fn label(self) -> &'static str {
        match self {
            Self::ToCome => "À venir",
            Self::InProgress => "En cours",
            Self::Reached => "Atteint",
            Self::Abandoned => "Abandonné",
            Self::Postponed => "Reporté",
        }
    }

    /// Nothing more is expected.
    pub const fn is_over(self) -> bool {
        matches!(self, Self::Reached | Self::Abandoned)
    }
}

record! {
    /// A jalon, or a group of them. A group has leaves and nothing else of its own.
    pub struct Jalon {
        /// `J1`, `J16.a`.
        pub code: Code,
        /// Its group.
        pub parent: Option<Code>,
        /// The node it hangs from.
        pub node: Code,
        /// What is to be done; a group may be printed as a number alone.
        pub label: Option<String>,
        /// A group's state is that of its leaves.
        pub is_group: bool,
        /// How precisely its date is known; absent for a group.
        pub precision: Option<Precision>,
        /// The first date: the last day that still keeps it.
        pub due_on: Option<NaiveDate>,
        /// The date as printed.
        pub due_printed: Option<String>,
        /// What it depends on, instead of a date.
        pub condition: Option<String>,
        /// Services and functions, never persons.
        pub owners: Vec<String>,
        /// What was said of it; absent for a group.
        pub state: Option<State>,
        /// When it was reached.
        pub reached_on: Option<NaiveDate>,
        /// What proves it: a text or an address.
        pub evidence: Option<String>,
        /// Why it was put off or given up.
        pub reason: Option<String>,
        /// The date it was put off to.
        pub postponed_to: Option<NaiveDate>,
        /// Where it is.
        pub comment: Option<String>,
        /// « donnée fictive », or where a transcribed state comes from.
        pub provenance: Option<String>,
        /// The dates that avenants gave it, in order; the last is the contract's, and the first one stays.
        pub redated: Vec<Redated>,
    }
}

record! {
    /// A date that an avenant gave to a jalon.
    pub struct Redated {
        /// The avenant.
        pub avenant: Code,
        /// The campaign since which it is in force.
        pub since: i32,
        /// How precisely.
        pub precision: Precision,
        /// The last day that keeps it.
        pub due_on: NaiveDate,
    }
}

impl Jalon {
    /// Something to be reached, not a group.
    pub const fn is_leaf(&self) -> bool {
        !self.is_group
    }

    /// What was said of it; nothing yet for a group.
    pub fn state(&self) -> State {
        self.state.unwrap_or(State::ToCome)
    }

    /// Depends on something else than a date.
    pub fn is_conditional(&self) -> bool {
        self.precision == Some(Precision::Condition) && self.redated.is_empty()
    }
}
