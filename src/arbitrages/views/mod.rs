//! How decisions look: on the page of what is decided on, and all together.

pub mod decisions;
mod ledger;

pub use ledger::{Deciding, Ledger, Row, details};

use super::model::Subject;

impl Subject {
    /// Address of a thing of this kind.
    pub fn address(self, plan: &str, code: &str) -> String {
        let place = match self {
            Self::Request => "requests",
            Self::Heading => "headings",
            Self::Post => "posts",
            Self::BudgetLine => "budget",
        };
        format!("/plans/{plan}/{place}/{code}")
    }
}
