//! What the pages of a contract show.

pub mod contract;
pub mod journal;
