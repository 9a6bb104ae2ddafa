//! The plan and what surrounds it.

pub mod model;
pub mod past;
pub mod store;
pub mod views;
mod web;

pub use web::{look, no_past, readable_plan};
