//! How a draft begins: from nothing, or from the shape of another plan (docs/regles.md §9).

use chrono::{Datelike, NaiveDate};
use rust_decimal::Decimal;
use serde_json::Value;

use super::whole::last_of_month;
use crate::commitments::model::ActionState;
use crate::document::model::{Document, Element, placed};
use crate::jalons::model::{Jalon, Precision, State};
use crate::kernel::canonical::{Canonical, Reader};
use crate::kernel::ids::Code;
use crate::plans::model::{AdoptionStep, Establishment, FrameworkRow, Plan, PlanKind, Structure};
use crate::web::fields::{self, Choice, Field, Input, Refusal};

/// Percent of the way between reference and target, for a plan that says nothing (docs/regles.md §9).
const THRESHOLD: u32 = 10;

/// The form of a new plan.
pub const NEW: &[Field] = &[
    Field { name: "structure", label: "Structure", hint: "", input: Input::One("structures") },
    Field {
        name: "kind",
        label: "Sorte",
        hint: "Elle donne ses noms aux niveaux de l’arbre.",
        input: Input::Word(|| PlanKind::ALL.iter().map(|it| Choice::new(it.word(), it.label())).collect()),
    },
    Field { name: "first_year", label: "Première année", hint: "", input: Input::Whole },
    Field { name: "last_year", label: "Dernière année", hint: "", input: Input::Whole },
    Field { name: "title", label: "Titre", hint: "", input: Input::Line },
    Field {
        name: "code",
        label: "Code",
        hint: "Il est dans toutes les adresses et ne change plus. Vide : établissement, structure et années.",
        input: Input::Line,
    },
    Field {
        name: "shape",
        label: "Sur le modèle de",
        hint: "Textes, arbre, indicateurs, jalons, rubriques, actions, demandes et lignes budgétaires sont repris, sans \
               valeur, sans montant, sans décision et sans poste ; les échéances sont décalées. Vide : rien n’est repris.",
        input: Input::One("plans"),
    },
];

/// What every plan of the establishment shares.
#[derive(Debug, Clone)]
pub struct Ground {
    /// The university.
    pub establishment: Establishment,
    /// Its framework.
    pub framework: Vec<FrameworkRow>,
    /// The structure that will sign.
    pub structure: Structure,
}

/// `uca-iut-2027-2032`.
fn proposed_code(ground: &Ground, item: &Value) -> String {
    let years = ["first_year", "last_year"].map(|key| item.get(key).map(Value::to_string).unwrap_or_default());
    let code = format!("{}-{}-{}", ground.establishment.code, ground.structure.code, years.join("-"));
    code.to_lowercase().replace(['.', '_'], "-")
}

/// The document of a new plan, out of its form's fields.
///
/// # Errors
/// What does not hold, beside its field.
pub fn begin(ground: Ground, mut item: Value, like: Option<&Document>) -> Result<Document, Vec<Refusal>> {
    let code = proposed_code(&ground, &item);
    let kind = item.get("kind").and_then(Value::as_str).and_then(PlanKind::from_word);
    if let Some(object) = item.as_object_mut() {
        object.remove("structure");
        object.remove("shape");
        object.entry("code").or_insert_with(|| code.into());
        let levels =
            kind.map(PlanKind::levels).unwrap_or_default().iter().map(|it| (*it).to_owned()).collect::<Vec<_>>();
        object.insert("levels".into(), levels.write());
        object.insert("deviation_threshold".into(), Decimal::from(THRESHOLD).write());
        object.insert("draft".into(), true.into());
    }
    let mut reader = Reader::default();
    let plan = Plan::read(&item, &mut reader);
    let problems = reader.into_problems();
    let begun = plan.filter(|_| problems.is_empty()).and_then(|plan| empty(ground, plan));
    let Some(mut document) = begun else { return Err(fields::beside(NEW, problems)) };
    if let Some(like) = like.filter(|like| like.plan.kind == document.plan.kind) {
        take_shape(&mut document, like);
    } else if like.is_some() {
        return Err(vec![Refusal::new(
            "shape",
            "ce modèle est d’une autre sorte : son arbre n’a pas les mêmes niveaux.",
        )]);
    }
    let problems = document.problems();
    if problems.is_empty() {
        return Ok(document);
    }
    let refusals = problems.into_iter().map(|problem| match problem.place.strip_prefix("plan.") {
        Some(field) => Refusal::new(fields::nearest(NEW, field), problem.sentence),
        None => Refusal::new("shape", format!("{} : {}", problem.place, problem.sentence)),
    });
    Err(refusals.collect())
}

/// A document with nothing in it yet.
fn empty(ground: Ground, plan: Plan) -> Option<Document> {
    let elements = [
        placed([ground.establishment], Element::Establishment),
        placed(ground.framework, Element::FrameworkRow),
        placed([ground.structure], Element::Structure),
        placed([plan], Element::Plan),
    ];
    Document::of_elements(elements.concat())
}

/// Takes the definitions of another plan: never its values, targets, amounts, decisions, posts, nor what was said of its
/// jalons, actions and commitments; and nothing that its document had printed.
fn take_shape(document: &mut Document, like: &Document) {
    let same = document.structure.code == like.structure.code;
    let shift = document.plan.first_year - like.plan.first_year;
    document.plan.levels.clone_from(&like.plan.levels);
    document.plan.deviation_threshold = like.plan.deviation_threshold;
    if same {
        document.plan.parties.clone_from(&like.plan.parties);
    }
    document.sections.clone_from(&like.sections);
    // Avenants are the other contract's own: what they made of its definitions is where this one begins.
    document.steps = like.steps.iter().filter(|it| it.avenant.is_none()).map(blank_step).collect();
    document.nodes.clone_from(&like.nodes);
    document.nodes.iter_mut().for_each(|it| it.label_printed = None);
    document.indicators.clone_from(&like.indicators);
    for it in &mut document.indicators {
        (it.availability_printed, it.origin_printed, it.columns_printed) = (None, None, Vec::new());
        it.amended.clear();
    }
    document.measures.clone_from(&like.measures);
    for it in &mut document.measures {
        it.reference = None;
        it.amended.clear();
    }
    document.jalons = like.jalons.iter().map(|it| blank_jalon(it, shift)).collect();
    document.headings.clone_from(&like.headings);
    document.actions.clone_from(&like.actions);
    for it in &mut document.actions {
        (it.state, it.note, it.provenance) = (ActionState::Planned, None, None);
    }
    document.requests.clone_from(&like.requests);
    document.commitments.clone_from(&like.commitments);
    document.commitments.iter_mut().for_each(|it| it.years = Vec::new());
    document.budget.clone_from(&like.budget);
    let sites: Vec<&Code> = document.structure.sites.iter().map(|it| &it.code).collect();
    for it in &mut document.budget {
        (it.objective_printed, it.objective_inherited, it.provenance) = (None, false, None);
        (it.years, it.years_printed) = (Vec::new(), None);
        (it.cost, it.cost_printed) = (None, None);
        (it.participation, it.participation_printed) = (None, None);
        (it.self_financing, it.self_financing_printed, it.schedule) = (Vec::new(), None, Vec::new());
        it.site = it.site.take().filter(|site| sites.contains(&site));
    }
}

fn blank_step(it: &AdoptionStep) -> AdoptionStep {
    AdoptionStep {
        held_on: None,
        date_printed: None,
        reference: None,
        vote: None,
        transmitted_on: None,
        published_on: None,
        ..it.clone()
    }
}

/// The jalon with its date moved by as many years as the plan, and nothing said of it yet.
fn blank_jalon(it: &Jalon, years: i32) -> Jalon {
    let given = it.redated.last();
    let precision = given.map(|given| given.precision).or(it.precision);
    let due_on = given.map(|given| given.due_on).or(it.due_on);
    Jalon {
        due_on: due_on.and_then(|day| shifted(day, years, precision)),
        condition: it.condition.clone().filter(|_| given.is_none()),
        precision,
        redated: Vec::new(),
        due_printed: None,
        state: it.state.map(|_| State::ToCome),
        reached_on: None,
        evidence: None,
        reason: None,
        postponed_to: None,
        comment: None,
        provenance: None,
        ..it.clone()
    }
}

fn shifted(day: NaiveDate, years: i32, precision: Option<Precision>) -> Option<NaiveDate> {
    let first = NaiveDate::from_ymd_opt(day.year() + years, day.month(), 1)?;
    match precision {
        Some(Precision::Month) => last_of_month(first),
        _ => NaiveDate::from_ymd_opt(day.year() + years, day.month(), day.day()).or_else(|| last_of_month(first)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn signed() -> Document {
        Document::parse(include_bytes!("../../demo/contrat-signe.json")).unwrap()
    }

    fn ground() -> Ground {
        let Document { establishment, framework, structure, .. } = signed();
        Ground { establishment, framework, structure }
    }

    fn form() -> Value {
        json!({"kind": "cpom", "first_year": 2027, "last_year": 2032, "title": "Contrat 2027-2032", "shape": "x"})
    }

    #[test]
    fn a_draft_from_nothing_has_its_kind_s_levels_and_a_code() {
        let draft = begin(ground(), form(), None).unwrap();
        assert_eq!(draft.plan.code.as_str(), "uca-iut-2027-2032");
        assert_eq!(draft.plan.levels, ["Domaine", "Thématique", "Objectif"]);
        assert!(draft.plan.draft && draft.nodes.is_empty());
    }

    #[test]
    fn the_shape_of_the_signed_contract_holds_and_says_nothing_of_the_past() {
        let (like, draft) = (signed(), begin(ground(), form(), Some(&signed())).unwrap());
        assert_eq!((draft.nodes.len(), draft.measures.len(), draft.jalons.len()), (20, 22, 26));
        assert_eq!((draft.actions.len(), draft.requests.len(), draft.budget.len()), (26, 24, 8));
        assert!(draft.cells.is_empty() && draft.targets.is_empty() && draft.arbitrages.is_empty());
        assert!(draft.posts.is_empty() && draft.post_tables.is_empty() && draft.conditions.is_empty());
        assert!(draft.budget.iter().all(|it| it.cost.is_none() && it.self_financing.is_empty()));
        assert!(draft.steps.iter().all(|it| it.held_on.is_none() && it.vote.is_none()));
        let due = |document: &Document, code: &str| document.jalons.iter().find(|it| it.code.as_str() == code)?.due_on;
        assert_eq!(due(&like, "J3"), NaiveDate::from_ymd_opt(2022, 12, 31));
        assert_eq!(due(&draft, "J3"), NaiveDate::from_ymd_opt(2028, 12, 31));
        // The framework is the establishment's, as it is.
        let text = Document { framework: Vec::new(), ..draft }.write().to_string();
        assert!(!text.contains("_printed"), "something printed was kept");
    }

    #[test]
    fn years_that_do_not_follow_are_refused_at_their_field() {
        let mut form = form();
        form["last_year"] = 2026.into();
        let refused = begin(ground(), form, None).unwrap_err();
        assert_eq!(refused.iter().map(|it| it.at.as_str()).collect::<Vec<_>>(), ["last_year"]);
    }

    #[test]
    fn a_shape_of_another_kind_is_refused() {
        let mut form = form();
        form["kind"] = "contribution_regionale".into();
        assert_eq!(begin(ground(), form, Some(&signed())).unwrap_err()[0].at, "shape");
    }

    #[test]
    fn the_end_of_february_stays_the_end_of_february() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        assert_eq!(shifted(day("2024-02-29"), 1, Some(Precision::Month)), Some(day("2025-02-28")));
        assert_eq!(shifted(day("2023-02-28"), 1, Some(Precision::Month)), Some(day("2024-02-29")));
        assert_eq!(shifted(day("2023-12-31"), 6, Some(Precision::Year)), Some(day("2029-12-31")));
    }
}
