//! The forms of what contracts share, and the edits of the framework.

use serde_json::Value;

use crate::kernel::canonical::{Canonical, Reader};
use crate::plans::model::{FrameworkRow, StructureKind};
use crate::web::fields::{self, Choice, Field, Input, Refusal};

/// An address has this word where a code stands: no code is this one.
pub const RESERVED: &str = "new";

/// The establishment's form; its code is given once.
pub const ESTABLISHMENT: &[Field] = &[
    Field { name: "code", label: "Code", hint: "Court et stable : uca. Il ne change plus.", input: Input::Line },
    Field { name: "name", label: "Nom", hint: "", input: Input::Line },
    Field { name: "acronym", label: "Sigle", hint: "", input: Input::Line },
    Field {
        name: "facts",
        label: "Ce qui le décrit",
        hint: "Forme juridique, décret, thématique identifiante…",
        input: Input::Rows(&[
            Field { name: "label", label: "Quoi", hint: "", input: Input::Line },
            Field { name: "text", label: "Texte", hint: "", input: Input::Line },
        ]),
    },
    Field { name: "framework_title", label: "Titre du cadre stratégique", hint: "", input: Input::Line },
    Field {
        name: "framework_levels",
        label: "Niveaux du cadre",
        hint: "Un par ligne : domaine, thématique, objectif.",
        input: Input::Lines,
    },
];

/// A structure's form; its code is given once.
pub const STRUCTURE: &[Field] = &[
    Field { name: "code", label: "Code", hint: "Court et stable : iut. Il ne change plus.", input: Input::Line },
    Field {
        name: "kind",
        label: "Sorte",
        hint: "",
        input: Input::Word(|| StructureKind::ALL.iter().map(|it| Choice::new(it.word(), it.label())).collect()),
    },
    Field { name: "label", label: "Nom", hint: "", input: Input::Line },
    Field { name: "acronym", label: "Sigle", hint: "", input: Input::Line },
    Field {
        name: "sites",
        label: "Sites",
        hint: "Un code court et un nom par site.",
        input: Input::Rows(&[
            Field { name: "code", label: "Code", hint: "", input: Input::Line },
            Field { name: "label", label: "Nom", hint: "", input: Input::Line },
        ]),
    },
];

/// The form of a row of the framework; its code is given once.
pub const ROW: &[Field] = &[
    Field { name: "code", label: "Code", hint: "Proposé. Il ne change plus.", input: Input::Line },
    Field { name: "domain", label: "Domaine", hint: "", input: Input::Suggested("domains") },
    Field { name: "theme", label: "Thématique", hint: "", input: Input::Suggested("themes") },
    Field { name: "objective", label: "Objectif", hint: "", input: Input::Text },
    Field { name: "note", label: "Note", hint: "", input: Input::Line },
];

/// Reads a shape out of its form, or tells what does not hold beside the fields.
pub fn shape<T: Canonical>(form: &'static [Field], item: &Value) -> Result<T, Vec<Refusal>> {
    let mut reader = Reader::default();
    let read = T::read(item, &mut reader);
    let problems = reader.into_problems();
    match read {
        Some(it) if problems.is_empty() => Ok(it),
        _ => Err(fields::beside(form, problems)),
    }
}

/// Whether a code may be given: an address must lead to it.
pub fn given(code: &str, taken: bool) -> Result<(), Vec<Refusal>> {
    let refuse = |sentence: String| Err(vec![Refusal::new("code", sentence)]);
    match code {
        RESERVED => refuse(format!("Le code « {RESERVED} » est réservé.")),
        _ if taken => refuse(format!("Le code « {code} » est déjà pris.")),
        _ => Ok(()),
    }
}

/// Writes a row in its place, or a new one after those of its theme, else of its domain, else last.
pub fn put(rows: &[FrameworkRow], row: FrameworkRow) -> Vec<FrameworkRow> {
    let mut rows = rows.to_vec();
    if let Some(kept) = rows.iter_mut().find(|it| it.code == row.code) {
        *kept = row;
        return rows;
    }
    let last = |beside: &dyn Fn(&FrameworkRow) -> bool| rows.iter().rposition(beside).map(|at| at + 1);
    let at = last(&|it| it.domain == row.domain && it.theme == row.theme)
        .or_else(|| last(&|it| it.domain == row.domain))
        .unwrap_or(rows.len());
    rows.insert(at, row);
    rows
}

/// Where a row is moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum To<'a> {
    /// One place up.
    Up,
    /// One place down.
    Down,
    /// Before another; last when it is none of them.
    Before(&'a str),
}

/// Moves a row.
pub fn shift(rows: &[FrameworkRow], code: &str, to: To<'_>) -> Vec<FrameworkRow> {
    let mut rows = rows.to_vec();
    let Some(at) = rows.iter().position(|it| it.code.as_str() == code) else { return rows };
    let row = rows.remove(at);
    let at = match to {
        To::Up => at.saturating_sub(1),
        To::Down => (at + 1).min(rows.len()),
        To::Before(next) => rows.iter().position(|it| it.code.as_str() == next).unwrap_or(rows.len()),
    };
    rows.insert(at, row);
    rows
}

/// C48 after C47.
pub fn next_code(rows: &[FrameworkRow]) -> String {
    let last = rows.iter().filter_map(|it| it.code.as_str().strip_prefix('C')?.parse::<u32>().ok()).max();
    format!("C{:02}", last.map_or(1, |last| last.saturating_add(1)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::ids::Code;
    use serde_json::json;

    fn row(code: &str, domain: &str, theme: &str) -> FrameworkRow {
        FrameworkRow {
            code: Code::new(code).unwrap(),
            domain: domain.into(),
            theme: theme.into(),
            theme_printed: None,
            objective: "Objectif".into(),
            truncated: false,
            note: None,
        }
    }

    fn codes(rows: &[FrameworkRow]) -> Vec<&str> {
        rows.iter().map(|it| it.code.as_str()).collect()
    }

    fn rows() -> Vec<FrameworkRow> {
        vec![row("C01", "A", "a"), row("C02", "A", "b"), row("C03", "B", "c")]
    }

    #[test]
    fn a_new_row_stands_with_its_theme_or_its_domain() {
        assert_eq!(codes(&put(&rows(), row("C04", "A", "a"))), ["C01", "C04", "C02", "C03"]);
        assert_eq!(codes(&put(&rows(), row("C04", "A", "z"))), ["C01", "C02", "C04", "C03"]);
        assert_eq!(codes(&put(&rows(), row("C04", "Z", "z"))), ["C01", "C02", "C03", "C04"]);
        assert_eq!(put(&rows(), row("C02", "A", "z"))[1].theme, "z");
        assert_eq!(next_code(&rows()), "C04");
    }

    #[test]
    fn a_row_moves_and_stops_at_the_ends() {
        assert_eq!(codes(&shift(&rows(), "C02", To::Up)), ["C02", "C01", "C03"]);
        assert_eq!(codes(&shift(&rows(), "C01", To::Up)), ["C01", "C02", "C03"]);
        assert_eq!(codes(&shift(&rows(), "C03", To::Down)), ["C01", "C02", "C03"]);
        assert_eq!(codes(&shift(&rows(), "C01", To::Before("C03"))), ["C02", "C01", "C03"]);
        assert_eq!(codes(&shift(&rows(), "C01", To::Before(""))), ["C02", "C03", "C01"]);
    }

    #[test]
    fn a_shape_is_judged_by_its_own_reading() {
        let refused = shape::<FrameworkRow>(ROW, &json!({"code": "C é", "domain": "A", "objective": "x"})).unwrap_err();
        assert_eq!(refused.iter().map(|it| it.at.as_str()).collect::<Vec<_>>(), ["code", "theme"]);
        assert!(given("new", false).is_err() && given("C1", true).is_err() && given("C1", false).is_ok());
    }
}
