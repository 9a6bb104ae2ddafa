//! The pages the footer promises everywhere: help by role, the site's plan, the accessibility declaration.
//!
//! Help says what can be done today, never what is to come. These pages are open to everyone, signed in or not.

pub mod views;
mod web;

pub use web::router;
