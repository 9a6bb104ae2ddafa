//! Jalons: printed counts, and those due before the plan was voted.

use super::indicators::{numbered, sequence};
use super::{Due, Facts};
use crate::kernel::date;
use crate::plans::model::{Act, AdoptionStep};
use crate::printed::outcome::Control;
use crate::printed::{Amount, Family, Mention, Nature, Outcome, Says};
use crate::reserves::model::Subject;

/// In the order of the page.
pub const CATALOGUE: &[Control<Facts>] = &[
    Control {
        word: "jalons.avant-vote",
        family: Family::Jalons,
        nature: Nature::Rule,
        rule: "Un jalon n’est pas dû avant la dernière séance où le contrat a été adopté, voté ou soumis pour avis.",
        run: before_the_vote,
    },
    Control {
        word: "jalons.nombre",
        family: Family::Jalons,
        nature: Nature::Count,
        rule: "Le nombre de jalons imprimé est celui des numéros, un groupe comptant pour un.",
        run: count,
    },
    Control {
        word: "jalons.numeros",
        family: Family::Jalons,
        nature: Nature::Count,
        rule: "Les jalons sont numérotés à partir de 1, sans trou ni doublon.",
        run: numbers,
    },
    Control {
        word: "jalons.feuilles",
        family: Family::Jalons,
        nature: Nature::Count,
        rule: "Les numéros, moins les groupes, plus les jalons des groupes, font les jalons que l’on suit.",
        run: leaves,
    },
];

/// The last sitting at which the plan was adopted, voted or submitted; a signature is none, nor what adopts an avenant.
fn sitting(facts: &Facts) -> Option<(&AdoptionStep, chrono::NaiveDate)> {
    let held = facts.steps.iter().filter(|it| it.act != Act::Signature && it.avenant.is_none());
    held.filter_map(|it| Some((it, it.held_on?))).max_by_key(|(_, day)| *day)
}

fn before_the_vote(control: &Control<Facts>, facts: &Facts) -> Vec<Outcome> {
    let Some((step, day)) = sitting(facts) else { return Vec::new() };
    let dated: Vec<(&Due, chrono::NaiveDate)> = facts.jalons.iter().filter_map(|it| Some((it, it.due_on?))).collect();
    let held = format!("{}, {}", step.body, date::short(day));
    let sat = facts.mentions.lines(Subject::Step, Some(step.code.as_str()));
    let found: Vec<Outcome> = dated
        .iter()
        .filter(|(_, due)| *due < day)
        .map(|(jalon, due)| {
            let code = jalon.code.as_str();
            let printed = jalon.due_printed.clone().unwrap_or_else(|| date::short(*due));
            control
                .on(code, format!("Jalon {code} : échéance après le vote"))
                .about(Subject::Jalon, Some(code))
                .at(facts.mentions.lines(Subject::Jalon, Some(code)))
                .at(sat.iter().copied())
                .input("Échéance, dernier jour", Amount::Text(date::short(*due)), None)
                .input("Séance", Amount::Text(held.clone()), None)
                .ruled(false, Amount::Text(printed), Amount::Text(format!("au plus tôt le {}", date::short(day))))
        })
        .collect();
    if found.is_empty() && !dated.is_empty() {
        let outcome = control
            .on("", "Jalons dus avant le vote = 0")
            .at(sat)
            .input("Jalons datés", Amount::count(dated.len()), None)
            .input("Séance", Amount::Text(held), None);
        return vec![outcome.ruled(true, Amount::Text("aucun".into()), Amount::count(0))];
    }
    found
}

/// The jalons that have a number of their own.
fn tops(facts: &Facts) -> impl Iterator<Item = &Due> {
    facts.jalons.iter().filter(|it| it.parent.is_none())
}

fn count(control: &Control<Facts>, facts: &Facts) -> Vec<Outcome> {
    let of = |mention: &Mention| {
        let outcome = control.on(mention.code.as_str(), "Jalons imprimés et numéros").said(mention);
        Some(outcome.compared(Amount::Count(mention.value?), Amount::count(tops(facts).count())))
    };
    facts.mentions.saying(Says::Jalons).filter_map(of).collect()
}

fn numbers(control: &Control<Facts>, facts: &Facts) -> Vec<Outcome> {
    let Some((prefix, numbers)) = numbered(tops(facts).map(|it| &it.code)) else { return Vec::new() };
    let mention = facts.mentions.value(Says::Jalons);
    let (wanted, actual) = sequence(&prefix, &numbers, mention.and_then(|it| it.value));
    let outcome =
        control.on("", "Numéros des jalons, sans trou ni doublon").at(mention.iter().flat_map(|it| it.lines.clone()));
    vec![outcome.compared(wanted, actual)]
}

fn leaves(control: &Control<Facts>, facts: &Facts) -> Vec<Outcome> {
    let groups = facts.jalons.iter().filter(|it| it.is_group).count();
    if groups == 0 {
        return Vec::new();
    }
    let (tops, below) = (tops(facts).count(), facts.jalons.iter().filter(|it| it.parent.is_some()).count());
    let leaves = facts.jalons.iter().filter(|it| !it.is_group).count();
    let lines = facts.mentions.value(Says::Jalons).map(|it| it.lines.clone()).unwrap_or_default();
    let outcome = control
        .on("", "Numéros − groupes + jalons des groupes = jalons suivis")
        .at(lines)
        .input("Numéros", Amount::count(tops), None)
        .input("Groupes", Amount::count(groups), None)
        .input("Jalons des groupes", Amount::count(below), None)
        .noted(format!("{leaves} n’est pas imprimé"));
    vec![outcome.compared(Amount::count(leaves), Amount::count(tops.saturating_sub(groups) + below))]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::canonical;
    use crate::printed::{Verdict, outcome::run};

    fn facts(due: &str, act: &str) -> Facts {
        let jalons = format!(
            r#"[{{"code": "J1", "is_group": true}}, {{"code": "J1.a", "parent": "J1", "is_group": false, "due_on": "{due}"}},
                {{"code": "J2", "is_group": false}}]"#
        );
        let steps = format!(
            r#"[{{"code": "ca", "body": "Conseil", "act": "{act}", "label": "Contrat", "held_on": "2022-04-15"}}]"#
        );
        Facts {
            jalons: canonical::from_text(&jalons).unwrap(),
            steps: canonical::from_text(&steps).unwrap(),
            ..Facts::default()
        }
    }

    fn found(facts: &Facts) -> Vec<(String, Verdict)> {
        run(CATALOGUE, facts).into_iter().map(|it| (it.code, it.verdict)).collect()
    }

    #[test]
    fn a_jalon_is_not_due_before_the_vote() {
        let early = found(&facts("2021-12-31", "avis"));
        assert_eq!(early[0], ("jalons.avant-vote.J1.a".into(), Verdict::Gap));
        assert_eq!(found(&facts("2022-04-15", "avis"))[0], ("jalons.avant-vote".into(), Verdict::Holds));
        // A signature votes nothing.
        assert_eq!(found(&facts("2021-12-31", "signature"))[0].0, "jalons.numeros");
    }

    #[test]
    fn groups_count_for_one_and_leaves_are_followed() {
        let all = run(CATALOGUE, &facts("2023-12-31", "vote"));
        let leaves = all.iter().find(|it| it.code == "jalons.feuilles").unwrap();
        assert_eq!((leaves.verdict, leaves.computed.show().as_str()), (Verdict::Holds, "2"));
        let numbers = all.iter().find(|it| it.code == "jalons.numeros").unwrap();
        assert_eq!((numbers.verdict, numbers.computed.show().as_str()), (Verdict::Holds, "J1 à J2"));
    }
}
