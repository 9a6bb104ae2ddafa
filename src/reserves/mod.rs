//! Réserves de lecture: what the signed document says in several ways, the readings, the one in use, and who settled it.
//!
//! A réserve shows beside the figure it touches ([`marks::Reserves`]): the rooms of those figures ask it here.

mod dates;
pub mod marks;
pub mod model;
pub mod store;
pub mod views;
mod web;

pub use dates::Dates;
pub use marks::{Beside, Mark, Reserves};
pub use web::{of_past, of_plan, router};
