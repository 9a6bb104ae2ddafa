//! The pages of the room, and the one act of deciding, for the rooms that hold what is decided on.

mod condition;
mod course;
mod decisions;
mod hold;
mod record;

pub use course::{Returned, append, entry, may_demand, may_opine, opine, withdraw};
pub use decisions::{inbox, news};
pub use hold::hold;
pub use record::{Back, may_decide, record, refuse};

use crate::accounts::model::User;
use crate::arbitrages::model::Subject;
use crate::web::Routes;

/// The room's routes.
pub fn router() -> Routes {
    Routes::new()
        .get("/decisions", decisions::page)
        .get("/plans/{code}/conditions/{condition}", condition::show)
        .post("/plans/{code}/conditions/{condition}/state", condition::say)
}

/// Sees what is decided on things of this kind in the plans of a structure (docs/regles.md §8).
pub fn sees(user: &User, structure_id: i64, subject: Subject) -> bool {
    match subject {
        Subject::Request | Subject::Heading => user.reads_commitments(structure_id),
        Subject::Post => user.reads_posts(structure_id),
        Subject::BudgetLine => user.reads_budget(structure_id),
    }
}
