//! What a thing is called: « Mesure 13.a », « Thématique T1.2 », « Avis n° 1, demande M5.2 ».

use super::words::text;
use crate::arbitrages::model as arbitrages;
use crate::journal::model::Entry;
use crate::plans::model::Plan;

/// What a thing calls itself: its label, its title, or nothing.
pub fn name(entry: &Entry) -> String {
    let state = entry.after.as_ref().or(entry.before.as_ref());
    ["label", "title"]
        .iter()
        .find_map(|key| state?.get(key)?.as_str())
        .map(|name| text("label", name))
        .unwrap_or_default()
}

/// Which thing: « Mesure 13.a », « Thématique T1.2 », « Dialogue 2025 ».
pub fn thing(entry: &Entry, plan: &Plan) -> String {
    let code = &entry.code;
    match entry.kind.as_str() {
        "contrat" => plan.kind.short().into(),
        "section" => "Texte".into(),
        "adoption" => "Étape d’adoption".into(),
        "indicateur" => format!("Indicateur {code}"),
        "mesure" => format!("Mesure {code}"),
        "dialogue" => format!("Dialogue {code}"),
        "poste" => format!("Poste {code}"),
        "tableau_postes" => "Tableau de postes".into(),
        "potentiel" => format!("Potentiel de recrutement, {code}"),
        "jalon" => format!("Jalon {code}"),
        "reserve" => format!("Réserve {code}"),
        "avenant" => format!("Avenant {code}"),
        "mention" => format!("Mention {code}"),
        "situation" => match code.split_once('/') {
            Some((measure, period)) => format!("{}, {period}", measured(measure)),
            None => format!("Situation {code}"),
        },
        "cible" => match code.split_once('/') {
            Some((measure, "0")) => format!("Cible, {}", measured(measure).to_lowercase()),
            Some((measure, rank)) => {
                let state = entry.after.as_ref().or(entry.before.as_ref());
                let avenant = state.and_then(|state| state.get("avenant")?.as_str()).unwrap_or(rank);
                format!("Cible, {}, avenant {avenant}", measured(measure).to_lowercase())
            }
            None => format!("Cible {code}"),
        },
        "budget" => format!("Ligne budgétaire {code}"),
        "totaux_budget" => "Totaux imprimés du budget".into(),
        "arbitrage" => decided(code),
        "amendement" => about("Suite de la demande", code),
        "avis" => about("Avis", code),
        "suite" => format!("Suite {code}"),
        "demande" => format!("Demande {code}"),
        "volet" => format!("Volet {code}"),
        "condition" => format!("Condition {code}"),
        "engagement" => format!("Engagement {code}"),
        "objectif" => {
            let level = entry.after.as_ref().or(entry.before.as_ref()).and_then(|state| state.get("level")?.as_u64());
            let level = level
                .and_then(|level| usize::try_from(level).ok()?.checked_sub(1))
                .and_then(|level| plan.levels.get(level))
                .map_or("Objectif", String::as_str);
            format!("{level} {code}")
        }
        kind => format!("{kind} {code}"),
    }
}

/// « Avis n° 1, demande M5.2 ».
fn about(what: &str, key: &str) -> String {
    let mut parts = key.split('/');
    match (parts.next().and_then(arbitrages::Subject::from_word), parts.next(), parts.next()) {
        (Some(subject), Some(code), Some(rank)) => {
            format!("{what} n°\u{a0}{rank}, {} {code}", subject.label().to_lowercase())
        }
        _ => format!("{what} {key}"),
    }
}

/// « Arbitrage, ligne budgétaire B1 », « Arbitrage, poste P3, révision 2 ».
fn decided(key: &str) -> String {
    let mut parts = key.split('/');
    let (Some(subject), Some(code), Some(rank)) = (parts.next(), parts.next(), parts.next()) else {
        return format!("Arbitrage {key}");
    };
    let subject = match arbitrages::Subject::from_word(subject) {
        Some(arbitrages::Subject::BudgetLine) => "ligne budgétaire",
        _ => subject,
    };
    if rank == "0" {
        format!("Arbitrage, {subject} {code}")
    } else {
        format!("Arbitrage, {subject} {code}, révision {rank}")
    }
}

/// « Mesure 17.b », « Indicateur 4 »: a measure with a letter is one of several of its indicator.
pub fn measured(code: &str) -> String {
    if code.contains('.') { format!("Mesure {code}") } else { format!("Indicateur {code}") }
}

#[cfg(test)]
mod tests {
    use super::super::sample::entry;
    use super::*;
    use serde_json::json;

    #[test]
    fn what_becomes_of_a_demand_is_named_by_its_thing() {
        assert_eq!(about("Avis", "demande/M5.2/1"), "Avis n°\u{a0}1, demande M5.2");
        assert_eq!(
            about("Suite de la demande", "ligne_budgetaire/B1/2"),
            "Suite de la demande n°\u{a0}2, ligne budgétaire B1"
        );
    }

    #[test]
    fn things_have_a_french_name() {
        let plan: Plan = crate::kernel::canonical::from_text(
            r#"{"code": "p", "kind": "cpom", "title": "Contrat", "first_year": 2021, "last_year": 2026,
                "levels": ["Domaine", "Thématique", "Objectif"], "parties": [], "annexes": [],
                "deviation_threshold": "10"}"#,
        )
        .unwrap();
        let named = |kind, code| thing(&entry(kind, code, None, Some(json!({"level": 2}))), &plan);
        assert_eq!(named("situation", "4/2022-2023"), "Indicateur 4, 2022-2023");
        assert_eq!(named("situation", "17.b/2022-2023"), "Mesure 17.b, 2022-2023");
        assert_eq!(named("cible", "4/0"), "Cible, indicateur 4");
        assert_eq!(named("cible", "17.b/1"), "Cible, mesure 17.b, avenant 1");
        assert_eq!(named("objectif", "T1.2"), "Thématique T1.2");
        assert_eq!(named("dialogue", "2025"), "Dialogue 2025");
        assert_eq!(named("budget", "B1"), "Ligne budgétaire B1");
        assert_eq!(named("reserve", "R02"), "Réserve R02");
        assert_eq!(named("avenant", "2"), "Avenant 2");
        assert_eq!(named("arbitrage", "ligne_budgetaire/B1/0"), "Arbitrage, ligne budgétaire B1");
        assert_eq!(named("arbitrage", "poste/P3/2"), "Arbitrage, poste P3, révision 2");
    }
}
