//! The fields of a cell as a form shows them and posts them back.

use std::collections::BTreeMap;
use std::fmt;

use rust_decimal::Decimal;

use crate::indicators::model::{Cell, Status};
use crate::kernel::figure;
use crate::kernel::ids::Code;
use crate::kernel::period::Period;
use crate::kernel::typed::plain;

/// A cell, as fields and addresses name it: `13.a/2023-2024`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    /// The measure.
    pub measure: Code,
    /// The period.
    pub period: Period,
}

impl Key {
    /// `None` when the text names no cell.
    pub fn parse(text: &str) -> Option<Self> {
        let (measure, period) = text.split_once('/')?;
        Some(Self { measure: Code::new(measure)?, period: period.parse().ok()? })
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.measure, self.period)
    }
}

/// The fields of a cell as a form shows them, or as it posts them back.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Fields {
    /// `value`, `NR` or `NA`.
    pub status: String,
    /// The figure, for a measure that is no quotient.
    pub value: String,
    /// For a quotient.
    pub numerator: String,
    /// For a quotient.
    pub denominator: String,
    /// The explanation.
    pub comment: String,
}

impl Fields {
    /// What a form shows of a cell.
    pub fn of(cell: &Cell, is_quotient: bool) -> Self {
        let shown = |value: Option<Decimal>| value.map(figure::for_input).unwrap_or_default();
        Self {
            status: match cell.status {
                Some(Status::NotProvided) => "NR".into(),
                Some(Status::NotApplicable) => "NA".into(),
                Some(Status::Value) | None => "value".into(),
            },
            value: if is_quotient { String::new() } else { shown(cell.value) },
            numerator: shown(cell.numerator),
            denominator: shown(cell.denominator),
            comment: cell.comment.clone().unwrap_or_default(),
        }
    }

    /// The answer in one text, to tell whether it changed and to show it beside another.
    pub fn answer(&self) -> String {
        match self.status.as_str() {
            "value" if self.numerator.is_empty() && self.denominator.is_empty() => self.value.clone(),
            "value" => format!("{}/{}", self.numerator, self.denominator),
            status if self.value.is_empty() && self.numerator.is_empty() => status.to_owned(),
            // NR chosen with a figure left in its field: both are part of what was typed.
            status => format!("{status} {}{}", self.value, self.numerator),
        }
    }
}

/// Which side of a conflict is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Choice {
    /// What this person typed.
    Mine,
    /// What is there.
    Theirs,
}

/// A cell as a form posts it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Posted {
    /// What was typed.
    pub fields: Fields,
    /// The version this person had under their eyes; 0 for none.
    pub version: i32,
    /// The answer they started from, as [`Fields::answer`] tells it.
    pub was: String,
    /// The comment they started from.
    pub was_comment: String,
    /// The form showed a conflict.
    pub in_conflict: bool,
    /// And this side was kept.
    pub choice: Option<Choice>,
    /// Why, when it was said; kept in the journal.
    pub reason: String,
}

impl Posted {
    pub(super) fn answer_changed(&self) -> bool {
        self.fields.answer() != self.was
    }

    pub(super) fn changed(&self) -> bool {
        self.answer_changed() || self.fields.comment != self.was_comment
    }
}

/// Reads the pairs of a form, whatever their order. `None` when a field names no cell or a version is no number.
pub fn read_form(pairs: Vec<(String, String)>) -> Option<BTreeMap<Key, Posted>> {
    let mut all: BTreeMap<Key, Posted> = BTreeMap::new();
    for (name, text) in pairs {
        let Some((field, key)) = name.split_once('/') else { continue };
        let posted = all.entry(Key::parse(key)?).or_default();
        match field {
            "status" => posted.fields.status = text,
            "value" => text.trim().clone_into(&mut posted.fields.value),
            "num" => text.trim().clone_into(&mut posted.fields.numerator),
            "den" => text.trim().clone_into(&mut posted.fields.denominator),
            "comment" => posted.fields.comment = plain(&text),
            "version" => posted.version = text.parse().ok()?,
            "was" => posted.was = text,
            "wascomment" => posted.was_comment = plain(&text),
            "conflict" => posted.in_conflict = true,
            "why" => posted.reason = plain(&text),
            "choice" => {
                posted.choice = match text.as_str() {
                    "mine" => Some(Choice::Mine),
                    "theirs" => Some(Choice::Theirs),
                    _ => None,
                }
            }
            _ => {}
        }
    }
    Some(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_is_read_whatever_the_order_of_its_fields() {
        let pairs =
            [("version/13.a/2023-2024", "3"), ("comment/13.a/2023-2024", "a\r\nb"), ("value/13.a/2023-2024", " 9 ")];
        let form = read_form(pairs.map(|(name, text)| (name.into(), text.into())).to_vec()).unwrap();
        let posted = &form[&Key::parse("13.a/2023-2024").unwrap()];
        assert_eq!((posted.version, posted.fields.value.as_str(), posted.fields.comment.as_str()), (3, "9", "a\nb"));
    }
}
