//! What becomes of what is asked, in ledgers: how a demand changed, the avis given on it, the decisions on it and the
//! conditions they are under (docs/regles.md §6, §8).
//!
//! A ledger names its thing by a subject and a code: a request, a post line, a budget line or a whole heading. The rooms
//! that hold those things make a [`case::Case`] of one, show its [`views::File`] and take its forms through
//! [`web::record`] and the like: one mechanism for all four.

pub mod amendment;
pub mod case;
pub mod entry;
pub mod model;
pub mod opinion;
pub mod store;
pub mod views;
pub mod web;

pub use model::{Arbitrage, Condition, Subject};
pub use web::router;
