//! Contrôles: the identities that the figures of a plan should satisfy, run over any plan (docs/regles.md §7).
//!
//! Each room of figures states its own (`budget::controls`, `posts::controls`); what crosses rooms is stated here, and
//! all of it is read in one statement ([`store::facts`]).

pub mod model;
pub mod store;
pub mod views;
mod web;

pub use web::{gaps, of_plan, router};
