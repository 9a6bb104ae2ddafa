//! Every change of business data, written in the transaction that makes it, for ever (docs/regles.md §10).

pub mod model;
pub mod store;
