//! Adoption, votes, and what the text announces before it lists it.

use std::collections::BTreeSet;

use rust_decimal::Decimal;

use super::Facts;
use crate::plans::model::{AdoptionStep, Vote};
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
        rule: "Les votants ne sont pas plus nombreux que les membres en exercice.",
        run: in_office,
    },
    Control {
        word: "adoption.presents",
        family: Family::Adoption,
        nature: Nature::Identity,
        rule: "Présents et représentés sont les votants et ceux qui ne prennent pas part au vote.",
        run: present,
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

fn count(value: i32) -> Amount {
    Amount::Count(Decimal::from(value))
}

/// Each recorded vote, with what a control needs of it.
fn each<T>(
    facts: &Facts,
    read: impl Fn(&Vote) -> Option<T>,
    of: impl Fn(&AdoptionStep, &Vote, T) -> Outcome,
) -> Vec<Outcome> {
    let found = facts.steps.iter().filter_map(|step| {
        let vote = step.vote.as_ref()?;
        let outcome = of(step, vote, read(vote)?);
        Some(outcome.about(Subject::Step, Some(step.code.as_str())).at(vote.lines.iter().copied()))
    });
    found.collect()
}

fn votes(control: &Control<Facts>, facts: &Facts) -> Vec<Outcome> {
    let read = |vote: &Vote| Some((vote.voters?, [vote.in_favour?, vote.against?, vote.abstentions?]));
    each(facts, read, |step, _, (voters, [in_favour, against, abstentions])| {
        control
            .on(step.code.as_str(), format!("{} : pour + contre + abstentions = votants", step.body))
            .input("Pour", count(in_favour), None)
            .input("Contre", count(against), None)
            .input("Abstentions", count(abstentions), None)
            .compared(count(voters), sum(&[in_favour, against, abstentions]))
    })
}

/// Votes of a hostile file may not overflow.
fn sum(counts: &[i32]) -> Amount {
    Amount::Count(counts.iter().map(|it| Decimal::from(*it)).sum())
}

fn in_office(control: &Control<Facts>, facts: &Facts) -> Vec<Outcome> {
    let read = |vote: &Vote| Some((vote.voters?, vote.in_office?));
    each(facts, read, |step, _, (voters, members)| {
        control
            .on(step.code.as_str(), format!("{} : votants ≤ membres en exercice", step.body))
            .input("Membres en exercice", count(members), None)
            .ruled(voters <= members, count(voters), count(voters.min(members)))
    })
}

fn present(control: &Control<Facts>, facts: &Facts) -> Vec<Outcome> {
    let read = |vote: &Vote| Some((vote.voters?, vote.present?));
    each(facts, read, |step, vote, (voters, present)| {
        let (represented, no_part) = (vote.represented.unwrap_or(0), vote.no_part.unwrap_or(0));
        control
            .on(step.code.as_str(), format!("{} : présents + représentés = votants + sans part au vote", step.body))
            .input("Votants", count(voters), None)
            .input("Ne prennent pas part au vote", count(no_part), None)
            .input("Présents", count(present), None)
            .input("Représentés", count(represented), None)
            .compared(sum(&[present, represented]), sum(&[voters, no_part]))
    })
}

fn steps(control: &Control<Facts>, facts: &Facts) -> Vec<Outcome> {
    // Those of an avenant came later.
    let own: Vec<&AdoptionStep> = facts.steps.iter().filter(|it| it.avenant.is_none()).collect();
    let dates: BTreeSet<String> =
        own.iter().filter_map(|it| it.held_on.map(|day| day.to_string()).or_else(|| it.date_printed.clone())).collect();
    let of = |mention: &crate::printed::Mention| {
        let mut outcome = control.on(mention.code.as_str(), "Étapes annoncées et étapes tenues").said(mention);
        for step in &own {
            let date = step.date_printed.clone().or_else(|| step.held_on.map(crate::kernel::date::short));
            if let Some(date) = date {
                outcome = outcome.input(format!("{} : {}", step.body, step.label), Amount::Text(date), None);
            }
        }
        Some(outcome.compared(Amount::Count(mention.value?), Amount::count(dates.len())))
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
    #[case(r#"{"voters": 28, "in_favour": 23, "against": 1, "abstentions": 4}"#, &[Verdict::Holds])]
    #[case(r#"{"voters": 28, "in_favour": 23, "against": 1, "abstentions": 5}"#, &[Verdict::Gap])]
    #[case(r#"{"voters": 28, "in_office": 41}"#, &[Verdict::Holds])]
    #[case(r#"{"voters": 42, "in_office": 41}"#, &[Verdict::Gap])]
    #[case(r#"{"voters": 28, "present": 20, "represented": 9, "no_part": 1}"#, &[Verdict::Holds])]
    #[case(r#"{"voters": 28, "present": 20}"#, &[Verdict::Gap])]
    #[case(r#"{"in_favour": 23}"#, &[])]
    fn votes_add_up(#[case] vote: &str, #[case] expected: &[Verdict]) {
        let verdicts: Vec<Verdict> = run(CATALOGUE, &facts(vote)).iter().map(|it| it.verdict).collect();
        assert_eq!(verdicts, expected);
    }
}
