//! One edit of a draft, as a document becomes another (docs/regles.md §9).
//!
//! An edit is made on the canonical JSON, then read and checked like any document: what makes one acceptable is written
//! once, in `document`, and its sentences come back beside the fields they are about.

use std::collections::{BTreeMap, HashMap};

use chrono::{Datelike, NaiveDate};
use serde_json::{Map, Value};

use super::parts::{PLAN, Part, Under};
use crate::document::model::{Document, Kind};
use crate::indicators::progress::{Direction, Nature};
use crate::kernel::canonical::{Canonical, Problem, Reader};
use crate::web::fields::{Field, Refusal, nearest};

/// What is done to an element.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Edit {
    /// Written: in the place of the one of this code, or after the others.
    Put {
        /// The code it had; `None` for a new one.
        code: Option<String>,
        /// As its form describes it.
        item: Value,
        /// Pilotage confirms the natures and directions it chooses.
        confirmed: bool,
    },
    /// Moved among those that stand beside it.
    Move {
        /// Its code.
        code: String,
        /// Where to.
        to: To,
    },
    /// Taken away.
    Remove {
        /// Its code.
        code: String,
    },
}

/// Where an element is moved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum To {
    /// One place up.
    Up,
    /// One place down.
    Down,
    /// Before another; after them all when it is none of them.
    Before(String),
}

/// What is edited: the plan itself, or an element of a part.
#[derive(Debug, Clone, Copy)]
pub enum Place {
    /// The plan.
    Plan,
    /// A part.
    Part(&'static Part),
}

impl Place {
    /// Of a word of an address.
    pub fn of(word: &str) -> Option<Self> {
        if word == Kind::Plan.field() { Some(Self::Plan) } else { Part::of_field(word).map(Self::Part) }
    }

    /// Its kind.
    pub const fn kind(self) -> Kind {
        match self {
            Self::Plan => Kind::Plan,
            Self::Part(part) => part.kind,
        }
    }

    /// Its form.
    pub const fn fields(self) -> &'static [Field] {
        match self {
            Self::Plan => PLAN,
            Self::Part(part) => part.fields,
        }
    }
}

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
const TARGET: [(&str, &str); 2] = [("target", "figure"), ("yearly", "yearly")];

/// An element as its form sees it: its canonical state, and for a measure its original target. `None` for an unknown one.
pub fn item(document: &Document, place: Place, code: &str) -> Option<Value> {
    if let Place::Plan = place {
        return (document.plan.code.as_str() == code).then(|| document.plan.write());
    }
    let found =
        document.elements().into_iter().find(|it| it.element.kind() == place.kind() && it.element.code() == code);
    let mut state = found?.element.state();
    if place.kind() == Kind::Measure
        && let Some(target) = document.targets.iter().find(|it| it.rank == 0 && it.measure.as_str() == code)
        && let (Some(state), Value::Object(target)) = (state.as_object_mut(), target.write())
    {
        for (mine, theirs) in TARGET {
            state.extend(target.get(theirs).map(|value| (mine.to_owned(), value.clone())));
        }
    }
    Some(state)
}

/// The document that an edit leads to.
///
/// # Errors
/// What does not hold, beside the fields of the form; the document is as it was.
pub fn apply(document: &Document, place: Place, edit: Edit) -> Result<Document, Vec<Refusal>> {
    let mut whole = Whole::of(document);
    let kind = place.kind();
    let removes = matches!(edit, Edit::Remove { .. });
    let code = match edit {
        Edit::Put { item, .. } if matches!(place, Place::Plan) => {
            whole.rest.insert("plan".into(), item);
            document.plan.code.to_string()
        }
        Edit::Put { code, item, confirmed } => put(&mut whole, place, code.as_deref(), item, confirmed),
        Edit::Move { code, to } => {
            shift(&mut whole, place, &code, &to);
            code
        }
        Edit::Remove { code } => {
            whole.list(kind).retain(|it| code_of(it) != code);
            if kind == Kind::Measure {
                whole.list(Kind::Target).retain(|it| text(it, "measure") != code);
            }
            code
        }
    };
    let whole = whole.into_value();
    read(&whole).map_err(|problems| {
        if removes {
            return vec![still_used(&whole, &code, &problems)];
        }
        problems.into_iter().map(|problem| refusal(&whole, place, &code, problem)).collect()
    })
}

/// Reads and checks a document made here.
fn read(whole: &Value) -> Result<Document, Vec<Problem>> {
    let mut reader = Reader::default();
    let document = Document::read(whole, &mut reader);
    let mut problems = reader.into_problems();
    if let Some(document) = &document {
        problems.extend(document.problems());
    }
    match document {
        Some(mut document) if problems.is_empty() => {
            document.sort();
            Ok(document)
        }
        _ => Err(problems),
    }
}

/// Everything that the check misses an element for hangs from it.
fn still_used(whole: &Value, code: &str, problems: &[Problem]) -> Refusal {
    let mut names: Vec<String> = problems
        .iter()
        .map(|problem| Spot::parse(&problem.place).map_or_else(|| problem.to_string(), |spot| spot.name(whole)))
        .collect();
    names.dedup();
    Refusal::new(
        "",
        format!("« {code} » sert encore : {}. Retirez-les ou rattachez-les ailleurs d’abord.", names.join(", ")),
    )
}

/// A problem of the whole document, beside a field of the element when it is about it, and otherwise named.
fn refusal(whole: &Value, place: Place, code: &str, problem: Problem) -> Refusal {
    let Some(found) = Spot::parse(&problem.place) else { return Refusal::new("", problem.sentence) };
    let item = found.item(whole);
    let mine = match place {
        Place::Plan => found.list == "plan",
        Place::Part(part) => found.list == part.kind.field() && item.is_some_and(|it| code_of(it) == code),
    };
    let of_my_target = place.kind() == Kind::Measure
        && found.list == Kind::Target.field()
        && item.is_some_and(|it| text(it, "measure") == code);
    let path = match TARGET.iter().find(|(_, theirs)| found.rest.starts_with(theirs)) {
        Some((mine, theirs)) if of_my_target => found.rest.replacen(theirs, mine, 1),
        // A node's level is that of its place.
        _ if found.rest == "level" => "parent".to_owned(),
        _ if found.rest.is_empty() => "code".to_owned(),
        _ => found.rest.clone(),
    };
    if mine || of_my_target {
        return Refusal::new(nearest(place.fields(), &path), problem.sentence);
    }
    Refusal::new("", format!("{} : {}", found.name(whole), problem.sentence))
}

/// Where a problem is: `nodes[3] (O1).parent`.
struct Spot {
    list: String,
    index: Option<usize>,
    /// As the path of a field: `yearly.2.value`.
    rest: String,
}

impl Spot {
    fn parse(place: &str) -> Option<Self> {
        let end = place.find(['[', '.']).unwrap_or(place.len());
        let (list, rest) = place.split_at_checked(end)?;
        let (index, rest) = match rest.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
            Some((index, rest)) => (index.parse().ok(), rest),
            None => (None, rest),
        };
        // The check names the element after its place in the list.
        let rest = match rest.strip_prefix(" (").and_then(|rest| rest.split_once(')')) {
            Some((_, rest)) => rest,
            None => rest,
        };
        let rest = rest.trim_start_matches('.').replace('[', ".").replace(']', "");
        Some(Self { list: list.to_owned(), index, rest })
    }

    /// What the problem is about.
    fn item<'a>(&self, whole: &'a Value) -> Option<&'a Value> {
        whole.get(&self.list)?.as_array()?.get(self.index?)
    }

    /// « Indicateur 4 », « Cible de la mesure 13.a ».
    fn name(&self, whole: &Value) -> String {
        let item = self.item(whole);
        let (code, measure) = (item.map_or("", code_of), item.map_or("", |it| text(it, "measure")));
        let is = |kind: Kind| kind.field() == self.list;
        match Part::of_field(&self.list) {
            Some(part) => format!("{} {code}", part.name).trim().to_owned(),
            None if is(Kind::Plan) => "Contrat".into(),
            None if is(Kind::Target) => format!("Cible de la mesure {measure}"),
            None if is(Kind::Cell) => format!("Situation de la mesure {measure}"),
            None if is(Kind::Arbitrage) => format!("Décision sur {code}"),
            None => self.list.clone(),
        }
    }
}

// ────────────────────────────────────────────────────── on the JSON ──

/// A document as JSON, its lists at hand: the canonical form leaves an empty one out.
struct Whole {
    lists: BTreeMap<&'static str, Vec<Value>>,
    rest: Map<String, Value>,
}

impl Whole {
    fn of(document: &Document) -> Self {
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

    fn list(&mut self, kind: Kind) -> &mut Vec<Value> {
        self.lists.entry(kind.field()).or_default()
    }

    fn into_value(self) -> Value {
        let lists = self.lists.into_iter().map(|(name, list)| (name.to_owned(), Value::Array(list)));
        Value::Object(self.rest.into_iter().chain(lists).collect())
    }
}

fn text<'a>(item: &'a Value, field: &str) -> &'a str {
    item.get(field).and_then(Value::as_str).unwrap_or_default()
}

fn code_of(item: &Value) -> &str {
    text(item, "code")
}

/// Writes an element, and returns the code it has now.
fn put(whole: &mut Whole, place: Place, code: Option<&str>, mut item: Value, confirmed: bool) -> String {
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
fn shift(whole: &mut Whole, place: Place, code: &str, to: &To) {
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
    for follower in super::parts::PARTS.iter().filter(|it| matches!(it.under, Under::Of(kind, _) if kind == part.kind))
    {
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

// ─────────────────────────────────────────────────────────── proposals ──

/// The next free code of a part, under something or not.
pub fn next_code(document: &Document, part: &Part, under: Option<&str>) -> String {
    let taken: Vec<String> = document
        .elements()
        .into_iter()
        .filter(|it| it.element.kind() == part.kind)
        .map(|it| it.element.code())
        .collect();
    let under = under.filter(|it| !it.is_empty());
    if part.kind == Kind::Measure
        && let Some(indicator) = under
    {
        let grouped = document.indicators.iter().any(|it| it.code.as_str() == indicator && it.is_group);
        return if grouped { lettered(indicator, &taken) } else { indicator.to_owned() };
    }
    if part.kind == Kind::Jalon
        && let Some(group) = under
    {
        return lettered(group, &taken);
    }
    let prefix = match (part.kind, under) {
        // D1 for a domaine, O1 for an objectif: the initial of the level's name.
        (Kind::Node, _) => {
            let above = document.nodes.iter().find(|it| Some(it.code.as_str()) == under).map_or(0, |it| it.level);
            let name = usize::try_from(above).ok().and_then(|above| document.plan.levels.get(above));
            name.and_then(|name| name.chars().next())
                .filter(char::is_ascii_alphabetic)
                .map_or_else(|| part.prefix.to_owned(), |initial| initial.to_ascii_uppercase().to_string())
        }
        // A1.3 under V1.
        (Kind::Action, Some(heading)) => {
            format!("{}{}.", part.prefix, heading.trim_start_matches(|c: char| !c.is_ascii_digit()))
        }
        _ => part.prefix.to_owned(),
    };
    let last = taken.iter().filter_map(|code| code.strip_prefix(&prefix)?.parse::<u32>().ok()).max();
    format!("{prefix}{}", last.map_or(1, |last| last.saturating_add(1)))
}

/// `13.c` after `13.a` and `13.b`.
fn lettered(of: &str, taken: &[String]) -> String {
    let free = ('a'..='z').map(|letter| format!("{of}.{letter}")).find(|code| !taken.contains(code));
    free.unwrap_or_else(|| format!("{of}.{}", taken.len() + 1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn draft() -> Document {
        let mut document = Document::parse(include_bytes!("../../demo/contrat-signe.json")).unwrap();
        document.plan.draft = true;
        document
    }

    fn place(word: &str) -> Place {
        Place::of(word).unwrap()
    }

    fn put(document: &Document, word: &str, code: Option<&str>, item: Value) -> Result<Document, Vec<Refusal>> {
        apply(document, place(word), Edit::Put { code: code.map(str::to_owned), item, confirmed: true })
    }

    fn shift(document: &Document, word: &str, code: &str, to: To) -> Document {
        apply(document, place(word), Edit::Move { code: code.into(), to }).unwrap()
    }

    fn remove(document: &Document, word: &str, code: &str) -> Result<Document, Vec<Refusal>> {
        apply(document, place(word), Edit::Remove { code: code.into() })
    }

    fn sentences(refused: Vec<Refusal>) -> Vec<String> {
        refused.into_iter().map(|it| format!("{}|{}", it.at, it.sentence)).collect()
    }

    #[test]
    fn an_element_put_as_it_is_changes_nothing() {
        let document = draft();
        for part in super::super::parts::PARTS {
            for placed in document.elements().iter().filter(|it| it.element.kind() == part.kind) {
                let code = placed.element.code();
                let state = item(&document, Place::Part(part), &code).unwrap();
                // Only what pilotage confirms by saving may differ.
                let again = put(&document, part.kind.field(), Some(&code), state).unwrap();
                let told = |it: &Document| {
                    it.write()
                        .to_string()
                        .replace("\"nature_confirmed\":true,", "")
                        .replace("\"direction_confirmed\":true,", "")
                };
                assert!(told(&again) == told(&document), "{} {code}", part.title);
            }
        }
    }

    #[test]
    fn the_plan_keeps_its_code_and_is_checked() {
        let mut state = item(&draft(), Place::Plan, "uca-iut-2021-2026").unwrap();
        state["last_year"] = 2020.into();
        let refused = sentences(put(&draft(), "plan", None, state).unwrap_err());
        assert!(refused.iter().any(|it| it.starts_with("last_year|La dernière année")), "{refused:?}");
    }

    #[test]
    fn a_node_takes_the_level_of_its_place_and_comes_after_its_siblings() {
        let document = draft();
        let parent = document.nodes.iter().find(|it| it.level == 2).unwrap().code.clone();
        let added =
            put(&document, "nodes", None, json!({"code": "O10", "parent": parent.as_str(), "label": "Nouveau"}));
        let added = added.unwrap();
        let at = added.nodes.iter().position(|it| it.code.as_str() == "O10").unwrap();
        assert_eq!(added.nodes[at].level, 3);
        assert_eq!(added.nodes[at - 1].parent.as_ref(), Some(&parent));
        let refused = put(&document, "nodes", None, json!({"code": "X", "parent": "O1", "label": "Trop bas"}));
        assert_eq!(sentences(refused.unwrap_err()), ["parent|Le contrat n’a pas tant de niveaux."]);
    }

    #[test]
    fn moving_a_node_takes_its_children_along() {
        let document = draft();
        let roots = |it: &Document| -> Vec<String> {
            it.nodes.iter().filter(|node| node.level == 1).map(|node| node.code.to_string()).collect()
        };
        let before = roots(&document);
        let moved = shift(&document, "nodes", &before[1], To::Up);
        assert_eq!(roots(&moved)[..2], [before[1].clone(), before[0].clone()]);
        assert!(moved.problems().is_empty());
        assert!(shift(&moved, "nodes", &before[1], To::Down) == document);
        assert!(shift(&document, "nodes", &before[0], To::Up) == document, "nothing is above the first");
        let last = shift(&document, "nodes", &before[0], To::Before(String::new()));
        assert_eq!(roots(&last).last(), before.first());
    }

    #[test]
    fn measures_follow_their_indicators() {
        let document = draft();
        let moved = shift(&document, "indicators", "2", To::Up);
        let order: Vec<&str> = moved.measures.iter().map(|it| it.code.as_str()).take(2).collect();
        assert_eq!(order, ["2", "1"]);
        let swapped = shift(&document, "measures", "13.b", To::Up);
        let order: Vec<&str> =
            swapped.measures.iter().map(|it| it.code.as_str()).filter(|code| code.starts_with("13.")).collect();
        assert_eq!(order[..2], ["13.b", "13.a"]);
    }

    #[test]
    fn what_hangs_from_an_element_keeps_it_and_is_named() {
        let refused = sentences(remove(&draft(), "nodes", "O1").unwrap_err());
        assert!(refused[0].starts_with("|« O1 » sert encore : Indicateur 1, "), "{refused:?}");
        assert!(refused[0].contains("Jalon J3. Retirez-les"), "{refused:?}");
        let refused = sentences(remove(&draft(), "measures", "4").unwrap_err());
        assert!(refused[0].starts_with("|« 4 » sert encore : Situation de la mesure 4."), "{refused:?}");
        assert!(remove(&draft(), "measures", "1").is_ok(), "its target goes with it");
    }

    #[test]
    fn a_change_of_code_is_followed_everywhere() {
        let mut state = item(&draft(), place("nodes"), "O1").unwrap();
        state["code"] = "O1-bis".into();
        let renamed = put(&draft(), "nodes", Some("O1"), state).unwrap();
        let text = renamed.write().to_string();
        assert!(!text.contains("\"O1\"") && text.contains("\"O1-bis\""));
    }

    #[test]
    fn a_measure_carries_its_target() {
        let document = draft();
        let mut state = item(&document, place("measures"), "1").unwrap();
        assert_eq!(state["target"]["value"], json!("11"));
        state["target"] = json!({"status": "valeur", "value": "12"});
        state["yearly"] = json!([{"period": "2022-2023", "value": "9"}]);
        let changed = put(&document, "measures", Some("1"), state.clone()).unwrap();
        let target = changed.targets.iter().find(|it| it.measure.as_str() == "1").unwrap();
        assert_eq!((target.figure.value, target.yearly.len()), ("12".parse().ok(), 1));
        state["yearly"] = json!([{"period": "dès 2022", "value": "9"}]);
        let refused = sentences(put(&document, "measures", Some("1"), state.clone()).unwrap_err());
        assert!(refused[0].starts_with("yearly.0.period|Une période est attendue"), "{refused:?}");
        state.as_object_mut().unwrap().remove("yearly");
        state.as_object_mut().unwrap().remove("target");
        let without = put(&document, "measures", Some("1"), state).unwrap();
        assert!(without.targets.iter().all(|it| it.measure.as_str() != "1"));
    }

    #[test]
    fn what_pilotage_chooses_is_confirmed_and_a_director_s_change_is_not() {
        let document = draft();
        let mut state = item(&document, place("measures"), "1").unwrap();
        state["nature"] = "stock".into();
        let by = |confirmed| {
            let edit = Edit::Put { code: Some("1".into()), item: state.clone(), confirmed };
            let changed = apply(&document, place("measures"), edit).unwrap();
            let measure = changed.measures.into_iter().find(|it| it.code.as_str() == "1").unwrap();
            (measure.nature_confirmed, measure.direction_confirmed)
        };
        assert_eq!((by(true), by(false)), ((true, true), (false, false)));
    }

    #[test]
    fn a_jalon_is_due_on_the_last_day_and_has_a_state() {
        let jalon = json!({"code": "J99", "node": "O1", "label": "Fin", "precision": "mois", "due_on": "2024-02-03"});
        let added = put(&draft(), "jalons", None, jalon).unwrap();
        let found = added.jalons.iter().find(|it| it.code.as_str() == "J99").unwrap();
        assert_eq!(found.due_on, NaiveDate::from_ymd_opt(2024, 2, 29));
        assert!(found.state.is_some());
        let group = put(&draft(), "jalons", None, json!({"code": "J98", "node": "O1", "is_group": true}));
        assert!(group.is_ok(), "a group may wait for its jalons while drafting");
    }

    #[test]
    fn codes_are_proposed_after_those_taken() {
        let document = draft();
        let next = |word: &str, under: Option<&str>| next_code(&document, Part::of_field(word).unwrap(), under);
        assert_eq!(next("jalons", None), "J22");
        assert_eq!(next("jalons", Some("J16")), "J16.d");
        assert_eq!(next("measures", Some("4")), "4");
        assert_eq!(next("nodes", Some("T1.1")), "O10");
        assert_eq!(next("indicators", None), "20");
        assert_eq!(next("budget", None), "B9");
    }

    #[test]
    fn a_code_already_taken_is_refused_at_its_field() {
        let refused = sentences(put(&draft(), "headings", None, json!({"code": "V1", "title": "Encore"})).unwrap_err());
        assert_eq!(refused, ["code|Le code « V1 » est déjà pris dans cette liste."]);
    }

    #[test]
    fn a_missing_field_is_told_beside_it() {
        let refused = sentences(put(&draft(), "sections", None, json!({"code": "S1"})).unwrap_err());
        assert_eq!(refused.len(), 2);
        assert!(refused[0].starts_with("title|") && refused[1].starts_with("body|"), "{refused:?}");
    }
}
