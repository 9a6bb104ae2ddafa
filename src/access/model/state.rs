//! Where a dialogue stands, and what it asked for: the facts on which editing depends.

use chrono::NaiveDate;

use crate::words;

words! {
    /// Where a dialogue stands (docs/regles.md §9).
    pub enum DialogueState {
        /// Not opened yet.
        ToOpen = "a_ouvrir",
        /// The director enters.
        Entry = "saisie",
        /// Submitted by the director.
        Submitted = "soumis",
        /// Under review.
        InReview = "en_revue",
        /// Sent back with a reason.
        Returned = "retourne",
        /// Validated by the directoire.
        Validated = "valide",
        /// Over.
        Closed = "clos",
    }
}

impl DialogueState {
    /// As shown.
    pub const fn label(self) -> &'static str {
        match self {
            Self::ToOpen => "À ouvrir",
            Self::Entry => "Saisie",
            Self::Submitted => "Soumis",
            Self::InReview => "En revue",
            Self::Returned => "Retourné",
            Self::Validated => "Validé",
            Self::Closed => "Clos",
        }
    }

    /// Name of its pill and icon: `a-ouvrir`, `en-revue`.
    pub const fn slug(self) -> &'static str {
        match self {
            Self::ToOpen => "a-ouvrir",
            Self::Entry => "saisie",
            Self::Submitted => "soumis",
            Self::InReview => "en-revue",
            Self::Returned => "retourne",
            Self::Validated => "valide",
            Self::Closed => "clos",
        }
    }

    /// The director may work: nothing is waiting for the directoire.
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Entry | Self::Returned)
    }

    /// What a submission received stays as it was received.
    pub const fn freezes(self) -> bool {
        matches!(self, Self::Submitted | Self::InReview | Self::Validated | Self::Closed)
    }
}

/// The dialogue that last asked for a thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Asking {
    /// The campaign's year.
    pub year: i32,
    /// Its last day for this structure: the campaign's closing day, or the end of an extension.
    pub closes_on: NaiveDate,
    /// Where it stands.
    pub state: DialogueState,
    /// The submission received this very thing.
    pub received: bool,
}
