//! How decisions look: on the page of what is decided on, and all together.

pub mod condition;
mod course;
pub mod decisions;
mod ledger;

pub use course::{CourseView, OpinionRow, Opinions, StepRow};
pub use ledger::{Deciding, Ledger, Row, details};

use super::case::Case;
use super::model::Subject;
use super::web::{self, Returned};
use crate::access::Verdict;
use crate::accounts::model::User;
use crate::web::App;

/// What this person may do about a case.
pub struct Rights {
    /// Decide.
    pub decide: Verdict,
    /// Give an avis.
    pub opine: Verdict,
    /// Amend or withdraw.
    pub demand: Verdict,
}

impl Rights {
    /// On an earlier day: none.
    pub fn past() -> Self {
        Self { decide: Verdict::past(), opine: Verdict::past(), demand: Verdict::past() }
    }

    /// Theirs, now.
    pub fn of(user: &User, case: &Case<'_>, app: &App) -> Self {
        Self {
            decide: web::may_decide(user, case, app),
            opine: web::may_opine(user, case, app),
            demand: web::may_demand(user, case, app),
        }
    }
}

/// The shared form that came back; at most one.
#[derive(Default)]
pub struct Backs {
    /// A decision.
    pub decision: Option<web::Back>,
    /// An avis.
    pub opinion: Option<Returned>,
    /// A withdrawal.
    pub withdrawal: Option<Returned>,
}

/// What the page of a case includes: its decisions, its avis, its course, and their forms.
pub struct File {
    /// Decisions.
    pub ledger: Ledger,
    /// The form of the next one.
    pub deciding: Deciding,
    /// Avis.
    pub opinions: Opinions,
    /// What became of the demand.
    pub course: CourseView,
}

impl File {
    /// That of a case, with the form that came back.
    pub fn new(case: &Case<'_>, rights: &Rights, backs: Backs) -> Self {
        Self {
            ledger: Ledger::new(case),
            deciding: Deciding::new(case, &rights.decide, backs.decision),
            opinions: Opinions::new(case, &rights.opine, backs.opinion),
            course: CourseView::new(case, &rights.demand, backs.withdrawal),
        }
    }
}

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
