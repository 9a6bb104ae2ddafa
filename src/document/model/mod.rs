//! The document, the elements it is made of, and the differences between two of them. What makes one acceptable is in
//! `check/`.

mod changes;
mod definitions;
mod elements;
mod file;

use crate::words;

pub use changes::{Change, changes, placed};
pub use elements::{Document, Element, Kind, Placed};
pub use file::{Extract, FILE_MAX, VALUES_MAX};

words! {
    /// Every schema version ever released; each imports for ever.
    pub enum Schema {
        /// Framework, tree, indicators, measures, targets, cells.
        V1 = "cpom-1",
        /// And the jalons, the posts, the budget with its decisions. A list added since the first version may be absent.
        V2 = "cpom-2",
    }
}

impl Schema {
    /// The version that exports write.
    pub const CURRENT: Self = Self::V2;
}
