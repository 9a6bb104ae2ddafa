//! The forms of avenants and of adoption steps, as data.

use super::model::Subject;
use crate::indicators::fields;
use crate::indicators::model::Origin;
use crate::indicators::progress::{Direction, Nature};
use crate::jalons::model::Precision;
use crate::web::fields::{Choice, Field, Input, vocabulary, without_code};

/// What is said of an avenant, its changes apart.
pub const CONTENT: &[Field] = &[
    Field::hinted("reference", "Référence", Input::Line, "De l’acte. Attendue avant les accords."),
    Field::hinted("dated_on", "Date", Input::Date, "De l’avenant. Attendue avant les accords."),
    Field::hinted(
        "reason",
        "Raison",
        Input::Text,
        "Pourquoi le contrat change : elle accompagne chaque changement au journal.",
    ),
    Field::hinted(
        "deliberation",
        "Délibération",
        Input::Line,
        "S’il y en a eu une : l’instance, la date, le numéro. Son vote s’enregistre parmi les étapes d’adoption.",
    ),
];

const TARGET: &[Field] = &[
    Field::hinted("figure", "Cible", Input::Figure, "De la dernière période du contrat : un nombre, NR ou NA."),
    Field::hinted(
        "yearly",
        "Cibles annuelles",
        Input::Rows(&[Field::plain("period", "Période", Input::Line), Field::plain("value", "Valeur", Input::Decimal)]),
        "S’il y en a. Une période s’écrit 2025 ou 2024-2025.",
    ),
];

const JALON: &[Field] = &[
    Field::plain(
        "precision",
        "Échéance connue",
        Input::Word(|| {
            [Precision::Month, Precision::Year].iter().map(|it| Choice::new(it.word(), it.label())).collect()
        }),
    ),
    Field::hinted(
        "due_on",
        "Échéance",
        Input::Date,
        "Un jour du mois ou de l’année : c’est son dernier jour qui compte.",
    ),
];

const INDICATOR: &[Field] = &[
    Field::plain("label", "Libellé", Input::Line),
    fields::UNIT,
    fields::SCOPE,
    fields::CALCULATION,
    fields::SOURCE,
    fields::AVAILABILITY,
    Field::plain("origin", "Produit par", vocabulary!(Origin)),
    fields::REFERENTS,
    fields::COMMENT,
];

const MEASURE: &[Field] = &[
    Field::plain("label", "Libellé", Input::Line),
    fields::UNIT,
    fields::UNIT_KIND,
    fields::SCOPE,
    fields::CALCULATION,
    fields::REFERENCE,
    Field::plain("nature", "Nature", vocabulary!(Nature)),
    Field::plain("direction", "Sens", vocabulary!(Direction)),
    fields::TOLERANCE,
    fields::BETTER_SIDE,
];

/// A step of the adoption of a signed contract, or of an avenant. Its code is given, not typed.
pub const STEP: &[Field] = without_code(crate::plans::fields::STEP);

/// The form of a change.
pub const fn of(kind: Subject) -> &'static [Field] {
    match kind {
        Subject::Target => TARGET,
        Subject::Jalon => JALON,
        Subject::Indicator => INDICATOR,
        Subject::Measure => MEASURE,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_form_has_the_fields_that_an_avenant_may_change() {
        for kind in Subject::ALL {
            let names: Vec<&str> = of(*kind).iter().map(|field| field.name).collect();
            assert_eq!(names, kind.fields(), "{kind:?}");
        }
    }
}
