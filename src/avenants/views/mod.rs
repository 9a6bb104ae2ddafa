//! What the templates of avenants and of adoption steps ask.

pub mod avenant;
pub mod change;
pub mod list;
pub mod step;
