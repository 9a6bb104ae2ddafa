//! The annual dialogue on paper: what a campaign asks for, the machine of its states, what a submission demands
//! (docs/regles.md §9).

pub mod campaign;
pub mod checks;
pub mod expected;
pub mod machine;

pub use campaign::Campaign;
pub use checks::Checklist;
pub use expected::{Candidate, Completeness, Due, Expecting};
pub use machine::Transition;
