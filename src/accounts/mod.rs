//! Accounts, sessions, roles and grants.

pub mod model;
