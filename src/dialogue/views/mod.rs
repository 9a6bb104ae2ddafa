//! How campaigns, dialogues and Saisie look.

pub mod campaign;
pub mod dialogue;
pub mod entry;
pub mod meeting;
