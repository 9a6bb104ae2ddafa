//! How Engagements looks: the sheet, and what is asked on a page of its own.

pub mod demand;
pub mod means;
pub mod sheet;
