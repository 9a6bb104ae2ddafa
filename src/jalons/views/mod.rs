//! What the pages of jalons show.

pub mod jalon;
pub mod list;
