//! A change of an avenant in a reader's terms: field by field, what it was and what it becomes.

use serde_json::Value;

use super::fields;
use super::model::Change;
use crate::kernel::canonical::{Canonical, Reader};
use crate::web::fields::{Options, Typed, said, typed};

/// Shown where a change of the journal no longer reads as one; never silently as nothing.
const UNREADABLE: &str = "changement illisible";

/// One field of a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Which.
    pub label: &'static str,
    /// What it was; empty when it was not there.
    pub before: String,
    /// What it becomes; empty when it goes.
    pub after: String,
}

fn shown(kind: super::model::Subject, state: &crate::kernel::canonical::Fields) -> Typed {
    typed(fields::of(kind), &Value::Object(state.0.clone()))
}

/// The fields of a change, in the order of their form.
pub fn rows(change: &Change) -> Vec<Row> {
    let (before, after) = (shown(change.kind, &change.before), shown(change.kind, &change.after));
    let keys = change.keys();
    fields::of(change.kind)
        .iter()
        .filter(|field| keys.contains(&field.name))
        .map(|field| Row {
            label: field.label,
            before: said(field, &before, &Options::new()),
            after: said(field, &after, &Options::new()),
        })
        .collect()
}

/// What a thing says now of what an avenant may change, field by field, what it does not say left out.
pub fn present(kind: super::model::Subject, state: &crate::kernel::canonical::Fields) -> Vec<(&'static str, String)> {
    let typed = shown(kind, state);
    let said = fields::of(kind).iter().map(|field| (field.label, said(field, &typed, &Options::new())));
    said.filter(|(_, text)| !text.is_empty()).collect()
}

/// « Cible de la mesure 4 : cible 25 → 30 ».
pub fn line(change: &Change) -> String {
    let or_empty = |text: String| if text.is_empty() { "vide".to_owned() } else { text };
    let told: Vec<String> = rows(change)
        .into_iter()
        .map(|row| format!("{} {} → {}", row.label.to_lowercase(), or_empty(row.before), or_empty(row.after)))
        .collect();
    format!("{} : {}", change.kind.name(change.code.as_str()), told.join(", "))
}

/// The same, of a change as the journal keeps it.
pub fn line_of(state: &Value) -> String {
    Change::read(state, &mut Reader::default()).map_or_else(|| UNREADABLE.into(), |change| line(&change))
}

#[cfg(test)]
mod tests {
    use super::super::model::Subject;
    use super::super::model::tests::change;
    use super::*;
    use serde_json::json;

    #[test]
    fn a_change_is_told_field_by_field() {
        let target = change(
            Subject::Target,
            "4",
            &json!({"figure": {"status": "valeur", "value": "25"}}),
            &json!({"figure": {"status": "valeur", "value": "30.5"}, "yearly": [{"period": "2023", "value": "26"}]}),
        );
        assert_eq!(line(&target), "Cible de la mesure 4 : cible 25 → 30,5, cibles annuelles vide → 2023 ; 26");
        assert_eq!(line_of(&target.write()), line(&target));
        let jalon = change(
            Subject::Jalon,
            "J3",
            &json!({"precision": "mois", "due_on": "2022-12-31"}),
            &json!({"precision": "annee", "due_on": "2025-12-31"}),
        );
        assert_eq!(
            line(&jalon),
            "Échéance du jalon J3 : échéance connue au mois → à l’année, échéance 31 déc. 2022 → 31 déc. 2025"
        );
        assert_eq!(line_of(&json!({"kind": "x"})), "changement illisible");
    }
}
