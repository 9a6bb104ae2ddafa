//! Between the canonical JSON of a shape and what a person types, both ways.

use chrono::NaiveDate;
use serde_json::{Map, Value};

use super::{Field, Input, Refusal, Typed};
use crate::kernel::canonical::Problem;
use crate::kernel::figure::{self, Answer};

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

/// The pairs of a form, by path. Browsers post `\r\n`.
pub(super) fn posted(pairs: &[(String, String)]) -> Typed {
    let mut typed = Typed::new();
    for (name, text) in pairs {
        typed.entry(name.clone()).or_default().push(text.replace("\r\n", "\n"));
    }
    typed
}

/// Brings the rows that say something together, so that a row's place is its place in the list.
pub(super) fn compact(fields: &[Field], typed: &mut Typed) {
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
pub(super) fn row_count(name: &str, typed: &Typed) -> usize {
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
            let base = before.cloned().unwrap_or(Value::Null);
            let record = read_record(inner, &format!("{path}."), typed, &base, refusals);
            // What no field says stays with the rest, and goes with it.
            let said = |it: &Map<String, Value>| inner.iter().any(|field| it.contains_key(field.name));
            record.as_object().is_some_and(said).then_some(record)
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
            "facts": [{"label": "Avec", "text": "L’IUT"}], "vote": {"in_favour": 23, "lines": [12]},
            "provenance": "fichier"
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
}
