//! The plan and what surrounds it.

pub mod model;
pub mod store;
pub mod views;
mod web;

pub use web::readable_plan;
