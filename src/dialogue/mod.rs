//! The annual dialogue: campaigns, what they expect, where each plan stands (docs/regles.md §9).

pub mod model;
pub mod store;
mod views;
mod web;
pub mod window;

pub use web::router;
