//! A problem of the whole document, told to whoever edits one element of it: beside its field, or by the name of what it
//! is about.

use serde_json::Value;

use super::model::Place;
use super::parts::Part;
use super::whole::{TARGET, code_of, text};
use crate::document::model::Kind;
use crate::kernel::canonical::Problem;
use crate::web::fields::{Refusal, nearest};

/// Everything that the check misses an element for hangs from it.
pub fn still_used(whole: &Value, code: &str, problems: &[Problem]) -> Refusal {
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
pub fn refusal(whole: &Value, place: Place, code: &str, problem: Problem) -> Refusal {
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
