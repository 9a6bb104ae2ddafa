//! What a person posts for a cell, and what becomes of it: unchanged, saved, refused or in conflict
//! (docs/regles.md §2, §10).

mod answer;
mod decide;
mod fields;

pub use decide::{At, Back, Decision, Outcome, Refusal, decide};
pub use fields::{Choice, Fields, Key, Posted, read_form};

#[cfg(test)]
mod sample;
