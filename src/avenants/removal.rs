//! What an adoption step is needed for: it does not go while something stands on it (docs/regles.md §9).

use rust_decimal::Decimal;

use super::model::Avenant;
use crate::kernel::ids::Code;
use crate::plans::model::{Act, AdoptionStep};
use crate::printed::{Mentions, Says};
use crate::reserves::model::{Reserve, Subject};

/// What surrounds the steps of a contract.
#[derive(Debug, Clone, Copy)]
pub struct Around<'a> {
    /// All of its steps.
    pub steps: &'a [&'a AdoptionStep],
    /// Its avenants.
    pub avenants: &'a [Avenant],
    /// Its réserves.
    pub reserves: &'a [Reserve],
    /// What its document says in figures.
    pub mentions: &'a Mentions,
}

/// Why a step stays; `None` when nothing needs it.
pub fn kept_by(step: &AdoptionStep, around: &Around<'_>) -> Option<String> {
    if step.avenant.is_none() && step.act == Act::Signature {
        return Some("C’est la signature du contrat : elle se corrige, et ne se retire pas.".into());
    }
    let adopted = step.avenant.as_ref().and_then(|code| around.avenants.iter().find(|it| it.code == *code));
    if let Some(avenant) = adopted.filter(|it| it.since.is_some()) {
        let name = avenant.name().to_lowercase();
        return Some(format!("L’{name} est en vigueur : les étapes de son adoption ne se retirent pas."));
    }
    let touches = |code: Option<&str>| code == Some(step.code.as_str());
    let reserve = around.reserves.iter().find(|reserve| {
        reserve.touches.iter().any(|it| it.subject == Subject::Step && touches(it.code.as_ref().map(Code::as_str)))
    });
    if let Some(reserve) = reserve {
        return Some(format!("La réserve de lecture {} porte sur cette étape.", reserve.code));
    }
    let named = around.mentions.0.iter().any(|mention| mention.codes(Subject::Step).any(|code| touches(Some(code))));
    // Only a document prints a date: a form says a day.
    if named || step.date_printed.is_some() {
        return Some("Cette étape est dans le document signé : elle se corrige, et ne se retire pas.".into());
    }
    // The control of what the text announces would find one day less.
    let (with, without) = (
        AdoptionStep::days(around.steps.iter().copied()),
        AdoptionStep::days(around.steps.iter().copied().filter(|it| it.code != step.code)),
    );
    let announced = around.mentions.saying(Says::Steps).filter_map(|mention| mention.value).max();
    announced.filter(|announced| without < with && Decimal::from(without) < *announced).map(|announced| {
        format!("Le contrat annonce {announced} étapes d’adoption, et celle-ci en est une : un contrôle les compte.")
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::canonical::from_text;

    fn step(text: &str) -> AdoptionStep {
        from_text(&format!(r#"{{"code": "E1", "body": "Conseil", "label": "Contrat", {text}}}"#)).unwrap()
    }

    fn why(step: &AdoptionStep, avenants: &str, reserves: &str, mentions: &str) -> Option<String> {
        let other = AdoptionStep { code: Code::new("autre").unwrap(), held_on: None, ..step.clone() };
        let (avenants, reserves): (Vec<Avenant>, Vec<Reserve>) =
            (from_text(avenants).unwrap(), from_text(reserves).unwrap());
        let mentions = Mentions(from_text(mentions).unwrap());
        let around = Around { steps: &[step, &other], avenants: &avenants, reserves: &reserves, mentions: &mentions };
        kept_by(step, &around)
    }

    #[test]
    fn a_step_goes_when_nothing_needs_it() {
        let vote = step(r#""act": "vote", "held_on": "2025-06-02""#);
        assert_eq!(why(&vote, "[]", "[]", "[]"), None);
        let announced = |count: u32| format!(r#"[{{"code": "m", "says": "etapes", "value": "{count}"}}]"#);
        assert!(why(&vote, "[]", "[]", &announced(1)).unwrap().contains("annonce 1"));
        assert_eq!(why(&step(r#""act": "vote""#), "[]", "[]", &announced(1)), None, "without a day it is not counted");
        let named =
            r#"[{"code": "m", "says": "lieu", "about": [{"subject": "adoption", "code": "E1"}], "lines": [24]}]"#;
        assert!(why(&vote, "[]", "[]", named).unwrap().contains("document signé"));
        let printed = step(r#""act": "vote", "held_on": "2022-03-08", "date_printed": "8 mars 2022""#);
        assert!(why(&printed, "[]", "[]", "[]").unwrap().contains("document signé"));
    }

    #[test]
    fn a_signature_and_the_steps_of_an_avenant_in_force_stay() {
        assert!(why(&step(r#""act": "signature""#), "[]", "[]", "[]").unwrap().contains("signature"));
        let of_avenant = step(r#""act": "signature", "avenant": "1""#);
        let avenant = |more: &str| format!(r#"[{{"code": "1", "reason": "Effectifs"{more}}}]"#);
        assert_eq!(why(&of_avenant, &avenant(""), "[]", "[]"), None, "it is still being prepared");
        assert!(why(&of_avenant, &avenant(r#", "since": 2026"#), "[]", "[]").unwrap().contains("en vigueur"));
    }

    #[test]
    fn a_step_that_a_reserve_touches_stays() {
        let reserve = r#"[{"code": "R7", "origin": "document", "label": "Deux dates",
            "touches": [{"subject": "adoption", "code": "E1"}], "readings": [], "in_use": "a", "why": "non dit"}]"#;
        assert!(why(&step(r#""act": "vote""#), "[]", reserve, "[]").unwrap().contains("R7"));
    }
}
