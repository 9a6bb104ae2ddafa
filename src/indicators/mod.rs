//! Indicators: what is measured, the figures entered, the progress they show.

pub mod entry;
pub mod model;
pub mod progress;
pub mod sheet;
pub mod store;
pub mod telling;
