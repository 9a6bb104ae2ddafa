//! The kinds of things that a plan's journal speaks of: what its filter calls them, and how they are counted.

/// A kind of thing that a plan's journal speaks of.
pub struct Kind {
    /// As the journal writes it.
    pub word: &'static str,
    /// As the filter calls it.
    pub label: &'static str,
    one: &'static str,
    many: &'static str,
}

const fn kind(word: &'static str, label: &'static str, one: &'static str, many: &'static str) -> Kind {
    Kind { word, label, one, many }
}

/// All of them, what is looked for most first.
pub const KINDS: &[Kind] = &[
    kind("situation", "Situations", "situation", "situations"),
    kind("jalon", "Jalons", "jalon", "jalons"),
    kind("reserve", "Réserves de lecture", "réserve de lecture", "réserves de lecture"),
    kind("avenant", "Avenants", "avenant", "avenants"),
    kind("mention", "Mentions du document", "mention du document", "mentions du document"),
    kind("cible", "Cibles", "cible", "cibles"),
    kind("mesure", "Mesures", "mesure", "mesures"),
    kind("indicateur", "Indicateurs", "indicateur", "indicateurs"),
    kind("objectif", "Objectifs et niveaux de l’arbre", "niveau de l’arbre", "niveaux de l’arbre"),
    kind("budget", "Lignes budgétaires", "ligne budgétaire", "lignes budgétaires"),
    kind("totaux_budget", "Totaux imprimés du budget", "jeu de totaux imprimés", "jeux de totaux imprimés"),
    kind("arbitrage", "Arbitrages", "arbitrage", "arbitrages"),
    kind("condition", "Conditions", "condition", "conditions"),
    kind("volet", "Volets des engagements", "volet", "volets"),
    kind("action", "Actions de la structure", "action", "actions"),
    kind("demande", "Demandes", "demande", "demandes"),
    kind("enveloppe", "Enveloppes", "enveloppe", "enveloppes"),
    kind("engagement", "Engagements de l’établissement", "engagement", "engagements"),
    kind("amendement", "Suites de demandes", "étape de demande", "étapes de demandes"),
    kind("avis", "Avis", "avis", "avis"),
    kind("suite", "Suites des dialogues", "suite de dialogue", "suites de dialogues"),
    kind("section", "Textes", "texte", "textes"),
    kind("adoption", "Étapes d’adoption", "étape d’adoption", "étapes d’adoption"),
    kind("contrat", "Contrat", "contrat", "contrats"),
    kind("dialogue", "Dialogues", "dialogue", "dialogues"),
    kind("poste", "Postes", "poste", "postes"),
    kind("tableau_postes", "Tableaux de postes", "tableau de postes", "tableaux de postes"),
    kind("potentiel", "Potentiel de recrutement", "potentiel de recrutement", "potentiels de recrutement"),
];

/// « 78 situations ».
pub fn counted(word: &str, count: usize) -> String {
    let known = KINDS.iter().find(|kind| kind.word == word);
    let name = known.map_or(word, |kind| if count > 1 { kind.many } else { kind.one });
    format!("{count} {name}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::model::Kind as Element;

    #[test]
    fn everything_that_a_plan_is_made_of_has_its_words() {
        for kind in Element::ALL.iter().filter(|kind| !kind.is_shared()) {
            assert!(KINDS.iter().any(|it| it.word == kind.word()), "{}", kind.word());
        }
    }

    #[test]
    fn kinds_are_counted_in_french() {
        assert_eq!(
            [counted("situation", 78), counted("adoption", 1), counted("jalon", 2), counted("poste", 2)],
            ["78 situations", "1 étape d’adoption", "2 jalons", "2 postes"]
        );
    }
}
