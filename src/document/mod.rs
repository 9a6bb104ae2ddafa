//! The canonical document of a plan: import, export, demo, snapshots and comparison all speak it (docs/regles.md §11).

mod check;
pub mod import;
pub mod model;
pub mod store;

pub use import::{ImportError, Imported, import};
