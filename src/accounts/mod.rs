//! Who comes in and what they were given: accounts, sessions, roles and grants (docs/regles.md §8).
//!
//! Other rooms take [`CurrentUser`] in their handlers and ask it what it reads; they never look at a session or a
//! cookie. `commands` and `demo` serve the terminal.

pub mod commands;
pub mod demo;
pub mod granting;
mod hashing;
pub mod model;
pub mod password;
pub mod session;
pub mod store;
pub mod throttle;
pub mod views;
mod web;

pub use web::{CurrentUser, MaybeUser, router};
