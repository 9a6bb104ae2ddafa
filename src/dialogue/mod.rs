//! The annual dialogue: campaigns, what they expect, where each plan stands (docs/regles.md §9).

pub mod model;
pub mod store;
pub mod views;
