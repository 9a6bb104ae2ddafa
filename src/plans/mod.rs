//! The plan and what surrounds it.

pub mod fields;
pub mod model;
pub mod store;
pub mod views;
pub mod vote;
mod web;

pub use web::readable_plan;
