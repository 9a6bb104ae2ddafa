//! How figures look: the form of a cell, wherever it stands, and the fiche.

pub mod cell;
pub mod fiche;
