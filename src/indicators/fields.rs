//! The fields of a fiche and of its measures that a draft and an avenant both ask, as data: one label for one thing.

use super::model::UnitKind;
use super::progress::Side;
use crate::kernel::period::Availability;
use crate::web::fields::{Field, Input, vocabulary};

/// « Unité », of an indicator or of a measure.
pub const UNIT: Field = Field::plain("unit", "Unité", Input::Line);
/// « Périmètre », of an indicator or of a measure.
pub const SCOPE: Field = Field::plain("scope", "Périmètre", Input::Line);
/// « Mode de calcul », of an indicator or of a measure.
pub const CALCULATION: Field = Field::plain("calculation", "Mode de calcul", Input::Line);
/// Where an indicator is read.
pub const SOURCE: Field = Field::plain("source", "Source", Input::Line);
/// When the situation of a period is due.
pub const AVAILABILITY: Field = Field::hinted(
    "availability",
    "Disponibilité",
    vocabulary!(Availability),
    "Quand la situation d’une période est due.",
);
/// Who answers for an indicator.
pub const REFERENTS: Field =
    Field::hinted("referents", "Référents", Input::Lines, "Un service ou une fonction par ligne, jamais un nom.");
/// What the fiche adds.
pub const COMMENT: Field = Field::plain("comment", "Commentaire de la fiche", Input::Text);
/// Of what kind the unit of a measure is.
pub const UNIT_KIND: Field = Field::plain("unit_kind", "Type d’unité", vocabulary!(UnitKind));
/// Where a measure starts from.
pub const REFERENCE: Field = Field::hinted(
    "reference",
    "Référence",
    Input::Figure,
    "De la période qui précède le contrat : un nombre, NR ou NA.",
);
/// How far a measure to be held may stray.
pub const TOLERANCE: Field =
    Field::hinted("tolerance", "Tolérance d’un maintien", Input::Decimal, "Dans l’unité de la mesure ; vide : 0.");
/// On which side a measure to be held may stray.
pub const BETTER_SIDE: Field = Field::plain("better_side", "Bon côté d’un maintien", vocabulary!(Side));
