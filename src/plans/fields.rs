//! The forms of an adoption step and of its vote, as data: a draft, a contract and an avenant share them.

use super::model::Act;
use crate::web::fields::{Field, Input, vocabulary};

/// The counts of a vote, in the order a deliberation prints them.
const VOTE: &[Field] = &[
    Field::plain("in_office", "Membres en exercice", Input::Whole),
    Field::plain("present", "Présents", Input::Whole),
    Field::plain("represented", "Représentés", Input::Whole),
    Field::plain("voters", "Votants", Input::Whole),
    Field::plain("in_favour", "Pour", Input::Whole),
    Field::plain("against", "Contre", Input::Whole),
    Field::plain("abstentions", "Abstentions", Input::Whole),
    Field::plain("no_part", "Ne prend pas part au vote", Input::Whole),
];

/// A step of the adoption of a draft, of a contract or of an avenant; the last two give its code.
pub const STEP: &[Field] = &[
    Field::hinted("code", "Code", Input::Line, "Proposé. Sans accent ni espace."),
    Field::hinted("label", "Objet", Input::Line, "Ce sur quoi l’instance s’est prononcée."),
    Field::plain("body", "Instance", Input::Line),
    Field::plain("act", "Acte", vocabulary!(Act)),
    Field::hinted("held_on", "Date", Input::Date, "Vide : non renseignée."),
    Field::plain("reference", "Référence", Input::Line),
    Field::hinted("vote", "Vote", Input::Group(VOTE), "Vide s’il n’y en a pas eu."),
    Field::plain("transmitted_on", "Transmission au recteur", Input::Date),
    Field::plain("published_on", "Publication", Input::Date),
];
