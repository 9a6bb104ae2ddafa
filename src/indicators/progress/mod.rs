//! Progress of a measure, exactly as docs/regles.md §4 says it, with its explanation.
//!
//! [`Facts`] hold what it depends on, `judge.rs` says where a value stands, [`Progress`] is the answer and [`Summary`]
//! what a node shows of its measures.

mod facts;
mod judge;
mod outcome;
mod state;
mod summary;
mod words;

pub use facts::Facts;
pub use outcome::{NotComputable, Progress};
pub use state::State;
pub use summary::Summary;
pub use words::{Direction, Nature, Side};

#[cfg(test)]
mod laws;
#[cfg(test)]
mod sample;
