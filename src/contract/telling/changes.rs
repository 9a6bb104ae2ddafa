//! What is said of a new thing, and which fields of a known one changed.

use serde_json::Value;

use super::fields::label;
use super::words::{text, told};
use crate::journal::model::Entry;

/// What is said of a new thing.
pub fn created(word: &str, after: &Value) -> String {
    let said = |field: &str| after.get(field).and_then(Value::as_str).map(|it| text(field, it));
    let words = match word {
        "dialogue" => after
            .get("expected")
            .and_then(Value::as_u64)
            .map(|expected| format!("ouverture, {expected} situations attendues")),
        "arbitrage" => said("state").map(|state| match said("session_on") {
            Some(day) => format!("{state}, séance du {day}"),
            None => state,
        }),
        "amendement" => said("step"),
        "suite" => said("text").map(|text| match said("due_on") {
            Some(day) => format!("« {text} », pour le {day}"),
            None => format!("« {text} »"),
        }),
        "avenant" => said("reason").map(|reason| format!("préparé : {reason}")),
        "cible" => after.get("figure").map(|figure| {
            let since = after.get("since").and_then(Value::as_i64).map(|year| format!(", depuis la campagne {year}"));
            format!("cible {}{}", told("figure", figure), since.unwrap_or_default())
        }),
        "avis" => said("text").map(|text| format!("« {text} »")),
        _ => None,
    };
    words.unwrap_or_else(|| "création".into())
}

/// One field that changed; empty is `""`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldChange {
    /// Which.
    pub label: String,
    /// What it was.
    pub before: String,
    /// What it is.
    pub after: String,
}

/// One side of a change; the document leaves « non » out.
fn side(field: &str, value: Option<&Value>, other: Option<&Value>) -> String {
    match (value, other) {
        (Some(value), _) => told(field, value),
        (None, Some(Value::Bool(true))) => "non".into(),
        (None, _) => String::new(),
    }
}

/// A list of records told by those that only this side has: one amount more is one line, not two whole schedules. `None`
/// when it is something else, or when only its order changed.
fn records(value: Option<&Value>, other: Option<&Value>) -> Option<Vec<Value>> {
    let (Some(Value::Array(list)), Some(Value::Array(others))) = (value, other) else { return None };
    let own =
        |of: &[Value], than: &[Value]| -> Vec<Value> { of.iter().filter(|it| !than.contains(it)).cloned().collect() };
    let told = list.iter().chain(others).all(Value::is_object) && !list.is_empty() && !others.is_empty();
    let kept = own(list, others);
    (told && !(kept.is_empty() && own(others, list).is_empty())).then_some(kept)
}

/// A field that differs.
fn change(key: &str, before: Option<&Value>, after: Option<&Value>) -> FieldChange {
    if let (Some(was), Some(is)) = (records(before, after), records(after, before)) {
        let shown = |list: Vec<Value>| if list.is_empty() { "—".into() } else { told(key, &Value::Array(list)) };
        return FieldChange { label: format!("{}, ce qui change", label(key)), before: shown(was), after: shown(is) };
    }
    FieldChange { label: label(key), before: side(key, before, after), after: side(key, after, before) }
}

/// The fields that differ, in the document's order.
pub fn changes(entry: &Entry) -> Vec<FieldChange> {
    let empty = serde_json::Map::new();
    let fields = |state: Option<&'_ Value>| state.and_then(Value::as_object).cloned().unwrap_or_else(|| empty.clone());
    let (before, after) = (fields(entry.before.as_ref()), fields(entry.after.as_ref()));
    let gone = before.keys().filter(|key| !after.contains_key(*key));
    after
        .keys()
        .chain(gone)
        .filter(|key| before.get(*key) != after.get(*key))
        .map(|key| change(key, before.get(key), after.get(key)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::sample::entry;
    use super::*;
    use serde_json::json;

    fn change(label: &str, before: &str, after: &str) -> FieldChange {
        FieldChange { label: label.into(), before: before.into(), after: after.into() }
    }

    #[test]
    fn only_the_fields_that_differ_are_told_in_words() {
        let before = json!({"code": "13.b", "direction": "a_choisir", "scope": "BUT", "tolerance": "1.5"});
        let after = json!({"code": "13.b", "direction": "hausse", "direction_confirmed": true, "tolerance": "1.5"});
        assert_eq!(
            changes(&entry("mesure", "13.b", Some(before), Some(after))),
            [
                change("sens", "à choisir", "à la hausse"),
                change("sens confirmé", "non", "oui"),
                change("périmètre", "BUT", "")
            ]
        );
    }

    #[test]
    fn figures_dates_and_lists_are_read_as_on_paper() {
        let before = json!({"figure": {"status": "NR"}, "decided_on": "2024-04-15"});
        let after = json!({"figure": {"status": "valeur", "value": "1250.5"}, "vote": {"in_favour": 23, "against": 1}});
        assert_eq!(
            changes(&entry("cible", "13.b/1", Some(before), Some(after))),
            [
                change("chiffre", "NR", "1\u{202f}250,5"),
                change("vote", "", "pour : 23 ; contre : 1"),
                change("date de la décision", "15 avr. 2024", "")
            ]
        );
    }

    #[test]
    fn of_a_list_of_records_only_those_that_change_are_told() {
        let year = |year: u16, amount: &str| json!({ "year": year, "amount": amount });
        let schedule = |lines: &[Value]| Some(json!({ "schedule": lines }));
        let (first, second, third) = (year(2023, "100"), year(2024, "200"), year(2024, "250"));
        let said =
            |before: &[Value], after: &[Value]| changes(&entry("budget", "B1", schedule(before), schedule(after)));
        let told = |before, after| vec![change("échéancier et exécution, ce qui change", before, after)];
        let (old, new) = ("année : 2024 ; montant : 200\u{202f}€", "année : 2024 ; montant : 250\u{202f}€");
        assert_eq!(said(std::slice::from_ref(&first), &[first.clone(), second.clone()]), told("—", old));
        assert_eq!(said(&[first.clone(), second.clone()], &[first.clone(), third]), told(old, new));
        // The first of all, or only another order: the whole list.
        assert_eq!(said(&[], std::slice::from_ref(&second)), [change("échéancier et exécution", "", old)]);
        assert_eq!(said(&[first.clone(), second.clone()], &[second, first]).len(), 1);
    }

    #[test]
    fn an_avenant_is_told_by_its_accords_and_its_changes() {
        let before = json!({"code": "1", "reason": "x"});
        let after = json!({"code": "1", "reason": "x", "director": {"on": "2026-06-20", "by": "Direction de l’IUT"},
            "changes": [{"kind": "cible", "code": "4", "before": {"figure": {"status": "valeur", "value": "25"}},
                         "after": {"figure": {"status": "valeur", "value": "30"}}}], "since": 2027});
        assert_eq!(
            changes(&entry("avenant", "1", Some(before), Some(after))),
            [
                change("accord de la direction", "", "le 20 juin 2026, par Direction de l’IUT"),
                change("changements", "", "Cible de la mesure 4 : cible 25 → 30"),
                change("en vigueur depuis la campagne", "", "2027")
            ]
        );
        assert_eq!(created("avenant", &json!({"reason": "Nouveau parcours"})), "préparé : Nouveau parcours");
        let target = json!({"figure": {"status": "valeur", "value": "30"}, "since": 2027});
        assert_eq!(created("cible", &target), "cible 30, depuis la campagne 2027");
    }

    #[test]
    fn a_new_thing_is_told_by_what_matters_in_it() {
        assert_eq!(created("dialogue", &json!({"expected": 67})), "ouverture, 67 situations attendues");
        assert_eq!(created("mesure", &json!({})), "création");
    }
}
