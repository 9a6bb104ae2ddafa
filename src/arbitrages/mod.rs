//! Decisions on what is asked, kept as a ledger, and the conditions they are under (docs/regles.md §6).
//!
//! A ledger names what it decides by a subject and a code: a request, a post line, a budget line or a whole heading.
//! The rooms that hold those things show their decisions and take the form through [`web::record`]: one mechanism for
//! all four.

pub mod entry;
pub mod model;
pub mod store;
pub mod views;
pub mod web;

pub use model::{Arbitrage, Condition, Subject};
pub use web::router;
