//! The house: one crate, a folder (« room ») per capability.
//!
//! A newcomer finds a line by asking:
//!
//! | Question | File |
//! |---|---|
//! | True on paper, without a computer? | `model.rs` of the room |
//! | Needs the database? | `store.rs` |
//! | Speaks HTTP? | `web.rs` |
//! | Only how it looks? | `views.rs` and `templates/<room>/` |
//! | Names no business word? | `kernel/` or `web/` |
//!
//! Rooms stack and never form a circle; `tests/architecture.rs` holds the doors shut.

pub mod access;
pub mod accounts;
pub mod arbitrages;
pub mod avenants;
pub mod backup;
pub mod budget;
pub mod cluster;
pub mod commands;
pub mod commitments;
pub mod config;
pub mod contract;
pub mod controls;
pub mod db;
pub mod demo;
pub mod dialogue;
pub mod directoire;
pub mod document;
pub mod drafts;
pub mod establishment;
pub mod followups;
pub mod help;
pub mod home;
pub mod indicators;
pub mod jalons;
pub mod journal;
pub mod kernel;
pub mod listen;
pub mod mail;
pub mod plans;
pub mod posts;
pub mod printed;
pub mod reminders;
pub mod reserves;
pub mod routes;
pub mod synthetic;
pub mod web;
