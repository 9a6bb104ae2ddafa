//! A change of a post line, told in a reader's terms.

use super::model::PostLine;
use crate::journal::model::Entry;
use crate::kernel::canonical::{Canonical, Reader};
use crate::kernel::date;
use crate::kernel::ids::Code;

/// A field that changed; empty is `""`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldChange {
    /// Which.
    pub label: &'static str,
    /// What it was.
    pub before: String,
    /// What it is.
    pub after: String,
}

/// One change, ready to show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// The fields that changed; empty when the line came into being.
    pub fields: Vec<FieldChange>,
    /// When, for machines.
    pub iso: String,
    /// When.
    pub when: String,
    /// Who, by function.
    pub who: String,
    /// From where; empty when that goes without saying.
    pub origin: String,
    /// Why, when it was said.
    pub reason: String,
}

/// The fields of a line, named and in words.
fn named(line: &PostLine) -> Vec<(&'static str, String)> {
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    vec![
        ("origine", line.origin.label().into()),
        ("année", line.year.map_or_else(|| "non connue".into(), |year| year.to_string())),
        ("part", line.part.label().into()),
        ("corps", line.corps.label().into()),
        ("nombre", line.count.to_string()),
        ("précision", text(&line.qualifier)),
        ("financement", text(&line.funding)),
        ("objectifs servis", line.objectives.iter().map(Code::to_string).collect::<Vec<_>>().join(", ")),
        ("poste structurant", if line.structuring { "oui".into() } else { String::new() }),
        ("imprimé aussi", text(&line.also_printed_in)),
        ("réalisation", line.realisation.label().into()),
        ("provenance", text(&line.provenance)),
    ]
}

/// The fields that differ.
pub fn changes(before: &PostLine, after: &PostLine) -> Vec<FieldChange> {
    named(before)
        .into_iter()
        .zip(named(after))
        .filter(|((_, before), (_, after))| before != after)
        .map(|((label, before), (_, after))| FieldChange { label, before, after })
        .collect()
}

/// The line of a journal state; `None` when there is none or it no longer reads.
pub fn line(state: Option<&serde_json::Value>) -> Option<PostLine> {
    PostLine::read(state?, &mut Reader::default())
}

/// Tells an entry about a line.
pub fn told(entry: &Entry) -> Told {
    let fields = match (line(entry.before.as_ref()), line(entry.after.as_ref())) {
        (Some(before), Some(after)) => changes(&before, &after),
        _ => Vec::new(),
    };
    Told {
        fields,
        iso: date::machine(entry.at),
        when: date::time(entry.at),
        who: entry.actor.clone(),
        origin: entry.source_label(),
        reason: entry.reason.clone().unwrap_or_default(),
    }
}
