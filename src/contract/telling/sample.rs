//! A journal entry as the tests write it.

use serde_json::Value;

use crate::journal::model::{Entry, Source};

pub fn entry(kind: &str, code: &str, before: Option<Value>, after: Option<Value>) -> Entry {
    Entry {
        id: 1,
        kind: kind.into(),
        code: code.into(),
        version: 2,
        before,
        after,
        at: chrono::DateTime::UNIX_EPOCH,
        actor: "SAPCG".into(),
        source: Source::Page,
        import_id: None,
        reason: None,
    }
}
