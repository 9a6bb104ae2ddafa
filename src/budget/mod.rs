//! The budget of a contract (Annexe 3 made live) and the finance page over every contract (docs/regles.md §6).

pub mod chart;
pub mod controls;
pub mod entry;
pub mod export;
pub mod finance;
pub mod model;
pub mod store;
pub mod sums;
pub mod telling;
pub mod views;
mod web;

pub use model::{BudgetLine, BudgetTotals};
pub use web::router;
