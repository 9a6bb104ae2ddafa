//! Rappels: one message a person before a deadline, on it and after, so that nobody has to come and look
//! (docs/regles.md §9).
//!
//! [`round`] is the whole of it: read what waits for everyone, take in hand what leaves today, send. Each thing is taken
//! in hand by a unique row committed before anything is sent, so that it leaves at most once whatever dies, and
//! whatever number of servers share the database.

pub mod model;
mod reading;
pub mod round;
pub mod schedule;
pub mod store;
pub mod views;
mod web;

pub use web::router;
