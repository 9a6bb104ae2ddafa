//! A form described as data: the fields of a shape, what a person typed in them, and the canonical JSON between the two.
//!
//! A room says which fields a shape has ([`Field`]); a form shows them ([`Form`]) and reads them back ([`read`]). The shape's own `Canonical` reading then judges: a rule is written once, and its sentence comes back
//! beside the field by its path (`parties[0].label`).

mod form;
mod json;

use std::collections::BTreeMap;

pub use form::{Conflict, Form, Posted, Shown, ShownField, Side, WAS, said, sides};
pub use json::{beside, nearest, read, typed};

/// One field of a form.
#[derive(Debug, Clone, Copy)]
pub struct Field {
    /// Its key in the shape.
    pub name: &'static str,
    /// As shown.
    pub label: &'static str,
    /// What helps; `""` for nothing.
    pub hint: &'static str,
    /// What is typed there.
    pub input: Input,
}

impl Field {
    /// A field that its label explains.
    pub const fn plain(name: &'static str, label: &'static str, input: Input) -> Self {
        Self { name, label, hint: "", input }
    }

    /// A field with what helps to fill it.
    pub const fn hinted(name: &'static str, label: &'static str, input: Input, hint: &'static str) -> Self {
        Self { name, label, hint, input }
    }
}

/// The fields of a form without the first, its code: where it is given already.
pub const fn without_code(fields: &'static [Field]) -> &'static [Field] {
    match fields {
        [_, rest @ ..] => rest,
        [] => fields,
    }
}

/// What is typed in a field, and the JSON it makes. Empty makes no key at all.
#[derive(Debug, Clone, Copy)]
pub enum Input {
    /// A line of text.
    Line,
    /// A line of text, with what others said already; the name is that of [`Options`]'s list.
    Suggested(&'static str),
    /// Paragraphs.
    Text,
    /// A whole number.
    Whole,
    /// A number as French readers type it: a string in JSON.
    Decimal,
    /// A value, NR or NA.
    Figure,
    /// A day.
    Date,
    /// Yes or no.
    Flag,
    /// One of a fixed vocabulary.
    Word(fn() -> Vec<Choice>),
    /// One of a list of the page.
    One(&'static str),
    /// Some of a list of the page.
    Many(&'static str),
    /// Texts, one a line.
    Lines,
    /// Whole numbers, separated by commas.
    Wholes,
    /// A list of records.
    Rows(&'static [Field]),
    /// One record, perhaps.
    Group(&'static [Field]),
}

/// The words of a vocabulary with their labels, for a list: `vocabulary!(Act)`.
macro_rules! vocabulary {
    ($Type:ty) => {
        $crate::web::fields::Input::Word(|| {
            <$Type>::ALL.iter().map(|it| $crate::web::fields::Choice::new(it.word(), it.label())).collect()
        })
    };
}
pub(crate) use vocabulary;

/// What may be chosen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// As posted.
    pub value: String,
    /// As shown.
    pub label: String,
}

impl Choice {
    /// A value and its label.
    pub fn new(value: impl Into<String>, label: impl Into<String>) -> Self {
        Self { value: value.into(), label: label.into() }
    }
}

/// The lists of a page, by name.
pub type Options = BTreeMap<&'static str, Vec<Choice>>;

/// What was typed, by path: `parties.0.label`.
pub type Typed = BTreeMap<String, Vec<String>>;

/// A sentence beside a field; an empty path is the form as a whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// Path of the field.
    pub at: String,
    /// What is expected.
    pub sentence: String,
}

impl Refusal {
    /// About a field.
    pub fn new(at: impl Into<String>, sentence: impl Into<String>) -> Self {
        Self { at: at.into(), sentence: capital(&sentence.into()) }
    }
}

/// A sentence begins with a capital, wherever it was written.
fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}
