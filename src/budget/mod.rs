//! The budget of a contract (Annexe 3 made live) and the finance page over every contract (docs/regles.md §6).

pub mod model;
pub mod store;
pub mod sums;

pub use model::{BudgetLine, BudgetTotals};
