//! Indicators and measures: printed counts, the columns that the form forgot, directions against their figures.

use std::collections::BTreeSet;

use rust_decimal::Decimal;

use super::{Aim, Facts, Fiche};
use crate::indicators::progress::{Direction, Nature as Kind};
use crate::kernel::ids::Code;
use crate::kernel::period;
use crate::printed::outcome::{Control, thing};
use crate::printed::{Amount, Family, Mention, Nature, Outcome, Says};
use crate::reserves::model::Subject;

/// In the order of the page.
pub const CATALOGUE: &[Control<Facts>] = &[
    Control {
        word: "indicateurs.sens",
        family: Family::Indicators,
        nature: Nature::Rule,
        rule: "La cible d’une mesure va dans le sens qu’elle dit : au-dessus de la référence à la hausse, au-dessous à la baisse.",
        run: directions,
    },
    Control {
        word: "indicateurs.colonnes",
        family: Family::Indicators,
        nature: Nature::Rule,
        rule: "La fiche imprimée a une colonne pour chaque période du contrat.",
        run: columns,
    },
    Control {
        word: "indicateurs.nombre",
        family: Family::Indicators,
        nature: Nature::Count,
        rule: "Le nombre d’indicateurs imprimé est celui des fiches.",
        run: indicators,
    },
    Control {
        word: "indicateurs.numeros",
        family: Family::Indicators,
        nature: Nature::Count,
        rule: "Les indicateurs sont numérotés à partir de 1, sans trou ni doublon.",
        run: numbers,
    },
    Control {
        word: "indicateurs.mesures",
        family: Family::Indicators,
        nature: Nature::Count,
        rule: "Le nombre de « sous-indicateurs » imprimé est celui des mesures.",
        run: measures,
    },
    Control {
        word: "indicateurs.mesures-groupes",
        family: Family::Indicators,
        nature: Nature::Count,
        rule: "Les indicateurs, moins les groupes, plus les sous-indicateurs à lettre, font les mesures.",
        run: measures_of_groups,
    },
    Control {
        word: "indicateurs.lettres",
        family: Family::Indicators,
        nature: Nature::Count,
        rule: "Le nombre de sous-indicateurs à lettre imprimé est celui des mesures des groupes.",
        run: lettered,
    },
    Control {
        word: "indicateurs.codes",
        family: Family::Indicators,
        nature: Nature::Count,
        rule: "Deux mesures, ou deux jalons, n’ont pas le même code.",
        run: codes,
    },
    Control {
        word: "indicateurs.reference",
        family: Family::Indicators,
        nature: Nature::Identity,
        rule: "Ce dont une référence est faite, selon sa fiche, fait la référence.",
        run: references,
    },
];

/// The numbers of codes that are a prefix and a number, all the same prefix: « J1 à J21 ».
pub fn numbered<'c>(codes: impl Iterator<Item = &'c Code>) -> Option<(String, Vec<u32>)> {
    let mut prefix: Option<&str> = None;
    let mut numbers = Vec::new();
    for code in codes {
        let text = code.as_str();
        let digits = text.find(|c: char| c.is_ascii_digit())?;
        let (head, tail) = text.split_at(digits);
        numbers.push(tail.parse().ok()?);
        if *prefix.get_or_insert(head) != head {
            return None;
        }
    }
    Some((prefix?.to_owned(), numbers))
}

/// From 1 to the printed number, or to the last one met: as it should be, and as it is.
pub fn sequence(prefix: &str, numbers: &[u32], printed: Option<Decimal>) -> (Amount, Amount) {
    let last = numbers.iter().copied().max().unwrap_or(0);
    let wanted = printed.and_then(|it| u32::try_from(it).ok()).filter(|it| *it > 0).unwrap_or(last);
    let told = |end: u32| format!("{prefix}1 à {prefix}{end}");
    let held: BTreeSet<u32> = numbers.iter().copied().collect();
    // A hostile code such as J4000000000 must cost nothing: holes are named as long as there are few.
    let holes: Vec<u32> = (1..last).filter(|number| !held.contains(number)).take(numbers.len() + 1).collect();
    let mut actual = told(last);
    if holes.len() > numbers.len() {
        actual = format!("{actual}, avec bien des trous");
    } else if !holes.is_empty() {
        let named: Vec<String> = holes.iter().map(|it| format!("{prefix}{it}")).collect();
        actual = format!("{actual}, sans {}", named.join(", "));
    }
    if held.len() < numbers.len() {
        actual = format!("{actual}, avec un doublon");
    }
    (Amount::Text(told(wanted)), Amount::Text(actual))
}

fn directions(control: &Control<Facts>, facts: &Facts) -> Vec<Outcome> {
    let from = |aim: &Aim| if aim.nature == Kind::Cumulative { Some(Decimal::ZERO) } else { aim.reference };
    let told = facts.aims.iter().filter(|it| matches!(it.direction, Direction::Up | Direction::Down));
    let told: Vec<(&Aim, Decimal, Decimal)> = told.filter_map(|it| Some((it, from(it)?, it.target?))).collect();
    let against = |(aim, from, to): &&(&Aim, Decimal, Decimal)| match aim.direction {
        Direction::Up => to < from,
        _ => to > from,
    };
    let found: Vec<Outcome> = told
        .iter()
        .filter(against)
        .map(|(aim, from, to)| {
            let indicator = aim.indicator.as_str();
            control
                .on(aim.code.as_str(), format!("Mesure {} : la cible va {}", aim.code, aim.direction.label()))
                .about(Subject::Indicator, Some(indicator))
                .at(facts.mentions.lines(Subject::Indicator, Some(indicator)))
                .input("Référence", Amount::Count(*from), None)
                .input("Cible", Amount::Count(*to), None)
                .ruled(false, Amount::Text(aim.direction.label().into()), Amount::Text(way(*from, *to).into()))
        })
        .collect();
    if found.is_empty() && !told.is_empty() {
        let outcome = control.on("", "Cibles qui contredisent leur sens = 0").input(
            "Mesures à la hausse ou à la baisse, chiffrées",
            Amount::count(told.len()),
            None,
        );
        return vec![outcome.ruled(true, Amount::Text("aucune".into()), Amount::count(0))];
    }
    found
}

const fn way_label(rises: bool) -> &'static str {
    if rises { Direction::Up.label() } else { Direction::Down.label() }
}

fn way(from: Decimal, to: Decimal) -> &'static str {
    way_label(to > from)
}

fn columns(control: &Control<Facts>, facts: &Facts) -> Vec<Outcome> {
    let wanted = |fiche: &Fiche| period::columns(fiche.period_kind, facts.first_year, facts.last_year);
    let printed: Vec<&Fiche> = facts.fiches.iter().filter(|it| !it.columns_printed.is_empty()).collect();
    let found: Vec<Outcome> = printed
        .iter()
        .filter_map(|fiche| {
            let wanted = wanted(fiche);
            let forgotten: Vec<String> =
                wanted.iter().filter(|it| !fiche.columns_printed.contains(it)).map(ToString::to_string).collect();
            if forgotten.is_empty() {
                return None;
            }
            let code = fiche.code.as_str();
            let list: Vec<String> = fiche.columns_printed.iter().map(ToString::to_string).collect();
            let outcome = control
                .on(code, format!("Fiche {code} : une colonne par période"))
                .about(Subject::Indicator, Some(code))
                .at(facts.mentions.lines(Subject::Indicator, Some(code)))
                .input("Colonnes imprimées", Amount::Text(list.join(", ")), None)
                .input("Oubliées", Amount::Text(forgotten.join(", ")), None)
                .noted(format!("la fiche oublie {}", forgotten.join(", ")));
            Some(outcome.compared(Amount::count(list.len()), Amount::count(wanted.len())))
        })
        .collect();
    if found.is_empty() && !printed.is_empty() {
        let outcome = control.on("", "Fiches qui oublient une période = 0");
        let outcome = outcome.input("Fiches imprimées", Amount::count(printed.len()), None);
        return vec![outcome.ruled(true, Amount::Text("aucune".into()), Amount::count(0))];
    }
    found
}

fn indicators(control: &Control<Facts>, facts: &Facts) -> Vec<Outcome> {
    let of = |mention: &Mention| {
        let printed = mention.value.unwrap_or_else(|| mention.sum());
        let outcome =
            control.on(mention.code.as_str(), "Indicateurs imprimés et fiches").said(mention).terms(&mention.terms);
        outcome.compared(Amount::Count(printed), Amount::count(facts.fiches.len()))
    };
    facts.mentions.saying(Says::Indicators).map(of).collect()
}

fn numbers(control: &Control<Facts>, facts: &Facts) -> Vec<Outcome> {
    let Some((prefix, numbers)) = numbered(facts.fiches.iter().map(|it| &it.code)) else { return Vec::new() };
    let mention = facts.mentions.value(Says::Indicators);
    let (wanted, actual) = sequence(&prefix, &numbers, mention.and_then(|it| it.value));
    let outcome = control
        .on("", "Numéros des indicateurs, sans trou ni doublon")
        .at(mention.iter().flat_map(|it| it.lines.clone()));
    vec![outcome.compared(wanted, actual)]
}

fn measures(control: &Control<Facts>, facts: &Facts) -> Vec<Outcome> {
    let of = |mention: &Mention| {
        let outcome = control.on(mention.code.as_str(), "« Sous-indicateurs » imprimés et mesures").said(mention);
        Some(outcome.compared(Amount::Count(mention.value?), Amount::count(facts.aims.len())))
    };
    facts.mentions.saying(Says::Measures).filter_map(of).collect()
}

impl Facts {
    fn groups(&self) -> usize {
        self.fiches.iter().filter(|it| it.is_group).count()
    }

    fn lettered(&self) -> usize {
        let in_group = |aim: &&Aim| self.fiches.iter().any(|it| it.is_group && it.code == aim.indicator);
        self.aims.iter().filter(in_group).count()
    }
}

fn measures_of_groups(control: &Control<Facts>, facts: &Facts) -> Vec<Outcome> {
    let Some(mention) = facts.mentions.value(Says::Measures) else { return Vec::new() };
    let (all, groups, lettered) = (facts.fiches.len(), facts.groups(), facts.lettered());
    let outcome = control
        .on("", "Indicateurs − groupes + sous-indicateurs à lettre = mesures")
        .said(mention)
        .input("Indicateurs", Amount::count(all), None)
        .input("Groupes", Amount::count(groups), None)
        .input("Sous-indicateurs à lettre", Amount::count(lettered), None);
    let printed = mention.value.map_or(Amount::Unknown, Amount::Count);
    vec![outcome.compared(printed, Amount::count(all.saturating_sub(groups) + lettered))]
}

fn lettered(control: &Control<Facts>, facts: &Facts) -> Vec<Outcome> {
    let of = |mention: &Mention| {
        let outcome =
            control.on(mention.code.as_str(), "Sous-entrées imprimées et sous-indicateurs à lettre").said(mention);
        Some(outcome.compared(Amount::Count(mention.value?), Amount::count(facts.lettered())))
    };
    facts.mentions.saying(Says::Lettered).filter_map(of).collect()
}

fn codes(control: &Control<Facts>, facts: &Facts) -> Vec<Outcome> {
    let (measures, jalons) = (facts.aims.len(), facts.jalons.len());
    if measures + jalons == 0 {
        return Vec::new();
    }
    let distinct = facts.aims.iter().map(|it| &it.code).collect::<BTreeSet<_>>().len()
        + facts.jalons.iter().map(|it| &it.code).collect::<BTreeSet<_>>().len();
    let outcome = control
        .on("", "Codes de mesures et de jalons, chacun une fois")
        .input("Mesures", Amount::count(measures), None)
        .input("Jalons, groupes compris", Amount::count(jalons), None);
    vec![outcome.compared(Amount::count(measures + jalons), Amount::count(distinct))]
}

fn references(control: &Control<Facts>, facts: &Facts) -> Vec<Outcome> {
    let of = |mention: &Mention| {
        let code = mention.codes(Subject::Indicator).next()?;
        let mut own = facts.aims.iter().filter(|it| it.indicator.as_str() == code);
        // Of a group, a mention could be about any of its measures.
        let (aim, None) = (own.next()?, own.next()) else { return None };
        let link = thing(Subject::Indicator, Some(code));
        let outcome = control
            .on(code, format!("Indicateur {code} : ce dont la référence est faite"))
            .said(mention)
            .terms(&mention.terms)
            .input("Référence", Amount::Count(aim.reference?), Some(link));
        Some(outcome.compared(Amount::Count(aim.reference?), Amount::Count(mention.sum())))
    };
    facts.mentions.saying(Says::Reference).filter_map(of).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::canonical;
    use crate::printed::{Verdict, outcome::run};
    use rstest::rstest;

    fn fiches(text: &str) -> Facts {
        Facts { fiches: canonical::from_text(text).unwrap(), first_year: 2021, last_year: 2026, ..Facts::default() }
    }

    fn found(facts: &Facts) -> Vec<(String, Verdict)> {
        run(CATALOGUE, facts).into_iter().map(|it| (it.code, it.verdict)).collect()
    }

    fn aim(direction: &str, nature: &str, reference: &str, target: &str) -> Facts {
        let text = format!(
            r#"[{{"code": "1", "indicator": "1", "nature": "{nature}", "direction": "{direction}",
                 "reference": "{reference}", "target": "{target}"}}]"#
        );
        Facts { aims: canonical::from_text(&text).unwrap(), ..Facts::default() }
    }

    #[rstest]
    #[case("hausse", "stock", "10", "20", "indicateurs.sens", Verdict::Holds)]
    #[case("baisse", "stock", "10", "20", "indicateurs.sens.1", Verdict::Gap)]
    #[case("hausse", "stock", "20", "10", "indicateurs.sens.1", Verdict::Gap)]
    // A cumul starts from nothing.
    #[case("hausse", "cumul", "20", "10", "indicateurs.sens", Verdict::Holds)]
    fn a_target_goes_the_way_it_says(
        #[case] direction: &str,
        #[case] nature: &str,
        #[case] reference: &str,
        #[case] target: &str,
        #[case] code: &str,
        #[case] verdict: Verdict,
    ) {
        assert_eq!(found(&aim(direction, nature, reference, target))[0], (code.to_owned(), verdict));
    }

    #[test]
    fn a_forgotten_column_is_named() {
        let printed = |columns: &str| {
            fiches(&format!(
                r#"[{{"code": "8", "is_group": false, "period_kind": "civile", "columns_printed": {columns}}}]"#
            ))
        };
        let facts = printed(r#"["2021", "2022", "2023", "2024", "2026"]"#);
        let outcome = &run(CATALOGUE, &facts)[0];
        assert_eq!((outcome.code.as_str(), outcome.verdict), ("indicateurs.colonnes.8", Verdict::Gap));
        assert_eq!((outcome.note.as_str(), outcome.gap_shown().as_str()), ("la fiche oublie 2025", "−1"));
        let facts = printed(r#"["2021", "2022", "2023", "2024", "2025", "2026"]"#);
        assert_eq!(found(&facts)[0], ("indicateurs.colonnes".into(), Verdict::Holds));
    }

    #[rstest]
    #[case(&["J1", "J2", "J3"], Some(3), "J1 à J3", "J1 à J3")]
    #[case(&["J1", "J3"], Some(3), "J1 à J3", "J1 à J3, sans J2")]
    #[case(&["J1", "J2", "J2"], None, "J1 à J2", "J1 à J2, avec un doublon")]
    #[case(&["1", "2"], Some(3), "1 à 3", "1 à 2")]
    #[case(&["J4000000000"], None, "J1 à J4000000000", "J1 à J4000000000, avec bien des trous")]
    fn numbers_have_no_hole(
        #[case] codes: &[&str],
        #[case] printed: Option<i64>,
        #[case] wanted: &str,
        #[case] actual: &str,
    ) {
        let codes: Vec<Code> = codes.iter().map(|it| Code::new(it).unwrap()).collect();
        let (prefix, numbers) = numbered(codes.iter()).unwrap();
        let told = sequence(&prefix, &numbers, printed.map(Decimal::from));
        assert_eq!(told, (Amount::Text(wanted.into()), Amount::Text(actual.into())));
    }

    #[test]
    fn codes_that_are_no_numbers_are_left_alone() {
        let codes = |list: &[&str]| list.iter().map(|it| Code::new(it).unwrap()).collect::<Vec<_>>();
        assert_eq!(numbered(codes(&["A1", "B1"]).iter()), None);
        assert_eq!(numbered(codes(&["taux"]).iter()), None);
        assert_eq!(numbered(codes(&[]).iter()), None);
    }
}
