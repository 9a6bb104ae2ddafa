//! What the lines and the totals of a budget should satisfy (docs/regles.md §7).
//!
//! What was printed is compared with the lines as the signed document asks them; a line's own balance, and what became
//! of its grant, with the line as it stands.

use rust_decimal::Decimal;

use super::model::{BudgetTotals, ScheduleKind};
use super::sums::{Asked, Sum, Totals};
use crate::arbitrages::model::State;
use crate::printed::outcome::{run, thing};
use crate::printed::{Amount, Control, Family, Mentions, Nature, Outcome, Says};
use crate::reserves::model::{Subject, Touched};

/// What the controls of a budget read.
pub struct Facts<'a> {
    lines: &'a [Asked],
    signed: Vec<Asked>,
    totals: Totals,
    printed: Option<&'a BudgetTotals>,
    mentions: &'a Mentions,
}

const fn control<'a>(
    word: &'static str,
    nature: Nature,
    rule: &'static str,
    run: fn(&Control<Facts<'a>>, &Facts<'a>) -> Vec<Outcome>,
) -> Control<Facts<'a>> {
    Control { word, family: Family::Budget, nature, rule, run }
}

/// The controls of a budget, in the order of the page.
pub const fn catalogue<'a>() -> [Control<Facts<'a>>; 16] {
    [
        control(
            "budget.ligne",
            Nature::Identity,
            "Le coût d’une ligne est la participation demandée plus les autofinancements de ses années.",
            each_line,
        ),
        control(
            "budget.unites",
            Nature::Identity,
            "Le nombre d’unités fois leur coût donne l’autofinancement de chaque année.",
            units,
        ),
        control(
            "budget.annees",
            Nature::Identity,
            "Sans participation demandée, et pour un même montant chaque année, le coût est ce montant fois le nombre d’années.",
            years,
        ),
        control(
            "budget.cout",
            Nature::Identity,
            "Le total imprimé des coûts est la somme des coûts connus des lignes du document signé.",
            total_cost,
        ),
        control(
            "budget.participation",
            Nature::Identity,
            "Le total imprimé des participations est la somme de celles que demandent les lignes du document signé.",
            total_participation,
        ),
        control(
            "budget.autofinancement",
            Nature::Identity,
            "Le total imprimé de l’autofinancement est la somme de celui des lignes du document signé.",
            total_own,
        ),
        control(
            "budget.autofinancement-annees",
            Nature::Identity,
            "Le total imprimé de l’autofinancement est aussi la somme de celui des années.",
            total_years,
        ),
        control(
            "budget.equilibre",
            Nature::Identity,
            "Participations et autofinancement imprimés font ensemble le coût total imprimé.",
            balance,
        ),
        control(
            "budget.part",
            Nature::Identity,
            "La part d’autofinancement imprimée est l’autofinancement divisé par le coût, arrondi comme elle.",
            share,
        ),
        control(
            "budget.accorde",
            Nature::Identity,
            "Le total imprimé des accords, en k€, est la somme des accords imprimés ligne par ligne.",
            total_granted,
        ),
        control(
            "budget.accorde-demande",
            Nature::Comparison,
            "Un accord imprimé en k€ est comparé à la participation demandée, arrondie au k€ : rien n’oblige à accorder ce qui est demandé.",
            granted_and_asked,
        ),
        control(
            "budget.accorde-favorables",
            Nature::Comparison,
            "Le total imprimé des accords est comparé à la somme exacte des participations que le document dit favorables, arrondie au k€.",
            granted_and_favourable,
        ),
        control(
            "budget.accorde-exact",
            Nature::Comparison,
            "Un accord imprimé en k€ est comparé à l’accord exact, en euros, qu’une décision datée a donné depuis.",
            exact_grant,
        ),
        control(
            "budget.total-exact",
            Nature::Comparison,
            "Le total imprimé des accords est comparé à la somme des accords exacts, une fois tous connus.",
            exact_total,
        ),
        control(
            "budget.echeancier",
            Nature::Rule,
            "Ce qui est accordé année par année ne dépasse pas l’accord exact de la ligne.",
            scheduled,
        ),
        control(
            "budget.execution",
            Nature::Rule,
            "Ce qui est exécuté une année ne dépasse pas ce qui a été ouvert pour elle.",
            executed,
        ),
    ]
}

/// Runs them over the budget of a plan.
pub fn outcomes(lines: &[Asked], printed: Option<&BudgetTotals>, mentions: &Mentions) -> Vec<Outcome> {
    let signed = lines.iter().filter_map(Asked::signed).collect();
    run(&catalogue(), &Facts { lines, signed, totals: Totals::of(lines), printed, mentions })
}

type This<'a> = Control<Facts<'a>>;

fn line(code: &str) -> Touched {
    thing(Subject::BudgetLine, Some(code))
}

/// With the terms of a sum among its inputs.
fn terms(mut outcome: Outcome, sum: &Sum, unit: fn(Decimal) -> Amount) -> Outcome {
    for (code, amount) in &sum.terms {
        outcome = outcome.input(format!("Ligne {code}"), unit(*amount), Some(line(code.as_str())));
    }
    outcome
}

impl Facts<'_> {
    fn place(&self, code: &str) -> Vec<i32> {
        self.mentions.lines(Subject::BudgetLine, Some(code))
    }

    fn standing(&self) -> impl Iterator<Item = &Asked> {
        self.lines.iter().filter(|it| !it.withdrawn())
    }

    /// Where the totals are printed, and the lines that they add up.
    fn places(&self, sum: &Sum) -> Vec<i32> {
        let own = self.printed.iter().flat_map(|it| it.lines.clone());
        own.chain(sum.terms.iter().flat_map(|(code, _)| self.place(code.as_str()))).collect()
    }

    fn signed_sum(&self, amount: impl Fn(&Asked) -> Option<Decimal>) -> Sum {
        Sum::of(&self.signed, amount)
    }

    fn total(&self, control: &This, what: &str, printed: Option<Decimal>, sum: &Sum) -> Vec<Outcome> {
        let Some(printed) = printed else { return Vec::new() };
        let outcome = control.on("", what).about(Subject::BudgetLine, None).at(self.places(sum));
        vec![terms(outcome, sum, Amount::Euros).compared(Amount::Euros(printed), Amount::Euros(sum.total()))]
    }
}

fn each_line<'a>(control: &This<'a>, facts: &Facts<'a>) -> Vec<Outcome> {
    let of = |asked: &Asked| {
        let it = &asked.line;
        let code = it.code.as_str();
        let mut outcome = control
            .on(code, format!("Ligne {code} : participation + autofinancements = coût"))
            .about(Subject::BudgetLine, Some(code))
            .at(facts.place(code));
        if let Some(participation) = it.participation {
            outcome = outcome.input("Participation demandée", Amount::Euros(participation), None);
        }
        for own in &it.self_financing {
            outcome = outcome.input(format!("Autofinancement {}", own.year), Amount::Euros(own.amount), None);
        }
        let computed = Amount::Euros(it.participation.unwrap_or_default() + it.self_financed());
        if let Some(cost) = it.cost {
            return outcome.compared(Amount::Euros(cost), computed);
        }
        let known = it.participation.is_some() || !it.self_financing.is_empty();
        outcome.unknown("coût à estimer", Amount::Unknown, if known { computed } else { Amount::Unknown })
    };
    facts.standing().map(of).collect()
}

fn units<'a>(control: &This<'a>, facts: &Facts<'a>) -> Vec<Outcome> {
    let mut found = Vec::new();
    for mention in facts.mentions.saying(Says::Yearly) {
        let Some(product) = mention.product() else { continue };
        for code in mention.codes(Subject::BudgetLine) {
            let Some(asked) = facts.signed.iter().find(|it| it.line.code.as_str() == code) else { continue };
            let printed = yearly(asked).map_or_else(|| Amount::Text("selon l’année".into()), Amount::Euros);
            let outcome = control
                .on(code, format!("Ligne {code} : unités × coût = autofinancement de chaque année"))
                .said(mention)
                .terms(&mention.terms);
            found.push(outcome.compared(printed, Amount::Euros(product)));
        }
    }
    found
}

/// The self-financing of every year, when it is the same.
fn yearly(asked: &Asked) -> Option<Decimal> {
    let list = &asked.line.self_financing;
    let first = list.first()?.amount;
    list.iter().all(|it| it.amount == first).then_some(first)
}

fn years<'a>(control: &This<'a>, facts: &Facts<'a>) -> Vec<Outcome> {
    let of = |asked: &Asked| {
        let it = &asked.line;
        let count = it.self_financing.len();
        let amount = yearly(asked).filter(|_| count > 1 && it.participation.is_none())?;
        let (code, years) = (it.code.as_str(), Decimal::from(count));
        let outcome = control
            .on(code, format!("Ligne {code} : nombre d’années × montant annuel = coût"))
            .about(Subject::BudgetLine, Some(code))
            .at(facts.place(code))
            .input("Années", Amount::Count(years), None)
            .input("Montant de chaque année", Amount::Euros(amount), None);
        Some(outcome.compared(Amount::Euros(it.cost?), Amount::Euros(years.checked_mul(amount)?)))
    };
    facts.standing().filter_map(of).collect()
}

fn total_cost<'a>(control: &This<'a>, facts: &Facts<'a>) -> Vec<Outcome> {
    let sum = facts.signed_sum(|it| it.line.cost);
    facts.total(control, "Total des coûts estimés = somme des lignes", facts.printed.and_then(|it| it.cost), &sum)
}

fn total_participation<'a>(control: &This<'a>, facts: &Facts<'a>) -> Vec<Outcome> {
    let sum = facts.signed_sum(|it| it.line.participation);
    let printed = facts.printed.and_then(|it| it.participation);
    facts.total(control, "Total des participations demandées = somme des lignes", printed, &sum)
}

fn own(asked: &Asked) -> Option<Decimal> {
    (!asked.line.self_financing.is_empty()).then(|| asked.line.self_financed())
}

fn total_own<'a>(control: &This<'a>, facts: &Facts<'a>) -> Vec<Outcome> {
    let printed = facts.printed.and_then(|it| it.self_financing);
    facts.total(control, "Total de l’autofinancement = somme des lignes", printed, &facts.signed_sum(own))
}

fn total_years<'a>(control: &This<'a>, facts: &Facts<'a>) -> Vec<Outcome> {
    let Some(printed) = facts.printed.and_then(|it| it.self_financing) else { return Vec::new() };
    let mut years: Vec<(i32, Decimal)> = Vec::new();
    for own in facts.signed.iter().flat_map(|it| &it.line.self_financing) {
        match years.iter_mut().find(|(year, _)| *year == own.year) {
            Some((_, sum)) => *sum += own.amount,
            None => years.push((own.year, own.amount)),
        }
    }
    years.sort_by_key(|(year, _)| *year);
    let mut outcome = control
        .on("", "Total de l’autofinancement = somme des années")
        .about(Subject::BudgetLine, None)
        .at(facts.places(&facts.signed_sum(own)));
    for (year, sum) in &years {
        outcome = outcome.input(format!("Autofinancement {year}"), Amount::Euros(*sum), None);
    }
    let total = years.iter().map(|(_, sum)| *sum).sum();
    vec![outcome.compared(Amount::Euros(printed), Amount::Euros(total))]
}

fn balance<'a>(control: &This<'a>, facts: &Facts<'a>) -> Vec<Outcome> {
    let of = |printed: &BudgetTotals| {
        let (cost, asked, own) = (printed.cost?, printed.participation?, printed.self_financing?);
        let outcome = control
            .on("", "Participations + autofinancement = coût total")
            .about(Subject::BudgetLine, None)
            .at(printed.lines.iter().copied())
            .input("Participations, total imprimé", Amount::Euros(asked), None)
            .input("Autofinancement, total imprimé", Amount::Euros(own), None);
        Some(outcome.compared(Amount::Euros(cost), Amount::Euros(asked + own)))
    };
    facts.printed.and_then(of).into_iter().collect()
}

fn share<'a>(control: &This<'a>, facts: &Facts<'a>) -> Vec<Outcome> {
    let signed = Totals::of(&facts.signed);
    let of = |printed: &BudgetTotals| {
        let (points, exact) = (printed.self_financing_percent?, signed.self_financing_percent()?);
        let outcome = control
            .on("", "Part d’autofinancement = autofinancement ÷ coût")
            .about(Subject::BudgetLine, None)
            .at(printed.lines.iter().copied())
            .input("Autofinancement", Amount::Euros(signed.self_financing.total()), None)
            .input("Coût", Amount::Euros(signed.cost.total()), None);
        Some(outcome.compared(Amount::Percent(points), Amount::Percent(exact)))
    };
    facts.printed.and_then(of).into_iter().collect()
}

fn total_granted<'a>(control: &This<'a>, facts: &Facts<'a>) -> Vec<Outcome> {
    let Some(printed) = facts.printed.and_then(|it| it.granted_keur) else { return Vec::new() };
    let sum = &facts.totals.granted_printed;
    let outcome = control
        .on("", "Total des accords en k€ = somme des lignes")
        .about(Subject::BudgetLine, None)
        .at(facts.places(sum));
    vec![terms(outcome, sum, Amount::Keur).compared(Amount::Keur(printed), Amount::Keur(sum.total()))]
}

/// The signed document grants a part of what the line asks, and says which part it sets aside.
fn granted_in_part(asked: &Asked) -> bool {
    asked.ledger.first().is_some_and(|it| it.rank == 0 && it.state == State::Partly)
}

fn granted_and_asked<'a>(control: &This<'a>, facts: &Facts<'a>) -> Vec<Outcome> {
    let of = |asked: &Asked| {
        let code = asked.line.code.as_str();
        let keur = asked.granted_printed()?;
        let participation = asked.line.participation.filter(|_| asked.was_favourable())?;
        let outcome = control
            .on(code, format!("Ligne {code} : accord imprimé et participation demandée"))
            .about(Subject::BudgetLine, Some(code))
            .at(facts.place(code));
        let compared = outcome.compared(Amount::Keur(keur), Amount::Euros(participation));
        // Less than asked is what « en partie » says; more would still be a gap.
        let less = compared.is_gap() && granted_in_part(asked) && keur * Decimal::ONE_THOUSAND < participation;
        Some(match (less, compared.printed.clone(), compared.computed.clone()) {
            (true, printed, computed) => compared.ruled(true, printed, computed).noted("favorable en partie"),
            _ => compared,
        })
    };
    facts.signed.iter().filter_map(of).collect()
}

fn granted_and_favourable<'a>(control: &This<'a>, facts: &Facts<'a>) -> Vec<Outcome> {
    let Some(printed) = facts.printed.and_then(|it| it.granted_keur) else { return Vec::new() };
    let sum = &facts.totals.favourable_signed;
    let outcome = control
        .on("", "Total accordé et participations favorables")
        .about(Subject::BudgetLine, None)
        .at(facts.places(sum));
    let parts: Vec<&str> =
        facts.signed.iter().filter(|it| granted_in_part(it)).map(|it| it.line.code.as_str()).collect();
    let note = if parts.is_empty() { String::new() } else { format!("favorable en partie : {}", parts.join(", ")) };
    let outcome = terms(outcome, sum, Amount::Euros).noted(note);
    vec![outcome.compared(Amount::Keur(printed), Amount::Euros(sum.total()))]
}

fn exact_grant<'a>(control: &This<'a>, facts: &Facts<'a>) -> Vec<Outcome> {
    let of = |asked: &Asked| {
        let (code, keur) = (asked.line.code.as_str(), asked.granted_printed()?);
        let outcome = control
            .on(code, format!("Ligne {code} : accord imprimé et accord exact"))
            .about(Subject::BudgetLine, Some(code))
            .at(facts.place(code));
        Some(match asked.granted() {
            Some(exact) => outcome.compared(Amount::Keur(keur), Amount::Euros(exact)),
            None if asked.state().is_favourable() => outcome.unknown(
                "aucune décision datée ne dit encore le montant exact",
                Amount::Keur(keur),
                Amount::Unknown,
            ),
            // What was printed as granted no longer is: the decision in force says so.
            None => outcome
                .compared(Amount::Keur(keur), Amount::Euros(Decimal::ZERO))
                .noted(format!("la décision en vigueur n’accorde rien : {}", asked.state().label().to_lowercase())),
        })
    };
    facts.lines.iter().filter_map(of).collect()
}

fn exact_total<'a>(control: &This<'a>, facts: &Facts<'a>) -> Vec<Outcome> {
    let (keur, exact) = (&facts.totals.granted_printed, &facts.totals.granted);
    let Some(printed) = facts.printed.and_then(|it| it.granted_keur).or_else(|| keur.shown()) else {
        return Vec::new();
    };
    let outcome = control
        .on("", "Total accordé et somme des accords exacts")
        .about(Subject::BudgetLine, None)
        .at(facts.places(keur));
    let outcome = terms(outcome, exact, Amount::Euros);
    let computed = exact.shown().map_or(Amount::Unknown, Amount::Euros);
    vec![match facts.totals.known_to_the_keur.as_slice() {
        [] => outcome.compared(Amount::Keur(printed), computed),
        [only] => {
            outcome.unknown(format!("accord de la ligne {only} connu au k€ seulement"), Amount::Keur(printed), computed)
        }
        several => outcome.unknown(
            format!("{} accords connus au k€ seulement : {}", several.len(), several.join(", ")),
            Amount::Keur(printed),
            computed,
        ),
    }]
}

fn scheduled<'a>(control: &This<'a>, facts: &Facts<'a>) -> Vec<Outcome> {
    let of = |asked: &Asked| {
        let (code, by_year) = (asked.line.code.as_str(), asked.line.scheduled_total(ScheduleKind::Granted)?);
        let outcome = control
            .on(code, format!("Ligne {code} : accordé par année ≤ accord exact"))
            .about(Subject::BudgetLine, Some(code));
        Some(match asked.granted() {
            Some(exact) => outcome.ruled(by_year <= exact, Amount::Euros(exact), Amount::Euros(by_year)),
            None => outcome.unknown("accord exact à dire", Amount::Unknown, Amount::Euros(by_year)),
        })
    };
    facts.lines.iter().filter_map(of).collect()
}

fn executed<'a>(control: &This<'a>, facts: &Facts<'a>) -> Vec<Outcome> {
    let mut found = Vec::new();
    for asked in facts.lines {
        let code = asked.line.code.as_str();
        for spent in asked.line.schedule.iter().filter(|it| it.kind == ScheduleKind::Executed) {
            let outcome = control
                .on(&format!("{code}.{}", spent.year), format!("Ligne {code} : exécuté {} ≤ ouvert", spent.year))
                .about(Subject::BudgetLine, Some(code));
            let spent_shown = Amount::Euros(spent.amount);
            found.push(match asked.line.scheduled(spent.year, ScheduleKind::Opened) {
                Some(opened) => outcome.ruled(spent.amount <= opened.amount, Amount::Euros(opened.amount), spent_shown),
                None => outcome.unknown("rien n’est dit de l’ouvert", Amount::Unknown, spent_shown),
            });
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arbitrages::model::tests::decision;
    use crate::budget::sums::tests::{annexe, printed};
    use crate::printed::Verdict;

    fn found(lines: &[Asked], code: &str) -> Outcome {
        let all = outcomes(lines, Some(&printed()), &Mentions::default());
        all.into_iter().find(|it| it.code == code).unwrap_or_else(|| panic!("no {code}"))
    }

    #[test]
    fn the_signed_budget_holds_but_for_a_rounding() {
        let all = outcomes(&annexe(), Some(&printed()), &Mentions::default());
        let of = |verdict| all.iter().filter(|it| it.verdict == verdict).map(|it| it.code.as_str()).collect::<Vec<_>>();
        assert_eq!(of(Verdict::Gap), Vec::<&str>::new());
        assert_eq!(of(Verdict::Rounding), ["budget.accorde-demande.B1", "budget.accorde-favorables"]);
        let unknown = of(Verdict::Unknown);
        assert_eq!(unknown[..2], ["budget.ligne.B7", "budget.ligne.B8"]);
        assert_eq!(unknown.len(), 2 + 4 + 1);
        assert!(all.iter().all(|it| it.about.iter().all(|touched| touched.subject == Subject::BudgetLine)));
    }

    #[test]
    fn an_exact_grant_moves_its_control_and_the_total() {
        let mut lines = annexe();
        let before = found(&lines, "budget.total-exact");
        assert_eq!(
            (before.note.as_str(), before.computed.show()),
            ("4 accords connus au k€ seulement : B1, B4, B5, B6", String::new())
        );
        let mut grant = |code: &str, euros: i64| {
            let line = lines.iter_mut().find(|it| it.line.code.as_str() == code).unwrap();
            line.ledger.push(crate::arbitrages::Arbitrage {
                granted: Some(euros.into()),
                ..decision(code, 1, State::Favourable)
            });
        };
        grant("B1", 389_280);
        for (code, euros) in [("B4", 20_000), ("B5", 40_000), ("B6", 157_000)] {
            grant(code, euros);
        }
        let b1 = found(&lines, "budget.accorde-exact.B1");
        assert_eq!((b1.verdict, b1.told()), (Verdict::Rounding, "1\u{202f}k€ d’arrondi"));
        let total = found(&lines, "budget.total-exact");
        assert_eq!((total.verdict, total.inputs.len()), (Verdict::Rounding, 5));
    }

    #[test]
    fn less_than_asked_is_what_a_grant_in_part_says() {
        let mut lines = annexe();
        lines[0].ledger[0].state = State::Partly;
        lines[0].ledger[0].granted_printed_keur = Some(300.into());
        let b1 = found(&lines, "budget.accorde-demande.B1");
        assert_eq!((b1.verdict, b1.note.as_str()), (Verdict::Holds, "favorable en partie"));
        assert_eq!(found(&lines, "budget.accorde-favorables").note, "favorable en partie : B1");
        lines[0].ledger[0].granted_printed_keur = Some(400.into());
        assert_eq!(found(&lines, "budget.accorde-demande.B1").verdict, Verdict::Gap);
    }

    #[test]
    fn a_line_that_does_not_add_up_is_a_gap() {
        let mut lines = annexe();
        lines[0].line.participation = Some(389_000.into());
        let b1 = found(&lines, "budget.ligne.B1");
        assert_eq!((b1.verdict, b1.gap_shown().as_str()), (Verdict::Gap, "+280\u{202f}€"));
    }

    #[test]
    fn what_is_spent_stays_below_what_was_opened() {
        use crate::budget::model::Scheduled;
        let entry = |kind, amount: i64| Scheduled {
            year: 2023,
            kind,
            amount: amount.into(),
            source: "compte financier".into(),
            dated_on: "2024-01-31".parse().unwrap(),
            provenance: None,
        };
        let mut lines = annexe();
        lines[0].line.schedule = vec![entry(ScheduleKind::Opened, 100), entry(ScheduleKind::Executed, 101)];
        assert_eq!(found(&lines, "budget.execution.B1.2023").verdict, Verdict::Gap);
        lines[0].line.schedule.remove(0);
        assert_eq!(found(&lines, "budget.execution.B1.2023").verdict, Verdict::Unknown);
        lines[0].line.schedule = vec![entry(ScheduleKind::Granted, 100)];
        assert_eq!(found(&lines, "budget.echeancier.B1").verdict, Verdict::Unknown);
    }
}
