//! A value of the document, in words: its words as read on screen, its figures, dates and amounts as on paper.

use rust_decimal::Decimal;
use serde_json::Value;

use super::fields::label;
use crate::access::DialogueState;
use crate::arbitrages::amendment::{QuantityRole, Step};
use crate::arbitrages::model as arbitrages;
use crate::arbitrages::opinion::Author;
use crate::avenants::telling as avenants;
use crate::budget::model as budget;
use crate::followups::model as followups;
use crate::indicators::model::{Origin, UnitKind};
use crate::indicators::progress::{Direction, Nature, Side};
use crate::jalons::model::{Precision, State};
use crate::kernel::period::{Availability, PeriodKind};
use crate::kernel::{date, figure, money};
use crate::plans::model::{Act, PlanKind};
use crate::posts::model as posts;
use crate::reserves::model as reserves;

/// Longest text shown of a field, in characters: the journal says what changed, the export has it whole.
const SHOWN_MAX: usize = 240;

/// A word of the document as read on screen, for the fields whose words are not plain French already.
fn word(field: &str, text: &str) -> String {
    let known: Option<&str> = match field {
        "availability" => Availability::from_word(text).map(Availability::label),
        "direction" => Direction::from_word(text).map(Direction::label),
        "nature" => Nature::from_word(text)
            .map(Nature::label)
            .or_else(|| budget::Nature::from_word(text).map(budget::Nature::label)),
        "period_kind" => PeriodKind::from_word(text).map(PeriodKind::label),
        // Five rooms have states, and a word that two share reads the same in both.
        "state" => DialogueState::from_word(text)
            .map(DialogueState::label)
            .or_else(|| State::from_word(text).map(State::label))
            .or_else(|| arbitrages::State::from_word(text).map(arbitrages::State::label))
            .or_else(|| arbitrages::ConditionState::from_word(text).map(arbitrages::ConditionState::label))
            .or_else(|| followups::State::from_word(text).map(followups::State::label)),
        "step" => Step::from_word(text).map(Step::label),
        "author" => Author::from_word(text).map(Author::label),
        "role" => QuantityRole::from_word(text).map(QuantityRole::label),
        "precision" => Precision::from_word(text).map(Precision::label),
        "act" => Act::from_word(text).map(Act::label),
        "kind" => PlanKind::from_word(text)
            .map(PlanKind::label)
            .or_else(|| budget::ScheduleKind::from_word(text).map(budget::ScheduleKind::label)),
        "corps" => posts::Corps::from_word(text).map(posts::Corps::label),
        "part" => posts::Part::from_word(text).map(posts::Part::label),
        "realisation" => posts::Realisation::from_word(text).map(posts::Realisation::label),
        "origin" | "origins" if posts::Origin::from_word(text).is_some() => {
            posts::Origin::from_word(text).map(posts::Origin::label)
        }
        "better_side" => Side::from_word(text).map(Side::label),
        "origin" if reserves::Origin::from_word(text).is_some() => {
            reserves::Origin::from_word(text).map(reserves::Origin::label)
        }
        "origin" => Origin::from_word(text).map(Origin::label),
        "unit_kind" => UnitKind::from_word(text).map(UnitKind::label),
        _ => None,
    };
    known.map_or_else(|| text.to_owned(), str::to_owned)
}

/// A text or a decimal of a field, as read on screen.
pub(super) fn text(field: &str, text: &str) -> String {
    if field.ends_with("_on") || field == "on" || matches!(field, "postponed_to" | "extended_to") {
        return text.parse().map_or_else(|_| text.to_owned(), date::short);
    }
    if matches!(
        field,
        "certain"
            | "possible"
            | "share_20"
            | "share_80"
            | "total"
            | "value"
            | "tolerance"
            | "deviation_threshold"
            | "numerator"
            | "denominator"
            | "granted_printed_keur"
    ) {
        return text.parse::<Decimal>().map_or_else(|_| text.to_owned(), figure::show);
    }
    if matches!(field, "amount" | "cost" | "granted" | "participation") {
        return text.parse::<Decimal>().map_or_else(|_| text.to_owned(), money::show_euros);
    }
    let shown = word(field, text);
    match shown.char_indices().nth(SHOWN_MAX) {
        Some((end, _)) => format!("{}…", &shown[..end]),
        None => shown,
    }
}

/// A value of the document, in words.
pub(super) fn told(field: &str, value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::Bool(true) => "oui".into(),
        Value::Bool(false) => "non".into(),
        Value::Number(number) => number.to_string(),
        Value::String(it) => text(field, it),
        Value::Array(list) if field == "changes" => list.iter().map(avenants::line_of).collect::<Vec<_>>().join(" ; "),
        Value::Array(list) => {
            let list: Vec<String> = list.iter().map(|item| told(field, item)).collect();
            list.join(", ")
        }
        Value::Object(object) => match (object.get("status").and_then(Value::as_str), object.get("value")) {
            // A figure: its value, or NR, or NA.
            (Some("valeur"), Some(value)) => told("value", value),
            (Some(status), _) => status.to_owned(),
            // An accord, or an abandonment: the day, then who.
            _ if object.contains_key("on") && object.contains_key("by") => {
                let part = |key: &str| object.get(key).map(|value| told(key, value)).unwrap_or_default();
                let why = object.get("reason").map(|reason| format!(" : {}", told("reason", reason)));
                format!("le {}, par {}{}", part("on"), part("by"), why.unwrap_or_default())
            }
            _ => {
                let parts: Vec<String> =
                    object.iter().map(|(key, value)| format!("{} : {}", label(key), told(key, value))).collect();
                parts.join(" ; ")
            }
        },
    }
}
