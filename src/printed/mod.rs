//! What the signed document prints, beside what is computed: the mentions that the document carries for it, and how a
//! control turns out (docs/regles.md §7).
//!
//! The rooms of figures state their own identities with these words; `controls` runs them all over a plan.

pub mod model;
pub mod outcome;
pub mod store;

pub use model::{Mention, Mentions, Says};
pub use outcome::{Amount, Control, Family, Nature, Outcome, Shortlist, Verdict};
