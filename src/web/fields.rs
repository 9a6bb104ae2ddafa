//! A form described as data: the fields of a shape, what a person typed in them, and the canonical JSON between the two.
//!
//! A room says which fields a shape has ([`Field`]); this file shows them ([`typed`], [`show`]) and reads them back
//! ([`read`]). The shape's own `Canonical` reading then judges: a rule is written once, and its sentence comes back
//! beside the field by its path (`parties[0].label`).

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde_json::{Map, Value};

use crate::kernel::canonical::Problem;
use crate::kernel::figure::{self, Answer};

/// Empty rows offered under those of a list.
const SPARE_ROWS: usize = 3;

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

// ───────────────────────────────────────────────────────────── from JSON ──

/// What the fields show of a shape.
pub fn typed(fields: &[Field], state: &Value) -> Typed {
    let mut typed = Typed::new();
    fill(fields, "", state, &mut typed);
    typed
}

fn fill(fields: &[Field], prefix: &str, state: &Value, typed: &mut Typed) {
    for field in fields {
        let path = format!("{prefix}{}", field.name);
        let Some(value) = state.get(field.name) else { continue };
        match field.input {
            Input::Rows(inner) => {
                for (index, row) in value.as_array().into_iter().flatten().enumerate() {
                    fill(inner, &format!("{path}.{index}."), row, typed);
                }
            }
            Input::Group(inner) => fill(inner, &format!("{path}."), value, typed),
            Input::Many(_) => {
                typed.insert(path, value.as_array().into_iter().flatten().map(text).collect());
            }
            Input::Lines => {
                let lines: Vec<String> = value.as_array().into_iter().flatten().map(text).collect();
                typed.insert(path, vec![lines.join("\n")]);
            }
            Input::Wholes => {
                let numbers: Vec<String> = value.as_array().into_iter().flatten().map(text).collect();
                typed.insert(path, vec![numbers.join(", ")]);
            }
            Input::Decimal => {
                typed.insert(path, vec![text(value).replace('.', ",")]);
            }
            Input::Figure => {
                let shown = match value.get("value") {
                    Some(number) => text(number).replace('.', ","),
                    None => value.get("status").map(text).unwrap_or_default(),
                };
                typed.insert(path, vec![shown]);
            }
            _ => {
                typed.insert(path, vec![text(value)]);
            }
        }
    }
}

fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

// ───────────────────────────────────────────────────────────── to JSON ──

/// The pairs of a form, by path. Browsers post `\r\n`.
pub fn posted(pairs: &[(String, String)]) -> Typed {
    let mut typed = Typed::new();
    for (name, text) in pairs {
        typed.entry(name.clone()).or_default().push(text.replace("\r\n", "\n"));
    }
    typed
}

/// Brings the rows that say something together, so that a row's place is its place in the list.
pub fn compact(fields: &[Field], typed: &mut Typed) {
    for field in fields {
        let Input::Rows(inner) = field.input else { continue };
        let mut kept = 0;
        for index in 0..row_count(field.name, typed) {
            let row: Vec<Option<Vec<String>>> =
                inner.iter().map(|it| typed.remove(&format!("{}.{index}.{}", field.name, it.name))).collect();
            if row.iter().flatten().flatten().all(|text| text.trim().is_empty()) {
                continue;
            }
            for (it, texts) in inner.iter().zip(row) {
                typed.insert(format!("{}.{kept}.{}", field.name, it.name), texts.unwrap_or_default());
            }
            kept += 1;
        }
    }
}

/// How many rows of a list were typed.
fn row_count(name: &str, typed: &Typed) -> usize {
    let prefix = format!("{name}.");
    typed
        .keys()
        .filter_map(|path| path.strip_prefix(&prefix)?.split('.').next()?.parse::<usize>().ok())
        .filter(|index| *index < 1000)
        .max()
        .map_or(0, |last| last + 1)
}

/// The shape that the fields describe: what `base` says of no field stays. A text that does not read is refused here;
/// whether the shape as a whole holds is for its own reading to say.
pub fn read(fields: &[Field], typed: &Typed, base: &Value) -> (Value, Vec<Refusal>) {
    let mut refusals = Vec::new();
    let value = read_record(fields, "", typed, base, &mut refusals);
    (value, refusals)
}

fn read_record(fields: &[Field], prefix: &str, typed: &Typed, base: &Value, refusals: &mut Vec<Refusal>) -> Value {
    let mut object = base.as_object().cloned().unwrap_or_else(Map::new);
    for field in fields {
        let path = format!("{prefix}{}", field.name);
        let before = object.remove(field.name);
        let after = read_field(field, &path, typed, before.as_ref(), refusals);
        if after != before {
            // What was printed said the other value.
            let stem = field.name.trim_end_matches("_on");
            object.remove(&format!("{}_printed", field.name));
            object.remove(&format!("{stem}_printed"));
        }
        if let Some(after) = after {
            object.insert(field.name.to_owned(), after);
        }
    }
    Value::Object(object)
}

fn read_field(
    field: &Field,
    path: &str,
    typed: &Typed,
    before: Option<&Value>,
    refusals: &mut Vec<Refusal>,
) -> Option<Value> {
    let texts = typed.get(path).map(Vec::as_slice).unwrap_or_default();
    let line = texts.first().map(|text| text.trim()).unwrap_or_default();
    let mut refuse = |sentence: &str| {
        refusals.push(Refusal::new(path, sentence));
        // The shape must not add that the field is missing.
        Some(Value::Null)
    };
    match field.input {
        Input::Rows(inner) => {
            let rows: Vec<Value> = (0..row_count(path, typed))
                .map(|index| read_record(inner, &format!("{path}.{index}."), typed, &Value::Null, refusals))
                .collect();
            (!rows.is_empty()).then_some(Value::Array(rows))
        }
        Input::Group(inner) => {
            let record = read_record(inner, &format!("{path}."), typed, &Value::Null, refusals);
            record.as_object().is_some_and(|it| !it.is_empty()).then_some(record)
        }
        Input::Flag => (!texts.is_empty()).then_some(Value::Bool(true)),
        Input::Many(_) => {
            let chosen: Vec<Value> = texts.iter().filter(|it| !it.is_empty()).cloned().map(Value::String).collect();
            (!chosen.is_empty()).then_some(Value::Array(chosen))
        }
        Input::Lines => {
            let all = texts.first().map(String::as_str).unwrap_or_default();
            let lines: Vec<Value> =
                all.lines().map(str::trim).filter(|it| !it.is_empty()).map(|it| Value::String(it.to_owned())).collect();
            (!lines.is_empty()).then_some(Value::Array(lines))
        }
        _ if line.is_empty() => None,
        Input::Line | Input::Suggested(_) | Input::Text | Input::Word(_) | Input::One(_) => {
            Some(Value::String(line.to_owned()))
        }
        Input::Whole => match line.replace(['\u{202f}', '\u{a0}', ' '], "").parse::<i32>() {
            Ok(number) => Some(Value::from(number)),
            Err(_) => refuse("Un nombre entier est attendu, par exemple 2027."),
        },
        Input::Wholes => {
            let numbers: Option<Vec<Value>> = line
                .split([',', ';', ' ', '\n'])
                .filter(|it| !it.is_empty())
                .map(|it| it.parse::<i32>().ok().map(Value::from))
                .collect();
            match numbers {
                Some(numbers) => Some(Value::Array(numbers)),
                None => refuse("Des nombres entiers sont attendus, par exemple 2027, 2028."),
            }
        }
        Input::Decimal => match figure::parse_number(line) {
            Ok(number) => number.map(|number| Value::String(number.normalize().to_string())),
            Err(error) => refuse(&error.to_string()),
        },
        Input::Figure => match figure::parse(line) {
            Ok(answer) => answer.map(|answer| figure_of(answer, before)),
            Err(error) => refuse(&error.to_string()),
        },
        Input::Date => {
            let day = line.parse().ok().or_else(|| NaiveDate::parse_from_str(line, "%d/%m/%Y").ok());
            match day {
                Some(day) => Some(Value::String(day.to_string())),
                None => refuse("Une date est attendue, par exemple 31/12/2028."),
            }
        }
    }
}

/// A figure that says the same keeps the way it was printed.
fn figure_of(answer: Answer, before: Option<&Value>) -> Value {
    let mut object = Map::new();
    let (status, value) = match answer {
        Answer::Value(value) => ("valeur", Some(value.normalize().to_string())),
        Answer::NotProvided => ("NR", None),
        Answer::NotApplicable => ("NA", None),
    };
    object.insert("status".into(), status.into());
    object.extend(value.map(|value| ("value".to_owned(), Value::String(value))));
    let same = |key| before.and_then(|before| before.get(key)) == object.get(key);
    match before {
        Some(before) if same("status") && same("value") => before.clone(),
        _ => Value::Object(object),
    }
}

/// Problems of a shape read alone, beside its fields: `parties[0].label` is the path `parties.0.label`. What names no
/// field is about the whole form.
pub fn beside(fields: &[Field], problems: Vec<Problem>) -> Vec<Refusal> {
    problems
        .into_iter()
        .map(|problem| {
            let path = problem.place.replace('[', ".").replace(']', "");
            Refusal::new(nearest(fields, &path), problem.sentence)
        })
        .collect()
}

/// The field of a path, or the one that holds it; empty when there is none.
pub fn nearest(fields: &[Field], path: &str) -> String {
    let mut parts = path.split('.');
    let Some(field) = parts.next().and_then(|name| fields.iter().find(|field| field.name == name)) else {
        return String::new();
    };
    let rest: Vec<&str> = parts.collect();
    match (field.input, rest.as_slice()) {
        (Input::Rows(inner), [index, name, ..]) if inner.iter().any(|it| it.name == *name) => {
            format!("{}.{index}.{name}", field.name)
        }
        (Input::Rows(inner), [index, ..]) => {
            format!("{}.{index}.{}", field.name, inner.first().map_or("", |it| it.name))
        }
        (Input::Rows(inner), []) => format!("{}.0.{}", field.name, inner.first().map_or("", |it| it.name)),
        (Input::Group(inner), [name, ..]) if inner.iter().any(|it| it.name == *name) => {
            format!("{}.{name}", field.name)
        }
        (Input::Group(inner), _) => format!("{}.{}", field.name, inner.first().map_or("", |it| it.name)),
        _ => field.name.to_owned(),
    }
}

// ───────────────────────────────────────────────────────────── on screen ──

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
pub fn show(fields: &[Field], typed: &Typed, options: &Options, refusals: &[Refusal]) -> Vec<Shown> {
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

/// A field in words.
fn said(field: &Field, typed: &Typed, options: &Options) -> String {
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
        _ => texts.first().map(|text| text.trim().to_owned()).unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const fn field(name: &'static str, input: Input) -> Field {
        Field { name, label: name, hint: "", input }
    }

    const FIELDS: &[Field] = &[
        field("code", Input::Line),
        field("cost", Input::Decimal),
        field("reference", Input::Figure),
        field("due_on", Input::Date),
        field("is_group", Input::Flag),
        field("nodes", Input::Many("nodes")),
        field("owners", Input::Lines),
        field("years", Input::Wholes),
        field("facts", Input::Rows(&[field("label", Input::Line), field("text", Input::Line)])),
        field("vote", Input::Group(&[field("in_favour", Input::Whole)])),
    ];

    fn whole() -> Value {
        json!({
            "code": "B1", "cost": "1250.5", "reference": {"status": "valeur", "value": "8", "printed": "8 "},
            "due_on": "2028-12-31", "is_group": true, "nodes": ["O1", "O2"], "owners": ["A", "B"], "years": [2027, 2028],
            "facts": [{"label": "Avec", "text": "L’IUT"}], "vote": {"in_favour": 23}, "provenance": "fichier"
        })
    }

    fn again(typed: &Typed) -> (Value, Vec<Refusal>) {
        let mut typed = typed.clone();
        compact(FIELDS, &mut typed);
        read(FIELDS, &typed, &whole())
    }

    #[test]
    fn what_is_shown_reads_back_the_same_and_what_no_field_says_stays() {
        assert_eq!(again(&typed(FIELDS, &whole())), (whole(), Vec::new()));
    }

    #[test]
    fn what_is_emptied_is_gone_and_a_row_left_blank_is_none() {
        let mut fields = typed(FIELDS, &whole());
        fields.insert("cost".into(), vec!["  ".into()]);
        fields.remove("is_group");
        fields.insert("facts.0.label".into(), vec![String::new()]);
        fields.insert("facts.0.text".into(), vec![String::new()]);
        fields.insert("facts.4.label".into(), vec!["Suivi".into()]);
        fields.insert("vote.in_favour".into(), vec![String::new()]);
        let (value, refusals) = again(&fields);
        assert_eq!(refusals, []);
        assert_eq!(value["facts"], json!([{"label": "Suivi"}]));
        for gone in ["cost", "is_group", "vote"] {
            assert_eq!(value.get(gone), None, "{gone}");
        }
    }

    #[test]
    fn what_does_not_read_is_refused_at_its_field() {
        let mut fields = typed(FIELDS, &whole());
        for (path, text) in
            [("cost", "beaucoup"), ("reference", "49 (37%)"), ("due_on", "fin 2028"), ("years", "dès 2027")]
        {
            fields.insert(path.into(), vec![text.into()]);
        }
        let refused: Vec<String> = again(&fields).1.into_iter().map(|it| it.at).collect();
        assert_eq!(refused, ["cost", "reference", "due_on", "years"]);
    }

    #[test]
    fn a_printed_figure_is_kept_with_its_value_and_dropped_with_it() {
        let mut fields = typed(FIELDS, &whole());
        fields.insert("reference".into(), vec!["8,0".into()]);
        assert_eq!(again(&fields).0["reference"]["printed"], json!("8 "));
        fields.insert("reference".into(), vec!["n.d.".into()]);
        assert_eq!(again(&fields).0["reference"], json!({"status": "NR"}));
    }

    #[test]
    fn a_problem_finds_its_field() {
        for (place, path) in [
            ("cost", "cost"),
            ("reference.value", "reference"),
            ("facts[2].text", "facts.2.text"),
            ("facts", "facts.0.label"),
            ("vote.against", "vote.in_favour"),
            ("level", ""),
            ("fichier", ""),
        ] {
            let problem = Problem { place: place.into(), sentence: "non.".into() };
            assert_eq!(beside(FIELDS, vec![problem]), [Refusal::new(path, "Non.")], "{place}");
        }
    }

    #[test]
    fn two_people_disagree_field_by_field() {
        let (mine, theirs) = (typed(FIELDS, &whole()), typed(FIELDS, &json!({"code": "B1", "cost": "3"})));
        let found = sides(FIELDS, &mine, &theirs, &theirs, &Options::new());
        assert_eq!(found[0], Side { label: "cost", mine: "1250,5".into(), theirs: "3".into(), original: "3".into() });
        assert!(found.iter().all(|side| side.label != "code"));
    }
}
