//! Accueil: what waits for this person first, then where the contract stands, then the contracts they may read.

pub mod model;
pub mod store;
pub mod views;
mod web;

pub use web::router;
