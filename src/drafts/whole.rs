//! The canonical JSON of a document under an edit: its lists, what follows from what was typed, and their order.

use std::collections::{BTreeMap, HashMap};

use chrono::{Datelike, NaiveDate};
use serde_json::{Map, Value};

use super::model::{Place, To};
use super::parts::{PARTS, Part, Under};
use crate::document::model::{Document, Kind};
use crate::indicators::progress::{Direction, Nature};
use crate::kernel::canonical::Canonical;

/// Every mention of an element by its code: the list, the field. A change of code follows them.
const fn mentions(kind: Kind) -> &'static [(Kind, &'static str)] {
    match kind {
        Kind::Node => &[
            (Kind::Node, "parent"),
            (Kind::Indicator, "node"),
            (Kind::Jalon, "node"),
            (Kind::Request, "node"),
            (Kind::BudgetLine, "nodes"),
            (Kind::PostLine, "objectives"),
        ],
        Kind::Indicator => &[(Kind::Measure, "indicator")],
        Kind::Measure => &[(Kind::Target, "measure"), (Kind::Cell, "measure")],
        Kind::Jalon => &[(Kind::Jalon, "parent")],
        Kind::Heading => &[(Kind::Action, "heading"), (Kind::Request, "heading")],
        Kind::Request => &[(Kind::Envelope, "request")],
        Kind::Condition => &[(Kind::Arbitrage, "condition")],
        _ => &[],
    }
}

/// Fields that belong to a measure's target, shown in the measure's own form.
pub const TARGET: [(&str, &str); 2] = [("target", "figure"), ("yearly", "yearly")];

/// A document as JSON, its lists at hand: the canonical form leaves an empty one out.
pub struct Whole {
    lists: BTreeMap<&'static str, Vec<Value>>,
    pub rest: Map<String, Value>,
}

impl Whole {
    pub fn of(document: &Document) -> Self {
        let mut whole = Self { lists: BTreeMap::new(), rest: Map::new() };
        let Value::Object(fields) = document.write() else { return whole };
        for (name, value) in fields {
            match (Kind::ALL.iter().find(|kind| kind.field() == name), value) {
                (Some(kind), Value::Array(list)) => drop(whole.lists.insert(kind.field(), list)),
                (_, value) => drop(whole.rest.insert(name, value)),
            }
        }
        whole
    }

    pub fn list(&mut self, kind: Kind) -> &mut Vec<Value> {
        self.lists.entry(kind.field()).or_default()
    }

    pub fn into_value(self) -> Value {
        let lists = self.lists.into_iter().map(|(name, list)| (name.to_owned(), Value::Array(list)));
        Value::Object(self.rest.into_iter().chain(lists).collect())
    }
}

pub fn text<'a>(item: &'a Value, field: &str) -> &'a str {
    item.get(field).and_then(Value::as_str).unwrap_or_default()
}

pub fn code_of(item: &Value) -> &str {
    text(item, "code")
}

/// Writes an element, and returns the code it has now.
pub fn put(whole: &mut Whole, place: Place, code: Option<&str>, mut item: Value, confirmed: bool) -> String {
    let Place::Part(part) = place else { return String::new() };
    let kind = part.kind;
    let before = code.and_then(|code| whole.list(kind).iter().find(|it| code_of(it) == code)).cloned();
    let target = split_target(&mut item, kind);
    settle(&mut item, kind, before.as_ref(), target.as_ref(), confirmed);
    let new = code_of(&item).to_owned();
    let items = whole.list(kind);
    let at = code.and_then(|code| items.iter().position(|it| code_of(it) == code));
    match at {
        // Under another, it comes after those that are there.
        Some(at) if part.under.field().is_some_and(|field| text(&items[at], field) != text(&item, field)) => {
            items.remove(at);
            items.push(item);
        }
        Some(at) => items[at] = item,
        None => items.push(item),
    }
    if let Some(code) = code.filter(|code| *code != new && !new.is_empty()) {
        rename(whole, kind, code, &new);
    }
    if kind == Kind::Measure {
        put_target(whole, &new, target);
    }
    arrange(whole, part);
    new
}

/// Takes what belongs to the target out of a measure's form.
fn split_target(item: &mut Value, kind: Kind) -> Option<Map<String, Value>> {
    let object = item.as_object_mut().filter(|_| kind == Kind::Measure)?;
    Some(TARGET.iter().filter_map(|(mine, theirs)| Some(((*theirs).to_owned(), object.remove(*mine)?))).collect())
}

fn put_target(whole: &mut Whole, measure: &str, target: Option<Map<String, Value>>) {
    let targets = whole.list(Kind::Target);
    let at = targets.iter().position(|it| text(it, "measure") == measure && it["rank"] == 0);
    let said = target.filter(|target| !target.is_empty());
    match (at, said) {
        (None, None) => {}
        (Some(at), None) => drop(targets.remove(at)),
        (at, Some(said)) => {
            let mut kept = Map::new();
            kept.insert("measure".into(), measure.into());
            kept.insert("rank".into(), 0.into());
            if let Some(Value::Object(before)) = at.and_then(|at| targets.get(at)) {
                kept.extend(before.clone().into_iter().filter(|(key, _)| !TARGET.iter().any(|(_, it)| it == key)));
            }
            kept.extend(said);
            match at {
                Some(at) => targets[at] = Value::Object(kept),
                None => targets.push(Value::Object(kept)),
            }
        }
    }
}

/// What follows from what was typed, and is not asked.
fn settle(item: &mut Value, kind: Kind, before: Option<&Value>, target: Option<&Map<String, Value>>, confirmed: bool) {
    let Some(object) = item.as_object_mut() else { return };
    let absent = |object: &Map<String, Value>, key: &str| object.get(key).is_none_or(Value::is_null);
    let begins = |object: &mut Map<String, Value>, key: &str, word: &str| {
        if absent(object, key) {
            object.insert(key.to_owned(), word.into());
        }
    };
    match kind {
        // Its level is that of its place: see `arrange`.
        Kind::Node => begins_at(object, "level", 1),
        Kind::Action => begins(object, "state", "prevue"),
        Kind::Condition => begins(object, "state", "en_attente"),
        Kind::PostLine => begins(object, "realisation", "arbitre"),
        Kind::Jalon if object.get("is_group") == Some(&Value::Bool(true)) => drop(object.remove("state")),
        Kind::Jalon => {
            begins(object, "state", "a_venir");
            if let Some(day) = due(object) {
                object.insert("due_on".into(), day.to_string().into());
            }
        }
        Kind::Measure => {
            let number = |figure: Option<&Value>| figure?.get("value")?.as_str()?.parse().ok();
            let reference = number(object.get("reference"));
            let proposed = Direction::proposed(reference, number(target.and_then(|it| it.get("figure"))));
            begins(object, "nature", Nature::ToConfirm.word());
            begins(object, "direction", proposed.word());
            for (key, open) in [("nature", Nature::ToConfirm.word()), ("direction", Direction::ToChoose.word())] {
                let flag = format!("{key}_confirmed");
                let same = before.is_some_and(|before| before.get(key) == object.get(key));
                let kept = same && before.is_some_and(|before| before.get(&flag) == Some(&Value::Bool(true)));
                object.remove(&flag);
                if (confirmed || kept) && object.get(key).and_then(Value::as_str) != Some(open) {
                    object.insert(flag, true.into());
                }
            }
        }
        _ => {}
    }
}

fn begins_at(object: &mut Map<String, Value>, key: &str, number: i32) {
    object.entry(key.to_owned()).or_insert_with(|| number.into());
}

/// A day said to the month or to the year is the last of it.
fn due(object: &Map<String, Value>) -> Option<NaiveDate> {
    let day: NaiveDate = object.get("due_on")?.as_str()?.parse().ok()?;
    match object.get("precision")?.as_str()? {
        "mois" => last_of_month(day),
        "annee" => NaiveDate::from_ymd_opt(day.year(), 12, 31),
        _ => None,
    }
}

/// The last day of a day's month.
pub fn last_of_month(day: NaiveDate) -> Option<NaiveDate> {
    day.with_day(1)?.checked_add_months(chrono::Months::new(1))?.pred_opt()
}

/// Follows a change of code everywhere it is mentioned.
fn rename(whole: &mut Whole, kind: Kind, old: &str, new: &str) {
    for (kind, field) in mentions(kind) {
        for item in whole.list(*kind) {
            match item.get_mut(*field) {
                Some(Value::String(code)) if code == old => new.clone_into(code),
                Some(Value::Array(codes)) => {
                    codes.iter_mut().filter(|code| code.as_str() == Some(old)).for_each(|code| *code = new.into());
                }
                _ => {}
            }
        }
    }
}

/// Moves an element among those that stand beside it.
pub fn shift(whole: &mut Whole, place: Place, code: &str, to: &To) {
    let Place::Part(part) = place else { return };
    let under = |item: &Value| part.under.field().map_or(String::new(), |field| text(item, field).to_owned());
    let items = whole.list(part.kind);
    let Some(at) = items.iter().position(|it| code_of(it) == code) else { return };
    let mine = under(&items[at]);
    let beside: Vec<String> = items.iter().filter(|it| under(it) == mine).map(|it| code_of(it).to_owned()).collect();
    let rank = beside.iter().position(|it| it == code).unwrap_or_default();
    // Before whom it comes; after them all for `None`.
    let next = match to {
        To::Up if rank == 0 => return,
        To::Up => beside.get(rank - 1),
        To::Down if rank + 1 == beside.len() => return,
        To::Down => beside.get(rank + 2),
        To::Before(next) if next == code => return,
        To::Before(next) => beside.iter().find(|it| *it == next),
    };
    let item = items.remove(at);
    let before = next.and_then(|next| items.iter().position(|it| code_of(it) == next));
    items.insert(before.unwrap_or(items.len()), item);
    arrange(whole, part);
}

/// Puts a list in the order that goes with what its elements stand under: a tree from the root, children after their
/// parent; others after the order of what they stand under.
fn arrange(whole: &mut Whole, part: &Part) {
    match part.under {
        Under::Nothing => {}
        Under::Own(field) => {
            let items = std::mem::take(whole.list(part.kind));
            let mut ordered = Vec::with_capacity(items.len());
            descend(&items, field, "", 1, &mut ordered);
            // What stands under nothing known comes last, for the check to say so.
            let lost: Vec<Value> = items.into_iter().filter(|it| !has(&ordered, code_of(it))).collect();
            ordered.extend(lost);
            if part.kind != Kind::Node {
                ordered.iter_mut().filter_map(Value::as_object_mut).for_each(|it| drop(it.remove("level")));
            }
            *whole.list(part.kind) = ordered;
        }
        Under::Of(kind, field) => {
            let ranks: HashMap<String, usize> =
                whole.list(kind).iter().enumerate().map(|(rank, it)| (code_of(it).to_owned(), rank)).collect();
            whole.list(part.kind).sort_by_key(|it| ranks.get(text(it, field)).copied().unwrap_or(usize::MAX));
        }
    }
    // What follows this list follows its new order.
    for follower in PARTS.iter().filter(|it| matches!(it.under, Under::Of(kind, _) if kind == part.kind)) {
        arrange(whole, follower);
    }
}

fn has(items: &[Value], code: &str) -> bool {
    items.iter().any(|it| code_of(it) == code)
}

fn descend(items: &[Value], field: &str, parent: &str, level: i32, ordered: &mut Vec<Value>) {
    for item in items.iter().filter(|it| text(it, field) == parent && !code_of(it).is_empty()) {
        // A code given twice is refused later; following it twice would not end.
        if has(ordered, code_of(item)) {
            ordered.push(item.clone());
            continue;
        }
        let mut placed = item.clone();
        if let Some(object) = placed.as_object_mut() {
            object.insert("level".into(), level.into());
        }
        ordered.push(placed);
        descend(items, field, code_of(item), level + 1, ordered);
    }
}
