//! Jalons: what must be done by a date or once a condition holds, who says it is done, and what is late.

pub mod entry;
pub mod model;
pub mod store;
pub mod summary;
pub mod telling;
pub mod timeline;
pub mod views;
mod web;

pub use web::router;
