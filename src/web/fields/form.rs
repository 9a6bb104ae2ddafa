//! A form on screen: its fields with what is typed in them, why it came back, with whom it disagrees.

use chrono::{DateTime, Utc};
use serde_json::Value;

use super::json::{compact, posted, row_count, typed};
use super::{Choice, Field, Input, Options, Refusal, Typed};
use crate::kernel::date;

/// Empty rows offered under those of a list.
const SPARE_ROWS: usize = 3;

/// A field as `kit/fields.html` draws it.
#[derive(Debug, Clone)]
pub enum Shown {
    /// One input.
    One(Box<ShownField>),
    /// A record, under its legend.
    Group {
        /// Its name.
        label: &'static str,
        /// What helps.
        hint: &'static str,
        /// Its fields.
        fields: Vec<ShownField>,
    },
    /// A list of records: a table of inputs.
    Rows {
        /// Path of the list.
        path: String,
        /// Its name.
        label: &'static str,
        /// What helps.
        hint: &'static str,
        /// Names of the columns.
        columns: Vec<&'static str>,
        /// A row a record, then some to fill.
        rows: Vec<Vec<ShownField>>,
    },
}

/// An input with all that is said of it.
#[derive(Debug, Clone)]
pub struct ShownField {
    /// Path: its name and its identifier.
    pub path: String,
    /// As shown.
    pub label: String,
    /// Its column in a list of records.
    pub column: &'static str,
    /// What helps.
    pub hint: &'static str,
    /// Which control: `line`, `text`, `date`, `flag`, `select`, `many`, `number`.
    pub control: &'static str,
    /// What it shows.
    pub value: String,
    /// What may be chosen, and whether it is.
    pub choices: Vec<(Choice, bool)>,
    /// Why it was refused; empty when it was not.
    pub error: String,
    /// Identifier of the list of suggestions, when there is one.
    pub list: &'static str,
    /// Lines of a text.
    pub lines: usize,
}

impl ShownField {
    /// Two of them fit on a line.
    pub fn is_short(&self) -> bool {
        matches!(self.control, "select" | "number" | "date") || self.path == "code"
    }

    /// What describes it, for those who hear it.
    pub fn described_by(&self) -> String {
        let error = (!self.error.is_empty()).then(|| format!("{}-error", self.path));
        let hint = (!self.hint.is_empty()).then(|| format!("{}-hint", self.path));
        [error, hint].into_iter().flatten().collect::<Vec<_>>().join(" ")
    }
}

/// The fields with what is typed in them.
fn show(fields: &[Field], typed: &Typed, options: &Options, refusals: &[Refusal]) -> Vec<Shown> {
    let one = |field: &Field, prefix: &str, place: &str| shown(field, prefix, place, typed, options, refusals);
    fields
        .iter()
        .map(|field| match field.input {
            Input::Group(inner) => Shown::Group {
                label: field.label,
                hint: field.hint,
                fields: inner.iter().map(|it| one(it, &format!("{}.", field.name), "")).collect(),
            },
            Input::Rows(inner) => Shown::Rows {
                path: field.name.to_owned(),
                label: field.label,
                hint: field.hint,
                columns: inner.iter().map(|it| it.label).collect(),
                rows: (0..row_count(field.name, typed) + SPARE_ROWS)
                    .map(|index| {
                        let place = format!(", ligne {}", index + 1);
                        inner.iter().map(|it| one(it, &format!("{}.{index}.", field.name), &place)).collect()
                    })
                    .collect(),
            },
            _ => Shown::One(Box::new(one(field, "", ""))),
        })
        .collect()
}

fn shown(
    field: &Field,
    prefix: &str,
    place: &str,
    typed: &Typed,
    options: &Options,
    refusals: &[Refusal],
) -> ShownField {
    let path = format!("{prefix}{}", field.name);
    let texts = typed.get(&path).map(Vec::as_slice).unwrap_or_default();
    let value = texts.first().cloned().unwrap_or_default();
    let chosen = |choice: &Choice| texts.contains(&choice.value);
    let list = |name| options.get(name).cloned().unwrap_or_default();
    let with = |choices: Vec<Choice>| choices.into_iter().map(|it| (it.clone(), chosen(&it))).collect::<Vec<_>>();
    let (control, choices, suggestions) = match field.input {
        Input::Word(words) => ("select", with(words()), ""),
        Input::One(name) => ("select", with(list(name)), ""),
        Input::Many(name) => ("many", with(list(name)), ""),
        Input::Suggested(name) => ("line", Vec::new(), name),
        Input::Text | Input::Lines => ("text", Vec::new(), ""),
        Input::Date => ("date", Vec::new(), ""),
        Input::Flag => ("flag", Vec::new(), ""),
        Input::Whole | Input::Decimal | Input::Figure => ("number", Vec::new(), ""),
        Input::Line | Input::Wholes | Input::Rows(_) | Input::Group(_) => ("line", Vec::new(), ""),
    };
    let lines = value.lines().map(|line| 1 + line.chars().count() / 90).sum::<usize>() + 1;
    ShownField {
        error: refusals.iter().find(|it| it.at == path).map(|it| it.sentence.clone()).unwrap_or_default(),
        label: format!("{}{place}", field.label),
        column: field.label,
        hint: field.hint,
        control,
        value: if control == "flag" { texts.first().map_or_else(String::new, |_| "true".into()) } else { value },
        choices,
        list: suggestions,
        lines: lines.clamp(if matches!(field.input, Input::Lines) { 3 } else { 4 }, 16),
        path,
    }
}

/// Somebody else changed the same thing meanwhile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conflict {
    /// Who, by function.
    pub who: String,
    /// When, for machines.
    pub iso: String,
    /// When.
    pub when: String,
    /// On what they disagree; empty when the thing is gone.
    pub sides: Vec<Side>,
}

/// A form as `kit/fields.html` draws it.
#[derive(Debug, Clone, Default)]
pub struct Form {
    /// Its fields.
    pub shown: Vec<Shown>,
    /// The lists it suggests from.
    pub suggestions: Vec<(&'static str, Vec<Choice>)>,
    /// Why it came back.
    pub refusals: Vec<Refusal>,
    /// With whom it disagrees.
    pub conflict: Option<Conflict>,
    /// What was shown: whoever saves over it knows what they replace.
    pub was: String,
}

/// Name of the hidden field that keeps what a form showed.
pub const WAS: &str = "was";

impl Form {
    /// A form that shows `state`, or an empty one.
    pub fn of(fields: &[Field], state: &Value, options: &Options) -> Self {
        let was = if state.is_null() { String::new() } else { state.to_string() };
        Self::with(fields, &typed(fields, state), options, Vec::new(), was)
    }

    /// A form with what was typed.
    pub fn with(fields: &[Field], typed: &Typed, options: &Options, refusals: Vec<Refusal>, was: String) -> Self {
        let suggested = |field: &Field| match field.input {
            Input::Suggested(name) => Some((name, options.get(name).cloned().unwrap_or_default())),
            _ => None,
        };
        Self {
            shown: show(fields, typed, options, &refusals),
            suggestions: fields.iter().filter_map(suggested).collect(),
            refusals,
            conflict: None,
            was,
        }
    }

    /// It came back.
    pub const fn is_refused(&self) -> bool {
        !self.refusals.is_empty() || self.conflict.is_some()
    }
}

/// A form that was posted, read: the shape it describes over what was shown.
#[derive(Debug, Clone)]
pub struct Posted {
    /// What was typed, blank rows aside.
    pub typed: Typed,
    /// What the form had shown; `None` for a new thing, or when the form does not say.
    pub was: Option<Value>,
}

impl Posted {
    /// Reads the pairs of a form.
    pub fn new(fields: &[Field], pairs: &[(String, String)]) -> Self {
        let mut typed = posted(pairs);
        let was = typed.remove(WAS).and_then(|texts| serde_json::from_str(texts.first()?).ok());
        compact(fields, &mut typed);
        Self { typed, was }
    }

    /// Somebody changed it since it was shown, and not into what is typed now.
    pub fn conflicts(&self, kept: &Value, item: &Value) -> bool {
        self.was.as_ref().is_some_and(|was| was != kept) && item != kept
    }

    /// The form again, beside what somebody else kept meanwhile: who and when, when it is known, and each field on which
    /// the two differ; none of them when the thing is gone.
    pub fn disputed(
        &self,
        fields: &[Field],
        kept: &Value,
        options: &Options,
        latest: Option<(String, DateTime<Utc>)>,
    ) -> Form {
        let original = self.was.clone().unwrap_or(Value::Null);
        let sides = if kept.is_null() {
            Vec::new()
        } else {
            sides(fields, &self.typed, &typed(fields, kept), &typed(fields, &original), options)
        };
        let (who, at) = latest.unzip();
        let conflict = Conflict {
            who: who.unwrap_or_default(),
            iso: at.map(date::machine).unwrap_or_default(),
            when: at.map(date::time).unwrap_or_default(),
            sides,
        };
        let was = if kept.is_null() { String::new() } else { kept.to_string() };
        Form { conflict: Some(conflict), ..Form::with(fields, &self.typed, options, Vec::new(), was) }
    }
}

/// A field on which two people disagree: its name, then mine, theirs and what both had under their eyes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Side {
    /// Which field.
    pub label: &'static str,
    /// What this person typed.
    pub mine: String,
    /// What is kept now.
    pub theirs: String,
    /// What it was.
    pub original: String,
}

/// The fields on which what was typed differs from what somebody else kept meanwhile.
pub fn sides(fields: &[Field], mine: &Typed, theirs: &Typed, original: &Typed, options: &Options) -> Vec<Side> {
    fields
        .iter()
        .map(|field| Side {
            label: field.label,
            mine: said(field, mine, options),
            theirs: said(field, theirs, options),
            original: said(field, original, options),
        })
        .filter(|side| side.mine != side.theirs)
        .collect()
}

/// A field in words, a day as read on paper.
pub fn said(field: &Field, typed: &Typed, options: &Options) -> String {
    let texts = typed.get(field.name).map(Vec::as_slice).unwrap_or_default();
    let label = |choices: Vec<Choice>| {
        let known =
            |text: &String| choices.iter().find(|it| it.value == *text).map_or(text.clone(), |it| it.label.clone());
        texts.iter().map(known).collect::<Vec<_>>().join(", ")
    };
    match field.input {
        Input::Word(words) => label(words()),
        Input::One(name) | Input::Many(name) => label(options.get(name).cloned().unwrap_or_default()),
        Input::Flag => {
            if texts.is_empty() {
                "non".into()
            } else {
                "oui".into()
            }
        }
        Input::Rows(_) | Input::Group(_) => {
            let prefix = format!("{}.", field.name);
            let cells = typed.iter().filter(|(path, _)| path.starts_with(&prefix)).flat_map(|(_, texts)| texts);
            cells.filter(|text| !text.trim().is_empty()).cloned().collect::<Vec<_>>().join(" ; ")
        }
        Input::Date => {
            let day = texts.first().map(|text| text.trim()).unwrap_or_default();
            day.parse().map_or_else(|_| day.to_owned(), date::short)
        }
        _ => texts.first().map(|text| text.trim().to_owned()).unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const FIELDS: &[Field] = &[
        Field { name: "code", label: "code", hint: "", input: Input::Line },
        Field { name: "cost", label: "cost", hint: "", input: Input::Decimal },
        Field {
            name: "facts",
            label: "facts",
            hint: "",
            input: Input::Rows(&[Field { name: "text", label: "text", hint: "", input: Input::Line }]),
        },
    ];

    fn shown(state: &Value) -> Typed {
        typed(FIELDS, state)
    }

    #[test]
    fn two_people_disagree_field_by_field() {
        let (mine, theirs) = (json!({"code": "B1", "cost": "1250.5"}), json!({"code": "B1", "cost": "3"}));
        let found = sides(FIELDS, &shown(&mine), &shown(&theirs), &shown(&theirs), &Options::new());
        assert_eq!(found, [Side { label: "cost", mine: "1250,5".into(), theirs: "3".into(), original: "3".into() }]);
    }

    #[test]
    fn what_was_shown_tells_a_conflict() {
        let (was, now) = (json!({"code": "B1", "cost": "3"}), json!({"code": "B1", "cost": "4"}));
        let posted = |was: &Value| Posted::new(FIELDS, &[(WAS.into(), was.to_string()), ("cost".into(), "5".into())]);
        assert!(posted(&was).conflicts(&now, &json!({"cost": "5"})));
        assert!(!posted(&was).conflicts(&was, &json!({"cost": "5"})), "nobody changed it");
        assert!(!posted(&was).conflicts(&now, &now), "both say the same");
    }

    #[test]
    fn a_list_offers_rows_to_fill_and_a_refusal_stands_in_its_row() {
        let refusals = [Refusal::new("facts.1.text", "non.")];
        let form = Form::with(
            FIELDS,
            &shown(&json!({"facts": [{"text": "a"}, {"text": "b"}]})),
            &Options::new(),
            refusals.to_vec(),
            String::new(),
        );
        let Some(Shown::Rows { rows, .. }) = form.shown.last() else { panic!("{form:?}") };
        let told: Vec<(&str, &str)> = rows.iter().map(|row| (row[0].value.as_str(), row[0].error.as_str())).collect();
        assert_eq!(told, [("a", ""), ("b", "Non."), ("", ""), ("", ""), ("", "")]);
    }
}
