//! The answer to « may this be edited? », as a page shows it.

use chrono::NaiveDate;

use crate::kernel::date;

/// The answer, as a page shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// May edit.
    Allowed {
        /// In which quality.
        because: &'static str,
        /// Last day on which the entry serves the campaign; editing goes on after it.
        until: Option<NaiveDate>,
    },
    /// May not.
    Refused {
        /// A sentence.
        reason: String,
        /// Who can change that.
        unlock: Option<&'static str>,
    },
}

impl Verdict {
    /// An earlier day is shown, out of the journal (docs/regles.md §10).
    pub fn past() -> Self {
        Self::Refused { reason: "Un état passé ne se modifie pas.".into(), unlock: None }
    }

    /// May edit.
    pub const fn allowed(&self) -> bool {
        matches!(self, Self::Allowed { .. })
    }

    /// The whole answer as a sentence.
    pub fn sentence(&self) -> String {
        match self {
            Self::Allowed { because, until: Some(day) } => {
                format!(
                    "Vous pouvez modifier cette valeur ({because}), pour la campagne jusqu’au {}.",
                    date::short(*day)
                )
            }
            Self::Allowed { because, until: None } => format!("Vous pouvez modifier cette valeur ({because})."),
            Self::Refused { reason, unlock: Some(unlock) } => format!("{reason} {unlock}"),
            Self::Refused { reason, unlock: None } => reason.clone(),
        }
    }
}
