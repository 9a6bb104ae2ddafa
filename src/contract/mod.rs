//! The contract as a person reads it: its parties, its tree with the figures, its texts, and the journal of all that
//! changed in it. The room writes nothing: it puts together what the rooms below keep.

pub mod compare;
mod store;
pub mod telling;
pub mod views;
mod web;

pub use web::router;
