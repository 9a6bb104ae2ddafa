//! One edit of a draft, as a document becomes another (docs/regles.md §9).
//!
//! An edit is made on the canonical JSON, then read and checked like any document: what makes one acceptable is written
//! once, in `document`, and its sentences come back beside the fields they are about.

use serde_json::Value;

use super::parts::{PLAN, Part};
use super::problems::{refusal, still_used};
use super::whole::{TARGET, Whole, code_of, put, shift, text};
use crate::document::model::{Document, Kind};
use crate::kernel::canonical::{Canonical, Problem, Reader};
use crate::web::fields::{Field, Refusal};

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

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn draft() -> Document {
        let mut document = Document::parse(include_bytes!("../../demo/contrat-signe.json")).unwrap();
        document.plan.draft = true;
        // Réserves speak of a signed document.
        document.reserves.clear();
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
        assert_eq!(found.due_on, chrono::NaiveDate::from_ymd_opt(2024, 2, 29));
        assert!(found.state.is_some());
        let group = put(&draft(), "jalons", None, json!({"code": "J98", "node": "O1", "is_group": true}));
        assert!(group.is_ok(), "a group may wait for its jalons while drafting");
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
