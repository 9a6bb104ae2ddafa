//! Follow-ups (« suites »): what a meeting of the annual dialogue asks someone to do by a day, and what became of it
//! (docs/regles.md §9).
//!
//! A meeting writes them on its page, which is the `dialogue` room's; here is what they are, where they are kept, and
//! the page of each.

pub mod entry;
pub mod model;
pub mod store;
pub mod views;
pub mod web;

pub use model::Followup;
pub use web::router;
