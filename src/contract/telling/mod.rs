//! A journal entry about anything but a cell's answer, told in a reader's terms: which thing, and which of its fields
//! went from what to what. Cells have their own words ([`crate::indicators::telling`]).

mod changes;
mod fields;
mod kinds;
mod things;
mod words;

pub use changes::{FieldChange, changes, created};
pub use kinds::{KINDS, Kind, counted};
pub use things::{measured, name, thing};

#[cfg(test)]
mod sample;
