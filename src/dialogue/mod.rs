//! The annual dialogue: campaigns, what they expect, where each plan stands, what moves it (docs/regles.md §9).
//!
//! For other rooms: [`parts`] (every dialogue of many plans), [`store::parts`] (the latest of some, or that of a year),
//! [`store::history`] (moves, adjustments, snapshots), [`store::sheet`] (a plan as its campaign reads it), [`pass`] (a move, whatever the door).
//! What editing depends on is [`crate::access::store::season`].

pub mod meeting;
pub mod model;
pub mod passage;
pub mod store;
pub mod views;
mod web;
pub mod window;

pub use passage::{Asked, PassageError, pass};
pub use web::{parts, router};
