//! What every contract shares: the establishment, its strategic framework, its structures and their sites. Pilotage
//! keeps them (docs/regles.md §8).

pub mod model;
pub mod store;
mod views;
mod web;

pub use web::router;
