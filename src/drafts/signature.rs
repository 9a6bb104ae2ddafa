//! What a draft lacks, and the signature that makes a contract of it (docs/regles.md §9).

use chrono::NaiveDate;
use serde_json::Value;

use crate::document::model::{Document, Kind};
use crate::indicators::progress::{Direction, Nature};
use crate::kernel::canonical::{Canonical, Reader};
use crate::kernel::ids::Code;
use crate::plans::model::{Act, AdoptionStep};
use crate::web::fields::{Field, Input, Refusal};

/// Code of the step a signature adds when the draft had none.
const STEP: &str = "signature";

/// The form of the signature.
pub const FIELDS: &[Field] = &[
    Field { name: "held_on", label: "Date de signature", hint: "", input: Input::Date },
    Field { name: "reference", label: "Référence", hint: "De l’acte ou de la délibération.", input: Input::Line },
    Field { name: "body", label: "Signataires", hint: "Les deux parties, par leur fonction.", input: Input::Line },
];

/// Something a reader of the contract will look for and not find.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Missing {
    /// The contract cannot be signed without it.
    pub needed: bool,
    /// A sentence.
    pub sentence: String,
    /// The element where it is to be said: list and code.
    pub at: Option<(Kind, String)>,
}

/// What the draft lacks: first what its signature needs, then what is allowed and said.
pub fn missing(document: &Document) -> Vec<Missing> {
    let mut found: Vec<Missing> = Vec::new();
    let mut say = |needed: bool, kind: Kind, code: &Code, sentence: String| {
        found.push(Missing { needed, sentence, at: Some((kind, code.to_string())) });
    };
    for it in &document.indicators {
        if !document.measures.iter().any(|measure| measure.indicator == it.code) {
            say(true, Kind::Indicator, &it.code, format!("L’indicateur {} n’a pas de mesure.", it.code));
        }
    }
    for it in document.jalons.iter().filter(|it| it.is_group) {
        if !document.jalons.iter().any(|leaf| leaf.parent.as_ref() == Some(&it.code)) {
            say(true, Kind::Jalon, &it.code, format!("Le groupe de jalons {} n’a pas de jalon.", it.code));
        }
    }
    for it in &document.measures {
        let target = document.targets.iter().any(|target| target.measure == it.code);
        let lacks: Vec<&str> = [
            (it.reference.is_none(), "référence"),
            (!target, "cible"),
            (it.direction == Direction::ToChoose, "sens"),
            (it.nature == Nature::ToConfirm, "nature"),
        ]
        .into_iter()
        .filter_map(|(lacks, what)| lacks.then_some(what))
        .collect();
        if !lacks.is_empty() {
            say(false, Kind::Measure, &it.code, format!("La mesure {} est sans {}.", it.code, lacks.join(", sans ")));
        }
    }
    for it in &document.nodes {
        let leaf = !document.nodes.iter().any(|child| child.parent.as_ref() == Some(&it.code));
        let empty = !document.indicators.iter().any(|indicator| indicator.node == it.code)
            && !document.jalons.iter().any(|jalon| jalon.node == it.code);
        if leaf && empty {
            say(false, Kind::Node, &it.code, format!("« {} » n’a ni indicateur ni jalon.", it.label));
        }
    }
    for it in document.budget.iter().filter(|it| it.cost.is_none()) {
        say(false, Kind::BudgetLine, &it.code, format!("La ligne budgétaire {} n’a pas de coût.", it.code));
    }
    let lists = [
        (document.nodes.is_empty(), true, Kind::Node, "L’arbre est vide : le contrat n’a pas d’objectif."),
        (document.plan.parties.is_empty(), false, Kind::Plan, "Les parties ne sont pas nommées."),
        (document.sections.is_empty(), false, Kind::Section, "Le contrat n’a pas de texte."),
    ];
    let lists = lists.into_iter().filter(|(lacks, ..)| *lacks).map(|(_, needed, kind, sentence)| {
        let code = if kind == Kind::Plan { document.plan.code.to_string() } else { String::new() };
        Missing { needed, sentence: sentence.into(), at: Some((kind, code)) }
    });
    let mut found: Vec<Missing> = lists.chain(found).collect();
    found.sort_by_key(|it| !it.needed);
    found
}

/// The contract that a draft becomes.
///
/// # Errors
/// Beside the fields of the form, or about what the draft lacks.
pub fn sign(document: &Document, item: &Value, today: NaiveDate) -> Result<Document, Vec<Refusal>> {
    let mut refusals: Vec<Refusal> = missing(document)
        .into_iter()
        .filter(|it| it.needed)
        .map(|it| Refusal::new("", format!("{} Complétez-le avant la signature.", it.sentence)))
        .collect();
    let mut reader = Reader::default();
    let mut text =
        |key: &'static str| item.as_object().and_then(|it| reader.field::<Option<String>>(it, key)).flatten();
    let (reference, body) = (text("reference"), text("body"));
    refusals.extend(crate::web::fields::beside(FIELDS, reader.into_problems()));
    let day = item.get("held_on").and_then(Value::as_str).and_then(|day| day.parse::<NaiveDate>().ok());
    match day {
        None => refusals.push(Refusal::new("held_on", "La date de signature est attendue, par exemple 15/04/2027.")),
        Some(day) if day > today => {
            refusals.push(Refusal::new("held_on", "La signature n’a pas encore eu lieu à cette date."));
        }
        Some(_) => {}
    }
    if reference.is_none() {
        refusals.push(Refusal::new("reference", "Indiquez la référence de l’acte."));
    }
    let Some(body) = body else {
        refusals.push(Refusal::new("body", "Nommez les deux signataires par leur fonction."));
        return Err(refusals);
    };
    let mut signed = document.clone();
    signed.plan.draft = false;
    let planned = signed.steps.iter_mut().find(|it| it.act == Act::Signature && it.held_on.is_none());
    if let Some(step) = planned {
        (step.held_on, step.reference, step.body) = (day, reference, body);
    } else {
        let Some(code) = free_code(document) else { return Err(refusals) };
        signed.steps.push(AdoptionStep {
            code,
            body,
            act: Act::Signature,
            label: "Signature du contrat".into(),
            held_on: day,
            date_printed: None,
            reference,
            vote: None,
            transmitted_on: None,
            published_on: None,
            avenant: None,
        });
    }
    refusals.extend(signed.problems().into_iter().map(|it| Refusal::new("", it.to_string())));
    if refusals.is_empty() { Ok(signed) } else { Err(refusals) }
}

/// A step code that no step has.
fn free_code(document: &Document) -> Option<Code> {
    let taken = |code: &Code| document.steps.iter().any(|it| it.code == *code);
    let numbered = (2..).map(|number| format!("{STEP}-{number}"));
    std::iter::once(STEP.to_owned()).chain(numbered).filter_map(|code| Code::new(&code)).find(|code| !taken(code))
}

/// The signatories that the form proposes.
pub fn signatories(document: &Document) -> String {
    let planned = document.steps.iter().find(|it| it.act == Act::Signature && it.held_on.is_none());
    planned.map_or_else(|| format!("Directoire et direction : {}", document.structure.label), |step| step.body.clone())
}

/// As the form's fields take it.
pub fn proposed(document: &Document) -> Value {
    let mut item = serde_json::Map::new();
    item.insert("body".into(), signatories(document).write());
    Value::Object(item)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const TODAY: NaiveDate = NaiveDate::from_ymd_opt(2027, 5, 1).unwrap();

    fn draft() -> Document {
        let mut document = Document::parse(include_bytes!("../../demo/contrat-signe.json")).unwrap();
        document.plan.draft = true;
        document
    }

    fn form(day: &str) -> Value {
        json!({"held_on": day, "reference": "CA 2027-04", "body": "Directoire et direction de l’IUT"})
    }

    #[test]
    fn the_signature_fills_the_step_that_waits_for_it() {
        let signed = sign(&draft(), &form("2027-04-15"), TODAY).unwrap();
        let step = signed.steps.iter().find(|it| it.act == Act::Signature).unwrap();
        assert_eq!((step.code.as_str(), step.reference.as_deref()), ("signature", Some("CA 2027-04")));
        assert_eq!((signed.plan.draft, signed.steps.len()), (false, draft().steps.len()));
    }

    #[test]
    fn without_a_step_the_signature_adds_one() {
        let mut document = draft();
        document.steps.retain(|it| it.act != Act::Signature);
        let signed = sign(&document, &form("2027-04-15"), TODAY).unwrap();
        assert_eq!(signed.steps.len(), document.steps.len() + 1);
    }

    #[test]
    fn a_date_to_come_or_a_missing_reference_is_refused() {
        let at =
            |item: Value| sign(&draft(), &item, TODAY).unwrap_err().into_iter().map(|it| it.at).collect::<Vec<_>>();
        assert_eq!(at(form("2027-05-02")), ["held_on"]);
        assert_eq!(at(json!({})), ["held_on", "reference", "body"]);
    }

    #[test]
    fn what_the_draft_lacks_is_told_and_stops_the_signature() {
        let mut document = draft();
        document.measures.retain(|it| it.indicator.as_str() != "4");
        document.targets.retain(|it| it.measure.as_str() != "4");
        document.cells.retain(|it| it.measure.as_str() != "4");
        assert!(document.problems().is_empty(), "a draft may be incomplete");
        let found = missing(&document);
        assert_eq!(found[0].sentence, "L’indicateur 4 n’a pas de mesure.");
        assert!(found[0].needed && !found[1].needed);
        let refused = sign(&document, &form("2027-04-15"), TODAY).unwrap_err();
        assert!(refused.iter().any(|it| it.sentence.contains("L’indicateur 4 n’a pas de mesure.")), "{refused:?}");
    }
}
