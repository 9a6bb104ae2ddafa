//! Who may edit what, on paper: [`may_edit`] weighs the quality of a person (`quality.rs`) and the moment (`editing.rs`)
//! about one [`Thing`], and answers by a [`Verdict`].

mod editing;
mod quality;
mod state;
mod thing;
mod verdict;

pub use editing::may_edit;
pub use quality::enters;
pub use state::{Asking, DialogueState};
pub use thing::{Means, Party, Thing, Who};
pub use verdict::Verdict;

#[cfg(test)]
mod people;
