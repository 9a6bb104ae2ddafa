//! A jalon, where it stands, and how it moves (docs/regles.md §5).
//!
//! Lateness is never kept: it is read from the clock that the caller passes in.

mod coherence;
mod dates;
mod jalon;
mod moves;
mod standing;

pub use dates::is_sane;
pub use jalon::{JALON_KIND, Jalon, Precision, Redated, State, TEXT_MAX};
pub use moves::{At, Refused};
pub use standing::{Calendar, Standing, group_standing};

#[cfg(test)]
mod signed;
