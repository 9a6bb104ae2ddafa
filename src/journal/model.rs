//! Who changed what, when, from where and why.

use chrono::{DateTime, Utc};

use crate::words;

words! {
    /// Where a change comes from.
    pub enum Source {
        /// A page of the application.
        Page = "page",
        /// An import, with its number.
        Import = "import",
        /// A command of the terminal.
        Command = "commande",
    }
}

/// Who makes a change, as the journal keeps it: a function, never a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    /// The account; `None` for a command.
    pub account_id: Option<i64>,
    /// Its function at this time.
    pub function: String,
}

/// The circumstances shared by every entry of one act.
#[derive(Debug, Clone)]
pub struct Act {
    /// Who.
    pub actor: Actor,
    /// When.
    pub at: DateTime<Utc>,
    /// From where.
    pub source: Source,
    /// The import's number, for [`Source::Import`].
    pub import_id: Option<i64>,
    /// Why, when it was said.
    pub reason: Option<String>,
}

impl Act {
    /// An act of a person on a page.
    pub const fn page(actor: Actor, at: DateTime<Utc>) -> Self {
        Self { actor, at, source: Source::Page, import_id: None, reason: None }
    }

    /// An act of a command.
    pub fn command(name: &str, at: DateTime<Utc>) -> Self {
        let actor = Actor { account_id: None, function: format!("commande {name}") };
        Self { actor, at, source: Source::Command, import_id: None, reason: None }
    }
}

/// A change of one thing.
#[derive(Debug, Clone)]
pub struct Change<'a> {
    /// The plan; `None` for what belongs to the establishment.
    pub plan_id: Option<i64>,
    /// What kind of thing.
    pub kind: &'a str,
    /// Its code among its kind.
    pub code: &'a str,
    /// Its version after the change.
    pub version: i32,
    /// Whole state before; `None` when it was not there.
    pub before: Option<serde_json::Value>,
    /// Whole state after; `None` when it is gone.
    pub after: Option<serde_json::Value>,
    /// Place among its kind after the change, for kinds that have one.
    pub position: Option<i32>,
}

/// An entry, as read back.
#[derive(Debug, Clone)]
pub struct Entry {
    /// Its number.
    pub id: i64,
    /// What kind of thing.
    pub kind: String,
    /// Its code.
    pub code: String,
    /// Its version after the change.
    pub version: i32,
    /// Whole state before.
    pub before: Option<serde_json::Value>,
    /// Whole state after.
    pub after: Option<serde_json::Value>,
    /// When.
    pub at: DateTime<Utc>,
    /// Who, by function.
    pub actor: String,
    /// From where.
    pub source: Source,
    /// The import's number.
    pub import_id: Option<i64>,
    /// Why.
    pub reason: Option<String>,
}

/// A thing as it stood at an instant, out of the journal alone.
#[derive(Debug, Clone)]
pub struct Standing {
    /// What kind of thing.
    pub kind: String,
    /// Its code.
    pub code: String,
    /// Its whole state.
    pub state: serde_json::Value,
    /// Place among its kind, for kinds that have one.
    pub position: i32,
}

/// Entries that a page tells together: those of one import, or a single one.
#[derive(Debug, Clone)]
pub struct Batch {
    /// Number of its newest entry: where the next page begins.
    pub head: i64,
    /// How many entries it has.
    pub size: usize,
    /// How many of each kind in an import, the most numerous first; empty for a single entry.
    pub kinds: Vec<(String, usize)>,
    /// Its first entries, in the order they were written; never empty.
    pub entries: Vec<Entry>,
}

impl Entry {
    /// « page », « import n° 2 », « commande ».
    pub fn source_label(&self) -> String {
        match (self.source, self.import_id) {
            (Source::Import, Some(number)) => format!("import n° {number}"),
            (source, _) => source.word().to_owned(),
        }
    }
}
