//! Avenants, the only way a signed contract changes, and the steps by which a contract or an avenant is adopted
//! (docs/regles.md §9).
//!
//! For other rooms: [`model::Avenant`] (an element of the document), [`ground::Ground`] (what a contract defines, and
//! what it becomes when an avenant comes into force), [`store`] (those of a plan, those that the next campaign brings
//! into force, those that wait for an accord).

pub mod fields;
pub mod ground;
pub mod model;
mod removal;
pub mod store;
pub mod telling;
mod views;
mod web;

pub use web::router;
