//! What a draft is made of, as data: each kind of element with its name, its place under another, and its form.
//!
//! A kind is added to the workshop by one line of [`PARTS`] and its fields.

use crate::budget::model as budget;
use crate::commitments::model::QuantityRole;
use crate::document::model::Kind;
use crate::indicators::fields;
use crate::indicators::model as indicators;
use crate::indicators::progress::{Direction, Nature};
use crate::jalons::model::Precision;
use crate::kernel::period::PeriodKind;
use crate::plans::fields::STEP;
use crate::plans::model::PlanKind;
use crate::posts::model as posts;
use crate::web::fields::{Field, Input, vocabulary};

/// Under what an element stands, which also says among which others it moves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Under {
    /// Nothing: all of a kind are in one list.
    Nothing,
    /// Another of the same kind, or none.
    Own(&'static str),
    /// An element of another kind.
    Of(Kind, &'static str),
}

impl Under {
    /// The field that names it.
    pub const fn field(self) -> Option<&'static str> {
        match self {
            Self::Nothing => None,
            Self::Own(field) | Self::Of(_, field) => Some(field),
        }
    }
}

/// A kind of element, as the workshop treats it.
#[derive(Debug, Clone, Copy)]
pub struct Part {
    /// The kind.
    pub kind: Kind,
    /// Heading of its list.
    pub title: &'static str,
    /// One of them, in a sentence: « un texte ».
    pub one: &'static str,
    /// Before its code: « Texte S1 ».
    pub name: &'static str,
    /// What its proposed codes begin with.
    pub prefix: &'static str,
    /// Under what it stands.
    pub under: Under,
    /// Its form.
    pub fields: &'static [Field],
}

impl Part {
    /// The part of a word of an address.
    pub fn of_field(word: &str) -> Option<&'static Self> {
        PARTS.iter().find(|part| part.kind.field() == word)
    }

    /// The part of a kind.
    pub fn of(kind: Kind) -> Option<&'static Self> {
        PARTS.iter().find(|part| part.kind == kind)
    }

    /// « Ajouter un texte ».
    pub fn adding(&self) -> String {
        format!("Ajouter {}", self.one)
    }
}

const CODE: Field = Field::hinted("code", "Code", Input::Line, "Proposé. Sans accent ni espace.");
const LABEL: Field = Field::plain("label", "Libellé", Input::Line);

const FACTS: &[Field] = &[Field::plain("label", "Quoi", Input::Line), Field::plain("text", "Texte", Input::Line)];
const QUANTITY: &[Field] = &[
    Field::plain("value", "Nombre", Input::Decimal),
    Field::plain("printed", "Ou en lettres", Input::Line),
    Field::plain("unit", "Unité", Input::Line),
    Field::plain("role", "C’est", vocabulary!(QuantityRole)),
];

/// Fields of the plan itself: its identity and its parties. Its code is fixed, every address holds it.
pub const PLAN: &[Field] = &[
    Field::plain("title", "Titre", Input::Line),
    Field::plain("kind", "Sorte", vocabulary!(PlanKind)),
    Field::plain("first_year", "Première année", Input::Whole),
    Field::plain("last_year", "Dernière année", Input::Whole),
    Field::hinted("levels", "Niveaux de l’arbre", Input::Lines, "Un par ligne, en partant du haut."),
    Field::hinted("parties", "Parties", Input::Rows(FACTS), "Qui conclut avec qui, quand le contrat est revu…"),
    Field::plain("annexes", "Annexes", Input::Rows(FACTS)),
    Field::plain("notice", "Avertissement affiché sous le titre", Input::Line),
    Field::hinted(
        "deviation_threshold",
        "Seuil d’écart à expliquer, en %",
        Input::Decimal,
        "En part du chemin entre la référence et la cible.",
    ),
];

const SECTION: &[Field] = &[
    CODE,
    Field::plain("title", "Titre", Input::Line),
    Field::hinted("body", "Texte", Input::Text, "Une ligne vide sépare deux paragraphes."),
];

const NODE: &[Field] = &[
    CODE,
    Field::hinted("parent", "Sous", Input::One("parents"), "Vide : au premier niveau."),
    Field::plain("label", "Libellé", Input::Line),
    Field::plain("statement", "Exposé", Input::Text),
    Field::hinted(
        "framework_rows",
        "Lignes du cadre de l’établissement qu’il décline",
        Input::Many("framework"),
        "Aucune, une ou plusieurs.",
    ),
];

const INDICATOR: &[Field] = &[
    Field::hinted("code", "Numéro", Input::Line, "Proposé. Unique parmi les indicateurs."),
    LABEL,
    Field::plain("node", "Rattaché à", Input::One("nodes")),
    Field::hinted("is_group", "Groupe de mesures (13.a, 13.b…)", Input::Flag, "Un groupe n’a pas de valeur à lui."),
    fields::UNIT,
    Field::plain("period_kind", "Période", vocabulary!(PeriodKind)),
    fields::AVAILABILITY,
    fields::SCOPE,
    fields::CALCULATION,
    fields::SOURCE,
    Field::hinted(
        "origin",
        "Produit par",
        vocabulary!(indicators::Origin),
        "Les valeurs du SAPCG sont saisies par le pilotage.",
    ),
    fields::REFERENTS,
    fields::COMMENT,
];

const MEASURE: &[Field] = &[
    CODE,
    Field::plain("indicator", "Indicateur", Input::One("indicators")),
    LABEL,
    fields::UNIT,
    fields::UNIT_KIND,
    Field::plain("is_quotient", "Saisie par un numérateur et un dénominateur", Input::Flag),
    fields::SCOPE,
    fields::CALCULATION,
    fields::REFERENCE,
    Field::hinted("target", "Cible", Input::Figure, "De la dernière période du contrat : un nombre, NR ou NA."),
    Field::hinted(
        "yearly",
        "Cibles annuelles",
        Input::Rows(&[Field::plain("period", "Période", Input::Line), Field::plain("value", "Valeur", Input::Decimal)]),
        "S’il y en a. Une période s’écrit 2028 ou 2027-2028.",
    ),
    Field::hinted("nature", "Nature", vocabulary!(Nature), "Ce que choisit le pilotage est confirmé."),
    Field::hinted("direction", "Sens", vocabulary!(Direction), "Vide : proposé d’après la référence et la cible."),
    fields::TOLERANCE,
    fields::BETTER_SIDE,
];

const JALON: &[Field] = &[
    CODE,
    Field::plain("label", "Libellé", Input::Line),
    Field::plain("node", "Rattaché à", Input::One("nodes")),
    Field::hinted("is_group", "Groupe de jalons (J16.a, J16.b…)", Input::Flag, "Un groupe n’a ni échéance ni état."),
    Field::plain("parent", "Dans le groupe", Input::One("groups")),
    Field::plain("precision", "Échéance connue", vocabulary!(Precision)),
    Field::hinted(
        "due_on",
        "Échéance",
        Input::Date,
        "Un jour du mois ou de l’année : c’est son dernier jour qui compte.",
    ),
    Field::hinted("condition", "Condition", Input::Line, "Au lieu d’une date : « en fonction de… »."),
    Field::hinted("owners", "Responsables", Input::Lines, "Un service ou une fonction par ligne, jamais un nom."),
];

const BUDGET: &[Field] = &[
    CODE,
    Field::plain("label", "Objet de la demande", Input::Line),
    Field::hinted("nodes", "Objectifs servis", Input::Many("nodes"), "Aucun : la ligne est « non rattachée »."),
    Field::plain("nature", "Nature", vocabulary!(budget::Nature)),
    Field::plain("category", "Catégorie", Input::Suggested("categories")),
    Field::plain("subcategory", "Sous-catégorie", Input::Line),
    Field::plain("site", "Site", Input::One("sites")),
    Field::hinted("years", "Années", Input::Wholes, "Par exemple 2027, 2028. Vide : à définir."),
    Field::hinted("cost", "Coût, en euros", Input::Decimal, "Vide : estimation en cours."),
    Field::hinted("participation", "Participation demandée, en euros", Input::Decimal, "Vide : rien n’est demandé."),
    Field::plain("participation_of", "Service sollicité", Input::Line),
    Field::hinted(
        "self_financing",
        "Autofinancement",
        Input::Rows(&[Field::plain("year", "Année", Input::Whole), Field::plain("amount", "Euros", Input::Decimal)]),
        "Par année.",
    ),
];

const POST: &[Field] = &[
    CODE,
    Field::plain("origin", "Origine", vocabulary!(posts::Origin)),
    Field::hinted("year", "Année", Input::Whole, "Vide : non connue."),
    Field::plain("part", "Part", vocabulary!(posts::Part)),
    Field::plain("corps", "Corps", vocabulary!(posts::Corps)),
    Field::plain("count", "Nombre de postes", Input::Whole),
    Field::plain("qualifier", "Précision", Input::Line),
    Field::plain("funding", "Financement", Input::Line),
    Field::hinted("objectives", "Objectifs servis", Input::Many("nodes"), "Un poste à 20 % en sert au moins un."),
    Field::plain("structuring", "Poste structurant", Input::Flag),
];

const POTENTIAL: &[Field] = &[
    CODE,
    Field::plain("family", "Personnels", vocabulary!(posts::Family)),
    Field::plain("title", "Titre", Input::Line),
    Field::plain("certain", "Départs certains", Input::Decimal),
    Field::hinted("possible", "Départs possibles", Input::Decimal, "La moitié compte."),
];

const HEADING: &[Field] = &[CODE, Field::plain("title", "Titre", Input::Line)];

const ACTION: &[Field] = &[
    CODE,
    Field::plain("heading", "Rubrique", Input::One("headings")),
    LABEL,
    Field::hinted("owner", "Responsable", Input::Line, "Un service ou une fonction, jamais un nom."),
];

const REQUEST: &[Field] = &[
    CODE,
    Field::hinted("heading", "Rubrique", Input::One("headings"), "Si elle tient à une rubrique."),
    Field::hinted("node", "Objectif", Input::One("nodes"), "Si elle tient à un objectif."),
    Field::plain("label", "Demande", Input::Text),
    Field::plain("quantities", "Quantités", Input::Rows(QUANTITY)),
];

const ENVELOPE: &[Field] = &[
    CODE,
    Field::plain("request", "En réponse à la demande", Input::One("requests")),
    LABEL,
    Field::plain("ceiling", "Plafond", Input::Decimal),
    Field::hinted("unit", "Unité", Input::Line, "Par exemple h éq TD."),
    Field::plain("baseline", "Compté à partir de", Input::Line),
    Field::plain("revision", "Révision", Input::Line),
];

const COMMITMENT: &[Field] = &[
    CODE,
    Field::hinted("volet", "Volet", Input::Line, "Emplois, budget, méthode…"),
    Field::plain("text", "Engagement", Input::Text),
    Field::hinted("quantity", "Quantité", Input::Group(QUANTITY), "Vide : NR."),
    Field::plain("baseline", "Compté à partir de", Input::Line),
    Field::plain("owner", "Service responsable", Input::Line),
];

const CONDITION: &[Field] = &[
    CODE,
    Field::plain("text", "Condition", Input::Text),
    Field::plain("scope", "Portée", vocabulary!(crate::arbitrages::model::Scope)),
];

/// The parts of the workshop, in its order.
pub const PARTS: &[Part] = &[
    Part {
        kind: Kind::Section,
        title: "Textes",
        one: "un texte",
        name: "Texte",
        prefix: "S",
        under: Under::Nothing,
        fields: SECTION,
    },
    Part {
        kind: Kind::Step,
        title: "Étapes d’adoption",
        one: "une étape",
        name: "Étape",
        prefix: "E",
        under: Under::Nothing,
        fields: STEP,
    },
    Part {
        kind: Kind::Node,
        title: "Arbre",
        one: "un niveau",
        name: "Niveau",
        prefix: "N",
        under: Under::Own("parent"),
        fields: NODE,
    },
    Part {
        kind: Kind::Indicator,
        title: "Indicateurs",
        one: "un indicateur",
        name: "Indicateur",
        prefix: "",
        under: Under::Nothing,
        fields: INDICATOR,
    },
    Part {
        kind: Kind::Measure,
        title: "Mesures",
        one: "une mesure",
        name: "Mesure",
        prefix: "",
        under: Under::Of(Kind::Indicator, "indicator"),
        fields: MEASURE,
    },
    Part {
        kind: Kind::Jalon,
        title: "Jalons",
        one: "un jalon",
        name: "Jalon",
        prefix: "J",
        under: Under::Own("parent"),
        fields: JALON,
    },
    Part {
        kind: Kind::Heading,
        title: "Rubriques",
        one: "une rubrique",
        name: "Rubrique",
        prefix: "V",
        under: Under::Nothing,
        fields: HEADING,
    },
    Part {
        kind: Kind::Action,
        title: "Actions",
        one: "une action",
        name: "Action",
        prefix: "A",
        under: Under::Of(Kind::Heading, "heading"),
        fields: ACTION,
    },
    Part {
        kind: Kind::Request,
        title: "Demandes de moyens",
        one: "une demande",
        name: "Demande",
        prefix: "M",
        under: Under::Nothing,
        fields: REQUEST,
    },
    Part {
        kind: Kind::Envelope,
        title: "Enveloppes",
        one: "une enveloppe",
        name: "Enveloppe",
        prefix: "H",
        under: Under::Nothing,
        fields: ENVELOPE,
    },
    Part {
        kind: Kind::Commitment,
        title: "Engagements de l’établissement",
        one: "un engagement",
        name: "Engagement",
        prefix: "E",
        under: Under::Nothing,
        fields: COMMITMENT,
    },
    Part {
        kind: Kind::Condition,
        title: "Conditions",
        one: "une condition",
        name: "Condition",
        prefix: "C",
        under: Under::Nothing,
        fields: CONDITION,
    },
    Part {
        kind: Kind::BudgetLine,
        title: "Lignes budgétaires",
        one: "une ligne budgétaire",
        name: "Ligne budgétaire",
        prefix: "B",
        under: Under::Nothing,
        fields: BUDGET,
    },
    Part {
        kind: Kind::PostLine,
        title: "Postes",
        one: "un poste",
        name: "Poste",
        prefix: "P",
        under: Under::Nothing,
        fields: POST,
    },
    Part {
        kind: Kind::Potential,
        title: "Potentiel de recrutement",
        one: "un potentiel",
        name: "Potentiel",
        prefix: "R",
        under: Under::Nothing,
        fields: POTENTIAL,
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_part_has_a_code_first_and_no_field_twice() {
        for part in PARTS {
            assert_eq!(part.fields.first().map(|field| field.name), Some("code"), "{}", part.title);
            let mut names: Vec<&str> = part.fields.iter().map(|field| field.name).collect();
            names.sort_unstable();
            names.dedup();
            assert_eq!(names.len(), part.fields.len(), "{}", part.title);
            if let Some(under) = part.under.field() {
                assert!(part.fields.iter().any(|field| field.name == under), "{}", part.title);
            }
        }
    }
}
