//! Accounts, sessions, roles and grants.

pub mod frame;
pub mod model;
