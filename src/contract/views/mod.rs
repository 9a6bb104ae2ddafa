//! What the pages of a contract show.

pub mod compare;
pub mod contract;
pub mod journal;
mod said;
