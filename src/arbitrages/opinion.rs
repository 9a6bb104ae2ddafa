//! An avis: a dated text of finance or of human resources on what is asked. It changes nothing by itself
//! (docs/regles.md §8).

use chrono::NaiveDate;

use super::model::Subject;
use crate::kernel::ids::Code;
use crate::{record, words};

/// The word of an avis in the journal, which the document's kinds share.
pub const OPINION_KIND: &str = "avis";

words! {
    /// The service that gives it.
    pub enum Author {
        /// Direction des finances.
        Finance = "finances",
        /// Ressources humaines.
        HumanResources = "ressources_humaines",
    }
}

impl Author {
    /// As shown.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Finance => "Finances",
            Self::HumanResources => "Ressources humaines",
        }
    }
}

record! {
    /// One avis of a ledger: a later one stands after it, never over it.
    pub struct Opinion {
        /// What kind of thing it is on: a request, a post line or a budget line.
        pub subject: Subject,
        /// Its code.
        pub code: Code,
        /// 1, 2, 3…
        pub rank: i32,
        /// Whose.
        pub author: Author,
        /// The day it was given.
        pub dated_on: NaiveDate,
        /// What it says.
        pub text: String,
    }
}

impl Opinion {
    /// Its code in the document and the journal: `demande/M5.2/1`.
    pub fn key(&self) -> String {
        format!("{}/{}/{}", self.subject.word(), self.code, self.rank)
    }
}
