//! What the form of a request says, new or amended, read whole: either what it means, or every sentence that refuses
//! it (docs/regles.md §8).

use serde::Deserialize;

use super::model::{Heading, Quantity, QuantityRole, Request};
use crate::arbitrages::amendment::RequestAsked;
use crate::arbitrages::entry::read_reason;
use crate::kernel::figure;
use crate::kernel::ids::Code;
use crate::kernel::typed::{kept, required, text};
use crate::plans::model::Node;

/// Longest request, in characters; the form's `maxlength` shares it.
pub const LABEL_MAX: usize = 1_000;
/// Longest unit, or quantity that is no number.
pub const UNIT_MAX: usize = 120;
/// Most quantities of a request.
pub const QUANTITIES_MAX: usize = 20;

/// A request as typed; the three parts of each quantity come in step.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "each field is the form's own")]
pub struct RequestTyped {
    pub label: String,
    pub quantity: Vec<String>,
    pub unit: Vec<String>,
    pub role: Vec<String>,
    pub heading: String,
    pub node: String,
    pub reason: String,
    /// The rank that its author expects the step to take.
    pub rank: String,
}

/// Why it is refused, field by field; empty where nothing is wrong.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "each field is the form's own")]
pub struct RequestRefused {
    pub label: String,
    pub quantities: String,
    pub heading: String,
    pub node: String,
    pub reason: String,
}

impl RequestTyped {
    /// What a form shows of what is asked.
    pub fn of(asked: &RequestAsked) -> Self {
        let number = |it: &Quantity| it.value.map(figure::for_input).or_else(|| it.printed.clone()).unwrap_or_default();
        Self {
            label: asked.label.clone(),
            quantity: asked.quantities.iter().map(number).collect(),
            unit: asked.quantities.iter().map(|it| it.unit.clone()).collect(),
            role: asked.quantities.iter().map(|it| it.role.word().to_owned()).collect(),
            ..Self::default()
        }
    }

    /// Each quantity as typed: number, unit, word of its role.
    pub fn rows(&self) -> impl Iterator<Item = (String, String, String)> {
        let count = self.quantity.len().max(self.unit.len());
        let text = |list: &[String], place: usize| list.get(place).cloned().unwrap_or_default();
        (0..count).map(move |place| (text(&self.quantity, place), text(&self.unit, place), text(&self.role, place)))
    }
}

/// One quantity; `None` for a row left blank.
fn read_quantity((number, unit, role): (String, String, String)) -> Result<Option<Quantity>, String> {
    let (number, unit) = (text(&number, UNIT_MAX)?, text(&unit, UNIT_MAX)?);
    match (number, unit) {
        (None, None) => Ok(None),
        (None, Some(unit)) => Err(format!("Dites combien : « {unit} » n’a pas de nombre.")),
        (Some(number), None) => Err(format!("Dites de quoi : « {number} » n’a pas d’unité.")),
        (Some(number), Some(unit)) => {
            let value = figure::parse_number(&number).ok().flatten();
            if value.is_some_and(|value| value.is_sign_negative()) {
                return Err("Une quantité ne peut pas être négative.".into());
            }
            let printed = value.is_none().then_some(number);
            let role = QuantityRole::from_word(&role).unwrap_or(QuantityRole::Asked);
            Ok(Some(Quantity { value, printed, unit, role }))
        }
    }
}

/// What a request asks, and why it changes.
///
/// # Errors
/// Every sentence, at its field.
pub fn read_request(typed: &RequestTyped) -> Result<(RequestAsked, String), RequestRefused> {
    let mut refused = RequestRefused::default();
    let label = kept(required(&typed.label, LABEL_MAX, "Dites ce qui est demandé."), &mut refused.label);
    let quantities: Result<Vec<Option<Quantity>>, String> = typed.rows().map(read_quantity).collect();
    let quantities = quantities.and_then(|list| {
        let list: Vec<Quantity> = list.into_iter().flatten().collect();
        if list.len() > QUANTITIES_MAX { Err(format!("Au plus {QUANTITIES_MAX} quantités.")) } else { Ok(list) }
    });
    let quantities = kept(quantities, &mut refused.quantities);
    let reason = kept(read_reason(&typed.reason), &mut refused.reason);
    match (label, quantities, reason) {
        (Some(label), Some(quantities), Some(reason)) => Ok((RequestAsked { label, quantities }, reason)),
        _ => Err(refused),
    }
}

/// One of these codes, or none.
fn chosen<'a>(typed: &str, mut known: impl Iterator<Item = &'a Code>, otherwise: &str) -> Result<Option<Code>, String> {
    match typed.trim() {
        "" => Ok(None),
        code => known.find(|it| it.as_str() == code).cloned().map(Some).ok_or_else(|| otherwise.to_owned()),
    }
}

/// A new request, under a heading, an objective or neither, with the first free code.
///
/// # Errors
/// Every sentence, at its field.
pub fn read_new(
    typed: &RequestTyped,
    requests: &[Request],
    headings: &[Heading],
    nodes: &[Node],
) -> Result<(Request, String), RequestRefused> {
    let read = read_request(typed);
    let mut refused = read.as_ref().err().cloned().unwrap_or_default();
    let (headings, nodes) = (headings.iter().map(|it| &it.code), nodes.iter().map(|it| &it.code));
    let heading = kept(chosen(&typed.heading, headings, "Ce contrat n’a pas ce volet."), &mut refused.heading);
    let node = kept(chosen(&typed.node, nodes, "Ce contrat n’a pas cet objectif."), &mut refused.node);
    if heading.as_ref().is_some_and(Option::is_some) && node.as_ref().is_some_and(Option::is_some) {
        refused.node = "Choisissez un volet ou un objectif, pas les deux.".into();
        return Err(refused);
    }
    let taken = |code: &str| requests.iter().any(|it| it.code.as_str() == code);
    let code = Code::free(1, requests.len(), |number| format!("DEM-{number}"), taken);
    match (read, heading, node, code) {
        (Ok((asked, reason)), Some(heading), Some(node), Some(code)) => {
            Ok((Request { code, heading, node, label: asked.label, quantities: asked.quantities }, reason))
        }
        _ => Err(refused),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(rows: &[(&str, &str, &str)]) -> RequestTyped {
        RequestTyped {
            label: "Structuration du service scolarité".into(),
            quantity: rows.iter().map(|row| row.0.into()).collect(),
            unit: rows.iter().map(|row| row.1.into()).collect(),
            role: rows.iter().map(|row| row.2.into()).collect(),
            reason: "effectifs en hausse".into(),
            ..RequestTyped::default()
        }
    }

    #[test]
    fn quantities_are_numbers_or_words_and_blank_rows_are_nothing() {
        let (asked, reason) =
            read_request(&typed(&[("1,5", "ETP", "demande"), ("2 ou 3", "ans", "duree"), ("", " ", "partie")]))
                .unwrap();
        let shown: Vec<String> = asked.quantities.iter().map(Quantity::words).collect();
        assert_eq!(shown, ["1,5 ETP", "2 ou 3 ans"]);
        assert_eq!(reason, "effectifs en hausse");
        // What a form shows reads back the same.
        let again = RequestTyped { reason, ..RequestTyped::of(&asked) };
        assert_eq!(read_request(&again).unwrap().0, asked);
    }

    #[test]
    fn a_quantity_lacks_neither_number_nor_unit() {
        assert!(read_request(&typed(&[("2", "", "demande")])).unwrap_err().quantities.contains("de quoi"));
        assert!(read_request(&typed(&[("", "ETP", "demande")])).unwrap_err().quantities.contains("combien"));
        assert!(read_request(&typed(&[("-2", "ETP", "demande")])).unwrap_err().quantities.contains("négative"));
        let nothing = read_request(&RequestTyped::default()).unwrap_err();
        assert!(!nothing.label.is_empty() && !nothing.reason.is_empty() && nothing.quantities.is_empty());
    }

    #[test]
    fn a_new_request_takes_the_first_free_code_and_hangs_from_what_exists() {
        let (first, _) = read_new(&typed(&[]), &[], &[], &[]).unwrap();
        let (second, _) = read_new(&typed(&[]), std::slice::from_ref(&first), &[], &[]).unwrap();
        assert_eq!((first.code.as_str(), second.code.as_str()), ("DEM-1", "DEM-2"));
        let lost = RequestTyped { heading: "V9".into(), node: "O9".into(), ..typed(&[]) };
        let refused = read_new(&lost, &[], &[], &[]).unwrap_err();
        assert!(!refused.heading.is_empty() && !refused.node.is_empty());
    }
}
