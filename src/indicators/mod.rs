//! Indicators: what is measured, the figures entered, the progress they show.

pub mod aim;
pub mod chart;
pub mod entry;
pub mod explanation;
pub mod fields;
pub mod model;
pub mod progress;
pub mod sheet;
pub mod shown;
pub mod store;
pub mod telling;
pub mod tree;
pub mod views;
mod web;

pub use web::save::{save as save_cells, status as status_of};
pub use web::{lines, router, verdict};
