//! The SQL of campaigns and dialogues.

pub mod campaign;
pub mod freeze;
pub mod history;
pub mod open;
pub mod part;
pub mod sheet;

pub use history::{Adjusted, History, Passage, Snapshot, history};
pub use open::{OpenError, open_campaign};
pub use part::{Extension, Part, all_parts, parts};
pub use sheet::{Sheet, filled, opening, sheet};
