//! Adoption, votes, and what the text announces before it lists it.

use rust_decimal::Decimal;

use super::Facts;
use crate::plans::model::AdoptionStep;
use crate::plans::vote::{Check, Relation, identities};
use crate::printed::outcome::Control;
use crate::printed::{Amount, Family, Nature, Outcome, Says};
use crate::reserves::model::Subject;

/// In the order of the page.
pub const CATALOGUE: &[Control<Facts>] = &[
    Control {
        word: "adoption.votes",
        family: Family::Adoption,
        nature: Nature::Identity,
        rule: "Les voix pour, contre et les abstentions font le nombre de votants.",
        run: votes,
    },
    Control {
        word: "adoption.exercice",
        family: Family::Adoption,
        nature: Nature::Rule,
        rule: "Les présents et les représentés, ou à défaut les votants, ne sont pas plus nombreux que les membres en exercice.",
        run: in_office,
    },
    Control {
        word: "adoption.presents",
        family: Family::Adoption,
        nature: Nature::Rule,
        rule: "Les votants, et ceux qui ne prennent pas part au vote, sont présents ou représentés.",
        run: present,
    },
    Control {
        word: "adoption.majorite",
        family: Family::Adoption,
        nature: Nature::Rule,
        rule: "Une adoption ou un vote recueille plus de voix pour que de voix contre.",
        run: majority,
    },
    Control {
        word: "adoption.etapes",
        family: Family::Adoption,
        nature: Nature::Count,
        rule: "Le nombre d’étapes que le texte annonce est celui des dates où une étape d’adoption s’est tenue.",
        run: steps,
    },
    Control {
        word: "texte.enumeration",
        family: Family::Text,
        nature: Nature::Count,
        rule: "Le nombre que le texte annonce est celui des choses qu’il énumère ensuite.",
        run: listed,
    },
];

/// What each recorded vote should satisfy, as its own page tells it.
fn each(control: &Control<Facts>, facts: &Facts, check: Check) -> Vec<Outcome> {
    let found = facts.steps.iter().filter_map(|step| {
        let vote = step.vote.as_ref()?;
        let it = identities(step.act, vote).into_iter().find(|it| it.check == check)?;
        let mut outcome = control.on(step.code.as_str(), format!("{} : {}", step.body, it.rule()));
        for (label, value) in it.left.0.iter().chain(&it.right.0) {
            outcome = outcome.input(*label, count(i64::from(*value)), None);
        }
        let (left, right) = (it.left.sum(), it.right.sum());
        // Beside the figure of the record, the nearest one that would hold.
        let outcome = match it.relation {
            Relation::Equal => outcome.compared(count(right), count(left)),
            Relation::AtMost => outcome.ruled(it.holds(), count(left), count(left.min(right))),
            Relation::MoreThan => outcome.ruled(it.holds(), count(left), count(left.max(right + 1))),
        };
        Some(outcome.about(Subject::Step, Some(step.code.as_str())).at(vote.lines.iter().copied()))
    });
    found.collect()
}

fn count(value: i64) -> Amount {
    Amount::Count(Decimal::from(value))
}

fn votes(control: &Control<Facts>, facts: &Facts) -> Vec<Outcome> {
    each(control, facts, Check::Votes)
}

fn in_office(control: &Control<Facts>, facts: &Facts) -> Vec<Outcome> {
    each(control, facts, Check::Office)
}

fn present(control: &Control<Facts>, facts: &Facts) -> Vec<Outcome> {
    each(control, facts, Check::Room)
}

fn majority(control: &Control<Facts>, facts: &Facts) -> Vec<Outcome> {
    each(control, facts, Check::Majority)
}

fn steps(control: &Control<Facts>, facts: &Facts) -> Vec<Outcome> {
    let own: Vec<&AdoptionStep> = facts.steps.iter().filter(|it| it.avenant.is_none()).collect();
    let days = AdoptionStep::days(&facts.steps);
    let of = |mention: &crate::printed::Mention| {
        let mut outcome = control.on(mention.code.as_str(), "Étapes annoncées et étapes tenues").said(mention);
        for step in &own {
            let date = step.date_printed.clone().or_else(|| step.held_on.map(crate::kernel::date::short));
            if let Some(date) = date {
                outcome = outcome.input(format!("{} : {}", step.body, step.label), Amount::Text(date), None);
            }
        }
        Some(outcome.compared(Amount::Count(mention.value?), Amount::count(days)))
    };
    facts.mentions.saying(Says::Steps).filter_map(of).collect()
}

fn listed(control: &Control<Facts>, facts: &Facts) -> Vec<Outcome> {
    let of = |mention: &crate::printed::Mention| {
        let words = mention.text.as_deref().unwrap_or("ce que le texte énumère");
        let outcome = control.on(mention.code.as_str(), format!("« {words} » et leur énumération")).said(mention);
        let outcome = outcome.terms(&mention.terms).noted("");
        Some(outcome.compared(Amount::Count(mention.value?), Amount::count(mention.terms.len())))
    };
    facts.mentions.saying(Says::Listed).filter_map(of).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::canonical;
    use crate::printed::{Verdict, outcome::run};
    use rstest::rstest;

    fn facts(vote: &str) -> Facts {
        let text =
            format!(r#"[{{"code": "ca", "body": "Conseil", "act": "vote", "label": "Contrat", "vote": {vote}}}]"#);
        Facts { steps: canonical::from_text(&text).unwrap(), ..Facts::default() }
    }

    #[rstest]
    #[case(r#"{"voters": 28, "in_favour": 23, "against": 1, "abstentions": 4}"#, &[Verdict::Holds, Verdict::Holds])]
    #[case(r#"{"voters": 28, "in_favour": 23, "against": 1, "abstentions": 5}"#, &[Verdict::Gap, Verdict::Holds])]
    #[case(r#"{"voters": 28, "in_office": 41}"#, &[Verdict::Holds])]
    #[case(r#"{"voters": 42, "in_office": 41}"#, &[Verdict::Gap])]
    #[case(r#"{"voters": 28, "present": 20, "represented": 9, "no_part": 1}"#, &[Verdict::Holds])]
    #[case(r#"{"voters": 28, "present": 20, "represented": 0}"#, &[Verdict::Gap])]
    #[case(r#"{"voters": 28, "present": 20}"#, &[])]
    #[case(r#"{"in_favour": 12, "against": 12}"#, &[Verdict::Gap])]
    #[case(r#"{"in_favour": 23}"#, &[])]
    fn votes_add_up(#[case] vote: &str, #[case] expected: &[Verdict]) {
        let verdicts: Vec<Verdict> = run(CATALOGUE, &facts(vote)).iter().map(|it| it.verdict).collect();
        assert_eq!(verdicts, expected);
    }
}
