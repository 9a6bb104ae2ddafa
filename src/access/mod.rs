//! Who may edit what, why, until when, and who can unlock it: one function, asked by pages, imports and commands
//! (docs/regles.md §8).

pub mod model;
pub mod season;
pub mod store;

pub use model::{DialogueState, Means, Party, Thing, Verdict, Who, enters, may_edit};
pub use season::Season;
