//! The form of a vote, as data: a step of a draft, of a contract and of an avenant share it.

use crate::web::fields::{Field, Input};

const fn count(name: &'static str, label: &'static str) -> Field {
    Field { name, label, hint: "", input: Input::Whole }
}

/// The counts of a vote, in the order a deliberation prints them.
pub const VOTE: &[Field] = &[
    count("in_office", "Membres en exercice"),
    count("present", "Présents"),
    count("represented", "Représentés"),
    count("voters", "Votants"),
    count("in_favour", "Pour"),
    count("against", "Contre"),
    count("abstentions", "Abstentions"),
    count("no_part", "Ne prend pas part au vote"),
];
