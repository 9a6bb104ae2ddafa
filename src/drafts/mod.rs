//! A contract before its signature: pilotage and its director write it element by element, in the workshop, and its
//! signature makes a contract of it (docs/regles.md §9).

pub mod codes;
pub mod model;
pub mod parts;
mod problems;
pub mod shape;
pub mod signature;
mod views;
mod web;
mod whole;

pub use web::router;
