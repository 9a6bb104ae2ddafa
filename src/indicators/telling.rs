//! A journal entry about a cell, told in a reader's terms: what it was, what it became, who, when, from where, why.
//!
//! The journal, the history of a figure and the fiche tell the same change with the same words.

use crate::indicators::model::{Cell, UnitKind};
use crate::journal::model::Entry;
use crate::kernel::canonical::{Canonical, Reader};
use crate::kernel::date;
use crate::kernel::figure::{self, Answer};
use crate::kernel::period::Period;

/// Shown where a state of the journal no longer reads as a cell; never silently as empty.
const UNREADABLE: &str = "illisible";

/// One change of a cell, ready to show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// The answer before, with its unit; empty when there was none.
    pub before: String,
    /// The answer after, with its unit; empty when there is none any more.
    pub after: String,
    /// What happened to the comment, as a sentence; `None` when it stayed the same.
    pub comment: Option<String>,
    /// When, for machines.
    pub iso: String,
    /// When, as shown.
    pub when: String,
    /// Who, by function.
    pub who: String,
    /// « page », « import n° 2 », « commande ».
    pub origin: String,
    /// Why, when it was said; empty otherwise.
    pub reason: String,
}

impl Told {
    /// What accompanies the change: the comment's own change, then why.
    pub fn note(&self) -> String {
        let reason = (!self.reason.is_empty()).then(|| format!("« {} »", self.reason));
        self.comment.iter().cloned().chain(reason).collect::<Vec<_>>().join(" ")
    }

    /// The answer stayed the same: only what accompanies it changed.
    pub fn same_answer(&self) -> bool {
        self.before == self.after
    }
}

/// An answer with its unit: « 571 », « 29,4 % », « 1 250 € », « NR », « NA ».
pub fn shown(answer: Answer, unit: UnitKind) -> String {
    match (answer, unit) {
        (Answer::NotProvided, _) => "NR".into(),
        (Answer::NotApplicable, _) => "NA".into(),
        (Answer::Value(value), UnitKind::Count) => figure::show(value),
        (Answer::Value(value), UnitKind::Rate) => figure::show_percent(value, figure::DECIMALS_MAX),
        (Answer::Value(value), UnitKind::Euros) => format!("{}\u{202f}€", figure::show(value)),
    }
}

/// What a cell holds; a quotient says its two numbers, since two of them may give the same rate.
fn held(cell: &Cell, unit: UnitKind) -> String {
    let Some(answer) = cell.answer() else { return String::new() };
    match (answer, cell.numerator, cell.denominator) {
        (Answer::Value(value), Some(numerator), Some(denominator)) => format!(
            "{} ({} sur {})",
            figure::show_percent(value, 2),
            figure::show(numerator),
            figure::show(denominator)
        ),
        _ => shown(answer, unit),
    }
}

/// A state that no longer reads as a cell.
struct Unreadable;

fn cell(state: Option<&serde_json::Value>) -> Result<Option<Cell>, Unreadable> {
    state.map(|state| Cell::read(state, &mut Reader::default()).ok_or(Unreadable)).transpose()
}

/// The measure's code and the period that an entry about a cell speaks of.
pub fn place(entry: &Entry) -> Option<(&str, Period)> {
    let (measure, period) = entry.code.rsplit_once('/')?;
    Some((measure, period.parse().ok()?))
}

/// Tells an entry about a cell.
pub fn told(entry: &Entry, unit: UnitKind) -> Told {
    let (before, after) = (cell(entry.before.as_ref()), cell(entry.after.as_ref()));
    let answer = |state: &Result<Option<Cell>, Unreadable>| match state {
        Err(Unreadable) => UNREADABLE.to_owned(),
        Ok(None) => String::new(),
        Ok(Some(cell)) => held(cell, unit),
    };
    let comment = |state: &Result<Option<Cell>, Unreadable>| state.as_ref().ok()?.as_ref()?.comment.clone();
    let comment = match (comment(&before), comment(&after)) {
        (before, after) if before == after => None,
        (_, None) => Some("Commentaire retiré.".to_owned()),
        (_, Some(text)) => Some(format!("Commentaire : {text}")),
    };
    Told {
        before: answer(&before),
        after: answer(&after),
        comment,
        iso: date::machine(entry.at),
        when: date::time(entry.at),
        who: entry.actor.clone(),
        origin: entry.source_label(),
        reason: entry.reason.clone().unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::journal::model::Source;
    use serde_json::{Value, json};

    fn entry(before: Option<Value>, after: Option<Value>) -> Entry {
        Entry {
            id: 1,
            kind: "situation".into(),
            code: "17.b/2023-2024".into(),
            version: 2,
            before,
            after,
            at: "2025-09-12T08:42:00Z".parse().unwrap(),
            actor: "Direction de l’IUT".into(),
            source: Source::Import,
            import_id: Some(2),
            reason: None,
        }
    }

    fn value(value: &str) -> Value {
        json!({"measure": "17.b", "period": "2023-2024", "status": "valeur", "value": value})
    }

    fn status(status: &str, comment: Option<&str>) -> Value {
        let mut state = json!({"measure": "17.b", "period": "2023-2024", "status": status});
        if let Some(comment) = comment {
            state["comment"] = comment.into();
        }
        state
    }

    #[test]
    fn a_change_says_both_answers_and_where_it_comes_from() {
        let told = told(&entry(Some(value("568")), Some(value("1571"))), UnitKind::Count);
        assert_eq!((told.before.as_str(), told.after.as_str()), ("568", "1\u{202f}571"));
        assert_eq!((told.when.as_str(), told.origin.as_str()), ("12 sept. 2025, 10:42", "import n° 2"));
        assert_eq!(told.comment, None);
    }

    #[test]
    fn empty_nr_na_and_zero_are_told_apart() {
        let after = |state| told(&entry(None, state), UnitKind::Rate).after;
        assert_eq!(after(None), "");
        assert_eq!(after(Some(status("NR", None))), "NR");
        assert_eq!(after(Some(status("NA", None))), "NA");
        assert_eq!(after(Some(value("0"))), "0\u{202f}%");
        assert_eq!(after(Some(json!({"measure": 3}))), "illisible");
    }

    #[test]
    fn a_comment_is_told_when_it_changes() {
        let change = |before, after| told(&entry(Some(before), Some(after)), UnitKind::Count);
        let added = change(status("NR", None), status("NR", Some("demandée")));
        assert!(added.same_answer());
        assert_eq!(added.comment.as_deref(), Some("Commentaire : demandée"));
        let removed = change(status("NR", Some("demandée")), value("3"));
        assert_eq!(removed.comment.as_deref(), Some("Commentaire retiré."));
    }

    #[test]
    fn a_quotient_says_its_two_numbers() {
        let mut state = value("29.411764705882352941176470588");
        state["numerator"] = "5".into();
        state["denominator"] = "17".into();
        assert_eq!(told(&entry(None, Some(state)), UnitKind::Rate).after, "29,41\u{202f}% (5 sur 17)");
    }

    #[test]
    fn an_entry_says_which_cell_it_is_about() {
        assert_eq!(place(&entry(None, None)), Some(("17.b", Period::academic(2023))));
    }
}
