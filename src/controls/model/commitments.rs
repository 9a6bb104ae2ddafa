//! What the structure commits to and asks for: headings, the quantities of requests, the posts that answer them, envelopes.

use rust_decimal::Decimal;

use super::{Demand, Facts};
use crate::commitments::model::{Quantity, QuantityRole};
use crate::printed::outcome::{Control, thing};
use crate::printed::{Amount, Family, Mention, Nature, Outcome, Says};
use crate::reserves::model::Subject;

/// In the order of the page.
pub const CATALOGUE: &[Control<Facts>] = &[
    Control {
        word: "engagements.volets",
        family: Family::Commitments,
        nature: Nature::Count,
        rule: "Le nombre de volets d’engagements que le texte annonce est celui des volets.",
        run: headings,
    },
    Control {
        word: "engagements.parties",
        family: Family::Commitments,
        nature: Nature::Identity,
        rule: "Les parties d’une demande font ensemble ce qui est demandé.",
        run: parts,
    },
    Control {
        word: "engagements.etapes",
        family: Family::Commitments,
        nature: Nature::Identity,
        rule: "Ce qui est demandé étape par étape fait ensemble ce qui est demandé.",
        run: phases,
    },
    Control {
        word: "engagements.lieux",
        family: Family::Commitments,
        nature: Nature::Identity,
        rule: "Une demande nomme autant de lieux que de moyens demandés.",
        run: places_asked,
    },
    Control {
        word: "engagements.lieux-accordes",
        family: Family::Commitments,
        nature: Nature::Comparison,
        rule: "La décision nomme autant de lieux que la demande de moyens.",
        run: places_granted,
    },
    Control {
        word: "engagements.par-site",
        family: Family::Commitments,
        nature: Nature::Comparison,
        rule: "Ce qui est demandé pour chaque site, fois le nombre de sites, est comparé à ce qui est demandé en tout : des sites peuvent être déjà pourvus.",
        run: per_site,
    },
    Control {
        word: "engagements.postes",
        family: Family::Commitments,
        nature: Nature::Comparison,
        rule: "Ce que demandent les demandes favorables est comparé aux postes qui y répondent : un redéploiement peut expliquer un écart.",
        run: answering,
    },
    Control {
        word: "engagements.enveloppe",
        family: Family::Commitments,
        nature: Nature::Rule,
        rule: "Ce qui est utilisé d’une enveloppe une année ne dépasse pas son plafond.",
        run: envelopes,
    },
];

fn headings(control: &Control<Facts>, facts: &Facts) -> Vec<Outcome> {
    let of = |mention: &Mention| {
        let mut outcome = control
            .on(mention.code.as_str(), "Engagements annoncés et volets")
            .said(mention)
            .about(Subject::Heading, None);
        for heading in &facts.headings {
            let about = thing(Subject::Heading, Some(heading.code.as_str()));
            outcome = outcome.input(heading.title.clone(), Amount::Text(heading.code.to_string()), Some(about));
        }
        Some(outcome.compared(Amount::Count(mention.value?), Amount::count(facts.headings.len())))
    };
    facts.mentions.saying(Says::Headings).filter_map(of).collect()
}

fn of_role(demand: &Demand, role: QuantityRole) -> impl Iterator<Item = (&Quantity, Decimal)> {
    demand.request.quantities.iter().filter(move |it| it.role == role).filter_map(|it| Some((it, it.value?)))
}

/// What a request asks, when it is one number.
fn asked(demand: &Demand) -> Option<Decimal> {
    let mut all = of_role(demand, QuantityRole::Asked).map(|(_, value)| value);
    let only = all.next()?;
    all.next().is_none().then_some(only)
}

fn about(outcome: Outcome, facts: &Facts, demand: &Demand) -> Outcome {
    let code = demand.request.code.as_str();
    outcome.about(Subject::Request, Some(code)).at(facts.mentions.lines(Subject::Request, Some(code)))
}

/// What is asked beside what its quantities of a role add up to.
fn divided(control: &Control<Facts>, facts: &Facts, role: QuantityRole, what: &str) -> Vec<Outcome> {
    let of = |demand: &Demand| {
        let quantities: Vec<_> = of_role(demand, role).collect();
        let asked = asked(demand).filter(|_| !quantities.is_empty())?;
        let code = demand.request.code.as_str();
        let mut outcome = about(control.on(code, format!("Demande {code} : {what} = demandé")), facts, demand);
        for (quantity, value) in &quantities {
            outcome = outcome.input(quantity.unit.clone(), Amount::Count(*value), None);
        }
        let sum = quantities.iter().map(|(_, value)| *value).sum();
        Some(outcome.compared(Amount::Count(asked), Amount::Count(sum)))
    };
    facts.demands.iter().filter_map(of).collect()
}

fn parts(control: &Control<Facts>, facts: &Facts) -> Vec<Outcome> {
    divided(control, facts, QuantityRole::Part, "somme des parties")
}

fn phases(control: &Control<Facts>, facts: &Facts) -> Vec<Outcome> {
    divided(control, facts, QuantityRole::Phase, "somme des étapes")
}

/// What a request asks beside the places that a mention lists.
fn places(control: &Control<Facts>, facts: &Facts, says: Says, what: &str) -> Vec<Outcome> {
    let of = |mention: &Mention| {
        let code = mention.codes(Subject::Request).next()?;
        let demand = facts.demands.iter().find(|it| it.request.code.as_str() == code)?;
        let names: Vec<String> = mention.terms.iter().map(|it| it.label.clone()).collect();
        let outcome = control.on(code, format!("Demande {code} : {what}")).said(mention).input(
            "Lieux",
            Amount::Text(names.join(", ")),
            None,
        );
        Some(outcome.compared(Amount::Count(asked(demand)?), Amount::Count(mention.sum())))
    };
    facts.mentions.saying(says).filter_map(of).collect()
}

fn places_asked(control: &Control<Facts>, facts: &Facts) -> Vec<Outcome> {
    places(control, facts, Says::PlacesAsked, "moyens demandés et lieux demandés")
}

fn places_granted(control: &Control<Facts>, facts: &Facts) -> Vec<Outcome> {
    places(control, facts, Says::PlacesGranted, "moyens demandés et lieux de la décision")
}

fn per_site(control: &Control<Facts>, facts: &Facts) -> Vec<Outcome> {
    let of = |demand: &Demand| {
        let (_, each) = of_role(demand, QuantityRole::PerSite).next()?;
        let code = demand.request.code.as_str();
        let sites = Decimal::from(facts.sites);
        let outcome = about(control.on(code, format!("Demande {code} : par site × sites = demandé")), facts, demand)
            .input("Par site", Amount::Count(each), None)
            .input("Sites de la structure", Amount::Count(sites), None);
        Some(outcome.compared(Amount::Count(asked(demand)?), Amount::Count(each.checked_mul(sites)?)))
    };
    facts.demands.iter().filter_map(of).collect()
}

fn answering(control: &Control<Facts>, facts: &Facts) -> Vec<Outcome> {
    let of = |mention: &Mention| {
        let mut outcome = control.on(mention.code.as_str(), "").said(mention);
        let (mut wanted, mut codes) = (Decimal::ZERO, Vec::new());
        for code in mention.codes(Subject::Request) {
            let demand = facts.demands.iter().find(|it| it.request.code.as_str() == code && it.favourable);
            if let Some(value) = demand.and_then(asked) {
                let link = thing(Subject::Request, Some(code));
                outcome = outcome.input(format!("Demande {code}, favorable"), Amount::Count(value), Some(link));
                wanted += value;
                codes.push(code);
            }
        }
        if codes.is_empty() {
            return None;
        }
        let mut held = Decimal::ZERO;
        for code in mention.codes(Subject::Post) {
            if let Some(line) = facts.posts.lines.iter().find(|it| it.code.as_str() == code) {
                let link = thing(Subject::Post, Some(code));
                let label =
                    line.qualifier.as_ref().map_or_else(|| format!("Poste {code}"), |it| format!("Poste {code}, {it}"));
                outcome = outcome.input(label, Amount::Count(line.count.into()), Some(link));
                held += Decimal::from(line.count);
            }
        }
        let word = if codes.len() > 1 { "Demandes" } else { "Demande" };
        outcome.what = format!("{word} {} : moyens favorables et postes qui y répondent", codes.join(" et "));
        Some(outcome.compared(Amount::Count(wanted), Amount::Count(held)))
    };
    facts.mentions.saying(Says::Answering).filter_map(of).collect()
}

fn envelopes(control: &Control<Facts>, facts: &Facts) -> Vec<Outcome> {
    let mut found = Vec::new();
    for envelope in &facts.envelopes {
        let request = envelope.request.as_str();
        for used in &envelope.used {
            let outcome = control
                .on(
                    &format!("{}.{}", envelope.code, used.year),
                    format!("{}, {} : utilisé ≤ plafond", envelope.label, used.year),
                )
                .about(Subject::Request, Some(request))
                .at(facts.mentions.lines(Subject::Request, Some(request)))
                .input("Unité", Amount::Text(envelope.unit.clone()), None);
            let kept = used.amount <= envelope.ceiling;
            found.push(outcome.ruled(kept, Amount::Count(envelope.ceiling), Amount::Count(used.amount)));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::canonical;
    use crate::printed::{Mentions, Verdict, outcome::run};

    fn demand(code: &str, quantities: &str, favourable: bool) -> Demand {
        let text = format!(r#"{{"code": "{code}", "label": "Postes", "quantities": {quantities}}}"#);
        Demand { request: canonical::from_text(&text).unwrap(), favourable }
    }

    fn found(facts: &Facts) -> Vec<(String, Verdict)> {
        run(CATALOGUE, facts).into_iter().map(|it| (it.code, it.verdict)).collect()
    }

    #[test]
    fn parts_and_phases_make_the_whole() {
        let whole = r#"[{"value": "6", "unit": "postes", "role": "demande"}, {"value": "3", "unit": "E/C", "role": "partie"},
                        {"value": "2", "unit": "E", "role": "partie"}, {"value": "6", "unit": "tout de suite", "role": "phase"}]"#;
        let facts = Facts { demands: vec![demand("M1", whole, true)], ..Facts::default() };
        let expected =
            [("engagements.parties.M1".into(), Verdict::Gap), ("engagements.etapes.M1".into(), Verdict::Holds)];
        assert_eq!(found(&facts), expected);
    }

    #[test]
    fn what_each_site_asks_is_compared_with_the_whole() {
        let whole =
            r#"[{"value": "1", "unit": "ETP", "role": "par_site"}, {"value": "4", "unit": "ETP", "role": "demande"}]"#;
        let facts = Facts { demands: vec![demand("M1", whole, true)], sites: 6, ..Facts::default() };
        assert_eq!(found(&facts), [("engagements.par-site.M1".into(), Verdict::Gap)]);
        assert_eq!(found(&Facts { sites: 4, ..facts }), [("engagements.par-site.M1".into(), Verdict::Holds)]);
    }

    #[test]
    fn posts_answer_favourable_requests_only() {
        let one = r#"[{"value": "1", "unit": "poste", "role": "demande"}]"#;
        let mentions = r#"[{"code": "x", "says": "postes_de_la_demande", "about":
            [{"subject": "demande", "code": "M1"}, {"subject": "demande", "code": "M2"}, {"subject": "poste", "code": "P1"}]}]"#;
        let posts = r#"[{"code": "P1", "origin": "creation", "part": "part_80", "corps": "CAT_B", "count": 1, "realisation": "arbitre"}]"#;
        let mut facts = Facts {
            demands: vec![demand("M1", one, true), demand("M2", one, false)],
            mentions: Mentions(canonical::from_text(mentions).unwrap()),
            ..Facts::default()
        };
        facts.posts.lines = canonical::from_text(posts).unwrap();
        assert_eq!(found(&facts), [("engagements.postes.x".into(), Verdict::Holds)]);
        facts.demands[1].favourable = true;
        assert_eq!(found(&facts), [("engagements.postes.x".into(), Verdict::Gap)]);
        facts.demands.clear();
        assert_eq!(found(&facts), []);
    }

    #[test]
    fn an_envelope_is_a_ceiling() {
        let text = r#"[{"code": "H", "request": "H1", "label": "Heures", "ceiling": "4000", "unit": "h éq TD",
                        "used": [{"year": 2022, "amount": "4000"}, {"year": 2023, "amount": "4001"}]}]"#;
        let facts = Facts { envelopes: canonical::from_text(text).unwrap(), ..Facts::default() };
        let verdicts: Vec<Verdict> = found(&facts).into_iter().map(|(_, verdict)| verdict).collect();
        assert_eq!(verdicts, [Verdict::Holds, Verdict::Gap]);
    }
}
