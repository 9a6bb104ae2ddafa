//! The plan and what surrounds it.

pub mod fields;
pub mod model;
pub mod past;
pub mod store;
pub mod views;
pub mod vote;
mod web;

pub use web::{look, no_past, readable_plan};
