//! What an entry of the journal, or a difference, says: the words that the journal and the comparison share.

use crate::contract::telling::{FieldChange, changes, created};
use crate::indicators::model::{Measure, UnitKind};
use crate::indicators::telling::{self, Told};
use crate::journal::model::Entry;

/// What an entry says.
pub enum Said {
    /// A cell's answer or comment.
    Answer(Told),
    /// Something is there that was not, or is gone.
    Made(String),
    /// Fields of something that stays.
    Fields(Vec<FieldChange>),
}

impl Said {
    /// Of an entry, with the measure when it is about a cell.
    pub fn of(entry: &Entry, measure: Option<&Measure>) -> Self {
        if entry.kind == "situation" {
            let unit = measure.map_or(UnitKind::Count, |measure| measure.unit_kind);
            let told = telling::told(entry, unit);
            // What remains is what surrounds an answer: its provenance, what was printed.
            if told.same_answer() && told.comment.is_none() {
                return Self::Fields(changes(entry));
            }
            return Self::Answer(told);
        }
        match (&entry.before, &entry.after) {
            (None, Some(after)) => Self::Made(created(&entry.kind, after)),
            (_, None) => Self::Made("suppression".into()),
            _ => Self::Fields(changes(entry)),
        }
    }
}

/// The measure an entry about a cell speaks of.
pub fn measure_of<'a>(entry: &Entry, measures: &'a [Measure]) -> Option<&'a Measure> {
    let (code, _) = telling::place(entry).filter(|_| entry.kind == "situation")?;
    measures.iter().find(|measure| measure.code.as_str() == code)
}
