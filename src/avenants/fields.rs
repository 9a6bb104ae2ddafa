//! The forms of avenants and of adoption steps, as data.

use super::model::Subject;
use crate::indicators::model::{Origin, UnitKind};
use crate::indicators::progress::{Direction, Nature, Side};
use crate::jalons::model::Precision;
use crate::kernel::period::Availability;
use crate::plans::fields::VOTE;
use crate::plans::model::Act;
use crate::web::fields::{Choice, Field, Input};

const fn field(name: &'static str, label: &'static str, input: Input) -> Field {
    Field { name, label, hint: "", input }
}

const fn hinted(name: &'static str, label: &'static str, input: Input, hint: &'static str) -> Field {
    Field { name, label, hint, input }
}

/// A word of a vocabulary with its label, for a list.
macro_rules! vocabulary {
    ($Type:ty) => {
        Input::Word(|| <$Type>::ALL.iter().map(|it| Choice::new(it.word(), it.label())).collect())
    };
}

/// What is said of an avenant, its changes apart.
pub const CONTENT: &[Field] = &[
    hinted("reference", "Référence", Input::Line, "De l’acte. Attendue avant les accords."),
    hinted("dated_on", "Date", Input::Date, "De l’avenant. Attendue avant les accords."),
    hinted(
        "reason",
        "Raison",
        Input::Text,
        "Pourquoi le contrat change : elle accompagne chaque changement au journal.",
    ),
    hinted(
        "deliberation",
        "Délibération",
        Input::Line,
        "S’il y en a eu une : l’instance, la date, le numéro. Son vote s’enregistre parmi les étapes d’adoption.",
    ),
];

const TARGET: &[Field] = &[
    hinted("figure", "Cible", Input::Figure, "De la dernière période du contrat : un nombre, NR ou NA."),
    hinted(
        "yearly",
        "Cibles annuelles",
        Input::Rows(&[field("period", "Période", Input::Line), field("value", "Valeur", Input::Decimal)]),
        "S’il y en a. Une période s’écrit 2025 ou 2024-2025.",
    ),
];

const JALON: &[Field] = &[
    field(
        "precision",
        "Échéance connue",
        Input::Word(|| {
            [Precision::Month, Precision::Year].iter().map(|it| Choice::new(it.word(), it.label())).collect()
        }),
    ),
    hinted("due_on", "Échéance", Input::Date, "Un jour du mois ou de l’année : c’est son dernier jour qui compte."),
];

const INDICATOR: &[Field] = &[
    field("label", "Libellé", Input::Line),
    field("unit", "Unité", Input::Line),
    field("scope", "Périmètre", Input::Line),
    field("calculation", "Mode de calcul", Input::Line),
    field("source", "Source", Input::Line),
    hinted("availability", "Disponibilité", vocabulary!(Availability), "Quand la situation d’une période est due."),
    field("origin", "Produit par", vocabulary!(Origin)),
    hinted("referents", "Référents", Input::Lines, "Un service ou une fonction par ligne, jamais un nom."),
    field("comment", "Commentaire de la fiche", Input::Text),
];

const MEASURE: &[Field] = &[
    field("label", "Libellé", Input::Line),
    field("unit", "Unité", Input::Line),
    field("unit_kind", "Type d’unité", vocabulary!(UnitKind)),
    field("scope", "Périmètre", Input::Line),
    field("calculation", "Mode de calcul", Input::Line),
    hinted("reference", "Référence", Input::Figure, "De la période qui précède le contrat : un nombre, NR ou NA."),
    field("nature", "Nature", vocabulary!(Nature)),
    field("direction", "Sens", vocabulary!(Direction)),
    hinted("tolerance", "Tolérance d’un maintien", Input::Decimal, "Dans l’unité de la mesure ; vide : 0."),
    field("better_side", "Bon côté d’un maintien", vocabulary!(Side)),
];

/// A step of the adoption of a signed contract, or of an avenant. Its code is given, not typed.
pub const STEP: &[Field] = &[
    hinted("label", "Objet", Input::Line, "Ce sur quoi l’instance s’est prononcée."),
    field("body", "Instance", Input::Line),
    field("act", "Acte", vocabulary!(Act)),
    hinted("held_on", "Date", Input::Date, "Vide : non renseignée."),
    field("reference", "Référence", Input::Line),
    hinted("vote", "Vote", Input::Group(VOTE), "Vide s’il n’y en a pas eu."),
    field("transmitted_on", "Transmission au recteur", Input::Date),
    field("published_on", "Publication", Input::Date),
];

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
