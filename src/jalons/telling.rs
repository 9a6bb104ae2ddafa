//! A journal entry about a jalon, told in a reader's terms: where it stood, where it stands, and what was said with it.

use super::model::{Jalon, State};
use crate::journal::model::Entry;
use crate::kernel::canonical::{Canonical, Reader};
use crate::kernel::date;

/// Shown where a state of the journal no longer reads as a jalon; never silently as empty.
const UNREADABLE: &str = "illisible";

/// One change of a jalon, ready to show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// Where it stood; empty when it was not there.
    pub before: String,
    /// Where it stands; empty when it is gone.
    pub after: String,
    /// The evidence, the reason, the comment: what is new among them.
    pub note: String,
    /// When, for machines.
    pub iso: String,
    /// When, as shown.
    pub when: String,
    /// Who, by function.
    pub who: String,
    /// « page », « import n° 2 », « commande ».
    pub origin: String,
}

/// « Atteint le 2 mai 2023 », « Reporté au 31 déc. 2025 », « En cours ».
pub fn stands(jalon: &Jalon) -> String {
    match (jalon.state, jalon.reached_on, jalon.postponed_to) {
        (None, ..) => "Groupe".into(),
        (Some(State::Reached), Some(day), _) => format!("Atteint le {}", date::short(day)),
        (Some(State::Postponed), _, Some(day)) => format!("Reporté au {}", date::short(day)),
        (Some(state), ..) => state.label().into(),
    }
}

/// A state of the journal.
enum Held {
    /// Not there, or gone.
    Nothing,
    /// Not a jalon any more.
    Unreadable,
    /// A jalon.
    It(Box<Jalon>),
}

impl Held {
    fn of(state: Option<&serde_json::Value>) -> Self {
        match state.map(|state| Jalon::read(state, &mut Reader::default())) {
            None => Self::Nothing,
            Some(None) => Self::Unreadable,
            Some(Some(jalon)) => Self::It(Box::new(jalon)),
        }
    }

    fn stands(&self) -> String {
        match self {
            Self::Nothing => String::new(),
            Self::Unreadable => UNREADABLE.into(),
            Self::It(jalon) => stands(jalon),
        }
    }

    /// The texts that go with a state, each with its name.
    fn texts(&self) -> [(&'static str, Option<&str>); 3] {
        let of = |text: fn(&Jalon) -> Option<&str>| match self {
            Self::It(jalon) => text(jalon),
            _ => None,
        };
        [
            ("Preuve", of(|it| it.evidence.as_deref())),
            ("Raison", of(|it| it.reason.as_deref())),
            ("Commentaire", of(|it| it.comment.as_deref())),
        ]
    }
}

/// Tells an entry about a jalon.
pub fn told(entry: &Entry) -> Told {
    let (before, after) = (Held::of(entry.before.as_ref()), Held::of(entry.after.as_ref()));
    let note: Vec<String> = before
        .texts()
        .into_iter()
        .zip(after.texts())
        .filter_map(|((label, was), (_, is))| match (was, is) {
            (was, is) if was == is => None,
            (_, Some(text)) => Some(format!("{label} : {text}")),
            (Some(_), None) if label == "Commentaire" => Some("Commentaire retiré.".into()),
            _ => None,
        })
        .collect();
    Told {
        before: before.stands(),
        after: after.stands(),
        note: note.join(" · "),
        iso: date::machine(entry.at),
        when: date::time(entry.at),
        who: entry.actor.clone(),
        origin: entry.source_label(),
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
            kind: "jalon".into(),
            code: "J3".into(),
            version: 2,
            before,
            after,
            at: "2025-09-12T08:42:00Z".parse().unwrap(),
            actor: "Direction de l’IUT".into(),
            source: Source::Page,
            import_id: None,
            reason: None,
        }
    }

    #[test]
    fn a_change_says_where_it_stood_and_what_was_said() {
        let before = json!({"code": "J3", "node": "O1", "label": "Foraine", "precision": "mois",
                            "due_on": "2022-12-31", "state": "a_venir", "comment": "en route"});
        let mut after = before.clone();
        after["state"] = "atteint".into();
        after["reached_on"] = "2023-05-02".into();
        after["evidence"] = "Bilan".into();
        let told = told(&entry(Some(before), Some(after)));
        assert_eq!((told.before.as_str(), told.after.as_str()), ("À venir", "Atteint le 2 mai 2023"));
        assert_eq!(told.note, "Preuve : Bilan");
    }

    #[test]
    fn what_does_not_read_is_said() {
        assert_eq!(told(&entry(None, Some(json!({"code": 3})))).after, "illisible");
    }
}
