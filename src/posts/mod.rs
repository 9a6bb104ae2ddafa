//! Posts: anonymous lines from which the tables of the contract are computed, beside what was printed; the recruitment
//! potential; the dynamic share and its rule (docs/regles.md §6).
//!
//! What could name a person (support number, reason and date of a departure) is kept apart, behind PostgreSQL's
//! row-level security, and enters neither the document nor the plan's journal (docs/regles.md §8).

pub mod controls;
pub mod demand;
pub mod entry;
pub mod model;
pub mod store;
pub mod tables;
pub mod telling;
mod views;
mod web;

pub use web::router;
