//! Directoire: every structure at a glance, before the dialogues (docs/regles.md §4, §9).

pub mod model;
mod views;
mod web;

pub use web::router;
