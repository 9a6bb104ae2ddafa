//! Engagements: the structure's headings with their actions and requests, the envelopes, and what the establishment
//! commits to in return (docs/regles.md §1, §6).

pub mod entry;
pub mod model;
pub mod store;
mod views;
mod web;

pub use web::router;
