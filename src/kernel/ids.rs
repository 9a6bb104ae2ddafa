//! Codes: the names by which elements are matched, linked and put in URLs.

use std::fmt;
use std::sync::Arc;

use serde_json::Value;

use super::canonical::{Canonical, Reader};

/// Longest code, in characters.
pub const CODE_MAX: usize = 80;

/// A code: letters, digits, `.`, `-`, `_`; starts with a letter or a digit. Safe in a URL as it stands. Shared, since sums
/// name each of their terms.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Code(Arc<str>);

impl Code {
    /// `None` when the text is no code.
    pub fn new(text: &str) -> Option<Self> {
        let ok = text.len() <= CODE_MAX
            && text.starts_with(|c: char| c.is_ascii_alphanumeric())
            && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_'));
        ok.then(|| Self(text.into()))
    }

    /// The first free code from a number on, where at most `count` codes are taken; `None` when what is named is no code.
    pub fn free(
        from: usize,
        count: usize,
        named: impl Fn(usize) -> String,
        taken: impl Fn(&str) -> bool,
    ) -> Option<Self> {
        // Of one number more than there are codes, one at least is free.
        (from..=from + count).map(named).find(|code| !taken(code)).and_then(|code| Self::new(&code))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl AsRef<str> for Code {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl Canonical for Code {
    fn read(value: &Value, reader: &mut Reader) -> Option<Self> {
        let code = value.as_str().and_then(Self::new);
        if code.is_none() {
            reader.problem(
                "un code est attendu ici : lettres sans accent, chiffres, point, tiret, 80 caractères au plus.",
            );
        }
        code
    }
    fn write(&self) -> Value {
        Value::String(self.0.to_string())
    }
}
