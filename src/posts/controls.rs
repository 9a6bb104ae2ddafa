//! What the printed tables of posts, the potential and the 20 % rule should satisfy, over the lines as they are counted
//! (docs/regles.md §6, §7).

use rust_decimal::Decimal;

use super::model::{
    Corps, Family as Staff, Part, PostTable, Posts, Potential, PotentialRow, PrintedPotential, PrintedRow,
};
use super::tables::{self, DYNAMIC_MIN, Pick, Table};
use crate::kernel::figure;
use crate::printed::model::Mention;
use crate::printed::outcome::{run, thing};
use crate::printed::{Amount, Control, Family, Mentions, Nature, Outcome, Says};
use crate::reserves::model::{Subject, Touched};

/// What the controls of posts read.
pub struct Facts<'a> {
    posts: &'a Posts,
    tables: Vec<Table>,
    mentions: &'a Mentions,
}

type This<'a> = Control<Facts<'a>>;

const fn control<'a>(
    word: &'static str,
    nature: Nature,
    rule: &'static str,
    run: fn(&This<'a>, &Facts<'a>) -> Vec<Outcome>,
) -> This<'a> {
    Control { word, family: Family::Posts, nature, rule, run }
}

/// The controls of posts, in the order of the page.
pub const fn catalogue<'a>() -> [This<'a>; 11] {
    [
        control(
            "postes.part-dynamique",
            Nature::Rule,
            "Les postes vacants de la part à 20 %, divisés par ceux des deux parts, font au moins 20 %.",
            dynamic_share,
        ),
        control(
            "postes.sans-objectif",
            Nature::Rule,
            "Un poste de la part à 20 % sert un objectif du contrat.",
            aimless,
        ),
        control(
            "postes.total",
            Nature::Identity,
            "Le total imprimé d’un corps, pour une part, est la somme des postes de ses lignes, toutes années confondues.",
            by_corps,
        ),
        control(
            "postes.n",
            Nature::Identity,
            "Le nombre n imprimé d’une part est la somme des totaux imprimés de ses corps.",
            n_of_corps,
        ),
        control(
            "postes.n-lignes",
            Nature::Identity,
            "Le nombre n imprimé d’une part est aussi la somme de toutes ses lignes de postes.",
            n_of_lines,
        ),
        control(
            "postes.cases",
            Nature::Count,
            "Chaque case imprimée compte les postes de ses lignes : aucune n’en diffère.",
            cells,
        ),
        control(
            "postes.potentiel",
            Nature::Identity,
            "Une ligne du potentiel se partage en 80 % et 20 %, qui font ensemble son total.",
            potential_row,
        ),
        control(
            "postes.potentiel-total",
            Nature::Identity,
            "Le potentiel de recrutement est la somme des départs certains et de la moitié des départs possibles.",
            potential_total,
        ),
        control(
            "postes.potentiel-vacances",
            Nature::Comparison,
            "Les postes vacants arbitrés sont comparés au potentiel de recrutement : aucune phrase du document ne les dit égaux.",
            potential_and_vacancies,
        ),
        control(
            "postes.structurants",
            Nature::Count,
            "Le nombre de postes de structuration que le texte annonce est celui des lignes qui en sont.",
            structuring,
        ),
        control(
            "postes.structurants-case",
            Nature::Comparison,
            "Les postes de structuration que le texte annonce sont ceux des cases imprimées où sont leurs lignes.",
            structuring_cells,
        ),
    ]
}

/// Runs them over the posts of a plan, their lines as the tables count them.
pub fn outcomes(posts: &Posts, mentions: &Mentions) -> Vec<Outcome> {
    run(&catalogue(), &Facts { posts, tables: tables::tables(posts), mentions })
}

fn posts(count: i32) -> Amount {
    Amount::Count(Decimal::from(count))
}

fn table(code: &str) -> Touched {
    thing(Subject::PostTable, Some(code))
}

/// « vacances, 20 % ».
fn named(table: &PostTable, part: Part) -> String {
    format!("{}, part à {}", table.code, part.short())
}

impl Facts<'_> {
    /// Where what is said of every post is printed: the rule of the 20 %.
    fn place(&self) -> Vec<i32> {
        self.mentions.lines(Subject::Post, None)
    }

    /// Where the totals of vacancies are printed.
    fn vacancy_totals(&self) -> Vec<i32> {
        let vacancies =
            self.posts.tables.iter().filter(|it| it.origins == tables::vacancies(Part::Dynamic, None).origins);
        vacancies.flat_map(|it| &it.totals).flat_map(|total| total.lines.clone()).collect()
    }
}

fn dynamic_share<'a>(control: &This<'a>, facts: &Facts<'a>) -> Vec<Outcome> {
    let share = tables::share(&facts.posts.lines, None);
    let (Some(percent), Some(kept)) = (share.percent, share.is_reached()) else { return Vec::new() };
    let mut outcome = control
        .on("", "Part dynamique des vacances ≥ 20 %")
        .about(Subject::Post, None)
        .at(facts.place())
        .at(facts.vacancy_totals())
        .input("Vacances à 20 %", posts(share.dynamic), None)
        .input("Vacances à 20 % et 80 %", posts(share.total), None);
    for staff in Staff::ALL {
        let own = tables::share(&facts.posts.lines, Some(*staff));
        if let Some(percent) = own.percent {
            outcome = outcome.input(
                format!("{}, {} sur {}", staff.word(), own.dynamic, own.total),
                Amount::Percent(percent),
                None,
            );
        }
    }
    let printed = Amount::Text(format!("≥ {}", figure::show_percent(DYNAMIC_MIN, 0)));
    vec![outcome.ruled(kept, printed, Amount::Percent(percent))]
}

fn aimless<'a>(control: &This<'a>, facts: &Facts<'a>) -> Vec<Outcome> {
    let lines = &facts.posts.lines;
    let dynamic = Pick { part: Some(Part::Dynamic), ..Pick::default() };
    let Some(all) = dynamic.count(lines) else { return Vec::new() };
    let count = tables::aimless().sum(lines);
    let outcome = control.on("", "Postes à 20 % sans objectif = 0").about(Subject::Post, None).at(facts.place()).input(
        "Postes à 20 %",
        posts(all),
        None,
    );
    vec![outcome.ruled(count == 0, Amount::Text("aucun".into()), posts(count))]
}

/// The printed rows that hold posts of a part and a corps.
fn rows(table: &PostTable, part: Part, corps: Option<Corps>) -> impl Iterator<Item = &PrintedRow> {
    let holds = move |row: &&PrintedRow| {
        row.part == part && corps.is_none_or(|corps| row.cells.iter().any(|cell| cell.corps == corps))
    };
    table.rows.iter().filter(holds)
}

/// Each printed row of totals, with the computed one.
fn totals<'f>(facts: &'f Facts<'_>) -> impl Iterator<Item = (&'f PostTable, &'f super::model::PrintedTotal, Pick)> {
    facts.posts.tables.iter().flat_map(|table| {
        let pick = move |part| Pick { origins: table.origins.clone(), part: Some(part), ..Pick::default() };
        table.totals.iter().map(move |total| (table, total, pick(total.part)))
    })
}

/// With the posts of each year among its inputs.
fn by_year(mut outcome: Outcome, facts: &Facts<'_>, printed: &PostTable, pick: &Pick) -> Outcome {
    let Some(shown) = facts.tables.iter().find(|it| it.code == printed.code.as_str()) else { return outcome };
    for row in &shown.rows {
        let cell =
            row.cells.iter().chain([&row.whole]).find(|it| it.pick.part == pick.part && it.pick.corps == pick.corps);
        if let Some(count) = cell.and_then(|it| it.computed) {
            outcome = outcome.input(row.year_label.clone(), posts(count), None);
        }
    }
    outcome
}

fn by_corps<'a>(control: &This<'a>, facts: &Facts<'a>) -> Vec<Outcome> {
    let mut found = Vec::new();
    for (printed, total, part) in totals(facts) {
        for cell in &total.cells {
            let pick = Pick { corps: Some(cell.corps), ..part.clone() };
            let outcome = control
                .on(
                    &format!("{}.{}.{}", printed.code, total.part.word(), cell.corps.word()),
                    format!("{}, {} : total = somme des années", named(printed, total.part), cell.corps.short()),
                )
                .about(Subject::PostTable, Some(printed.code.as_str()))
                .at(total.lines.iter().copied())
                .at(rows(printed, total.part, Some(cell.corps)).flat_map(|row| row.lines.clone()));
            let outcome = by_year(outcome, facts, printed, &pick);
            found.push(outcome.compared(posts(cell.count), posts(pick.sum(&facts.posts.lines))));
        }
    }
    found
}

fn n_of_corps<'a>(control: &This<'a>, facts: &Facts<'a>) -> Vec<Outcome> {
    let of = |(printed, total, _): (&PostTable, &super::model::PrintedTotal, Pick)| {
        let mut outcome = control
            .on(
                &format!("{}.{}", printed.code, total.part.word()),
                format!("{} : n = somme des totaux par corps", named(printed, total.part)),
            )
            .about(Subject::PostTable, Some(printed.code.as_str()))
            .at(total.lines.iter().copied());
        for cell in &total.cells {
            outcome = outcome.input(cell.corps.short(), posts(cell.count), None);
        }
        outcome.compared(posts(total.count), posts(total.cells.iter().map(|cell| cell.count).sum()))
    };
    totals(facts).map(of).collect()
}

fn n_of_lines<'a>(control: &This<'a>, facts: &Facts<'a>) -> Vec<Outcome> {
    let of = |(printed, total, pick): (&PostTable, &super::model::PrintedTotal, Pick)| {
        let outcome = control
            .on(
                &format!("{}.{}", printed.code, total.part.word()),
                format!("{} : n = somme de toutes les lignes", named(printed, total.part)),
            )
            .about(Subject::PostTable, Some(printed.code.as_str()))
            .at(total.lines.iter().copied())
            .at(rows(printed, total.part, None).flat_map(|row| row.lines.clone()));
        by_year(outcome, facts, printed, &pick).compared(posts(total.count), posts(pick.sum(&facts.posts.lines)))
    };
    totals(facts).map(of).collect()
}

fn cells<'a>(control: &This<'a>, facts: &Facts<'a>) -> Vec<Outcome> {
    let of = |printed: &PostTable| {
        let shown = facts.tables.iter().find(|it| it.code == printed.code.as_str())?;
        let mut outcome = control
            .on(printed.code.as_str(), format!("{} : cases qui diffèrent de leurs lignes = 0", printed.code))
            .about(Subject::PostTable, Some(printed.code.as_str()))
            .at(printed.rows.iter().flat_map(|row| row.lines.clone()));
        let mut differing = 0;
        for row in shown.rows.iter().filter(|row| row.is_printed) {
            for cell in row.cells.iter().filter(|cell| cell.gap.is_some()) {
                differing += 1;
                let corps = cell.pick.corps.map_or("", Corps::short);
                let label = format!("{}, {}, {corps}", row.year_label, row.part_label);
                outcome = outcome.input(label, posts(cell.computed.unwrap_or(0)), None);
            }
        }
        Some(outcome.compared(Amount::count(0), posts(differing)))
    };
    facts.posts.tables.iter().filter(|it| !it.rows.is_empty()).filter_map(of).collect()
}

const fn row_word(row: PotentialRow) -> &'static str {
    match row {
        PotentialRow::Certain => "départs certains",
        PotentialRow::Possible => "moitié des départs possibles",
        PotentialRow::Total => "potentiel",
    }
}

fn potential_row<'a>(control: &This<'a>, facts: &Facts<'a>) -> Vec<Outcome> {
    let mut found = Vec::new();
    for it in &facts.posts.potential {
        for printed in &it.printed {
            let on = |end: &str, what: &str| {
                control
                    .on(
                        &format!("{}.{}.{end}", it.code, printed.row.word()),
                        format!("{}, {} : {what}", it.family.word(), row_word(printed.row)),
                    )
                    .about(Subject::Potential, Some(it.code.as_str()))
                    .at(printed.lines.iter().copied())
            };
            for (end, percent, share) in [("80", 80, printed.share_80), ("20", 20, printed.share_20)] {
                let Some(computed) = printed.total.checked_mul(Decimal::new(percent, 2)) else { continue };
                let outcome =
                    on(end, &format!("{percent} % du total")).input("Total", Amount::Count(printed.total), None);
                found.push(outcome.compared(Amount::Count(share), Amount::Count(computed)));
            }
            let outcome = on("somme", "80 % + 20 % = total")
                .input("80 %", Amount::Count(printed.share_80), None)
                .input("20 %", Amount::Count(printed.share_20), None);
            let sum = Amount::Count(printed.share_80 + printed.share_20);
            found.push(outcome.compared(Amount::Count(printed.total), sum));
        }
    }
    found
}

/// A column of the table of the potential: its code, its name, its figure in a row.
type Column = (&'static str, &'static str, fn(&PrintedPotential) -> Decimal);

fn potential_total<'a>(control: &This<'a>, facts: &Facts<'a>) -> Vec<Outcome> {
    let columns: [Column; 3] =
        [("total", "total", |it| it.total), ("80", "80 %", |it| it.share_80), ("20", "20 %", |it| it.share_20)];
    let of = |it: &Potential| {
        let row = |row: PotentialRow| it.printed.iter().find(|printed| printed.row == row);
        let (certain, possible) = (row(PotentialRow::Certain)?, row(PotentialRow::Possible)?);
        let total = row(PotentialRow::Total)?;
        let each = columns.map(|(end, name, of)| {
            control
                .on(
                    &format!("{}.{end}", it.code),
                    format!("{}, {name} : certains + moitié des possibles", it.family.word()),
                )
                .about(Subject::Potential, Some(it.code.as_str()))
                .at([certain, possible, total].into_iter().flat_map(|printed| printed.lines.clone()))
                .input("Départs certains", Amount::Count(of(certain)), None)
                .input("Moitié des départs possibles", Amount::Count(of(possible)), None)
                .compared(Amount::Count(of(total)), Amount::Count(of(certain) + of(possible)))
        });
        Some(each)
    };
    facts.posts.potential.iter().filter_map(of).flatten().collect()
}

fn potential_and_vacancies<'a>(control: &This<'a>, facts: &Facts<'a>) -> Vec<Outcome> {
    let mut found = Vec::new();
    let mut printed_sum = Decimal::ZERO;
    let mut lines = facts.vacancy_totals();
    let on = |end: &str, name: &str, potential: Decimal, arbitrated: i32, lines: &[i32]| {
        control
            .on(end, format!("{name} : postes vacants arbitrés et potentiel"))
            .about(Subject::Potential, None)
            .about(Subject::Post, None)
            .at(lines.iter().copied())
            .input("Potentiel imprimé", Amount::Count(potential), None)
            .input("Vacances arbitrées, des deux parts", posts(arbitrated), None)
            .compared(Amount::Count(potential), posts(arbitrated))
    };
    for it in &facts.posts.potential {
        let Some(total) = it.printed.iter().find(|printed| printed.row == PotentialRow::Total) else { continue };
        printed_sum += total.total;
        lines.extend(&total.lines);
        let arbitrated = tables::share(&facts.posts.lines, Some(it.family)).total;
        found.push(on(it.code.as_str(), it.family.word(), total.total, arbitrated, &lines));
    }
    if found.len() > 1 {
        let arbitrated = tables::share(&facts.posts.lines, None).total;
        found.push(on("ensemble", "Ensemble", printed_sum, arbitrated, &lines));
    }
    found
}

fn announced<'f>(facts: &'f Facts<'_>) -> impl Iterator<Item = (&'f Mention, Decimal)> {
    facts.mentions.saying(Says::Structuring).filter_map(|it| Some((it, it.value?)))
}

const STRUCTURING: Pick = Pick {
    origins: Vec::new(),
    year: None,
    part: None,
    family: None,
    corps: None,
    realisation: None,
    structuring: true,
    aimless: false,
};

fn structuring<'a>(control: &This<'a>, facts: &Facts<'a>) -> Vec<Outcome> {
    let of = |(mention, value): (&Mention, Decimal)| {
        let outcome = control.on(mention.code.as_str(), "Postes de structuration annoncés et lignes").said(mention);
        outcome.about(Subject::Post, None).compared(Amount::Count(value), posts(STRUCTURING.sum(&facts.posts.lines)))
    };
    announced(facts).map(of).collect()
}

fn structuring_cells<'a>(control: &This<'a>, facts: &Facts<'a>) -> Vec<Outcome> {
    let lines: Vec<_> = facts.posts.lines.iter().filter(|line| STRUCTURING.keeps(line)).collect();
    let mut held = Vec::new();
    for printed in &facts.posts.tables {
        for row in &printed.rows {
            for cell in &row.cells {
                let here = |line: &&&super::model::PostLine| {
                    printed.origins.contains(&line.origin)
                        && (line.year, line.part, line.corps) == (row.year, row.part, cell.corps)
                };
                if lines.iter().any(|line| here(&line)) {
                    held.push((printed, row, cell));
                }
            }
        }
    }
    if held.is_empty() {
        return Vec::new();
    }
    let of = |(mention, value): (&Mention, Decimal)| {
        let mut outcome =
            control.on(mention.code.as_str(), "Postes de structuration annoncés et cases imprimées").said(mention);
        for (printed, row, cell) in &held {
            let label = format!("{}, {}, « {} »", row.year_printed, cell.corps.short(), cell.text);
            outcome = outcome.input(label, posts(cell.count), Some(table(printed.code.as_str()))).at(row.lines.clone());
        }
        let count: i32 = held.iter().map(|(_, _, cell)| cell.count).sum();
        outcome.about(Subject::Post, None).compared(Amount::Count(value), posts(count))
    };
    announced(facts).map(of).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::canonical;
    use crate::printed::Verdict;
    use serde_json::Value;

    fn signed() -> (Posts, Mentions) {
        let file: Value = serde_json::from_str(include_str!("../../demo/contrat-signe.json")).unwrap();
        let part = |key: &str| file[key].to_string();
        let posts = Posts {
            lines: canonical::from_text(&part("posts")).unwrap(),
            tables: canonical::from_text(&part("post_tables")).unwrap(),
            potential: canonical::from_text(&part("potential")).unwrap(),
        };
        (posts, Mentions(canonical::from_text(&part("mentions")).unwrap()))
    }

    fn gaps(posts: &Posts, mentions: &Mentions) -> Vec<String> {
        outcomes(posts, mentions).into_iter().filter(Outcome::is_gap).map(|it| it.code).collect()
    }

    #[test]
    fn the_signed_posts_fail_the_rule_and_nothing_that_is_printed() {
        let (posts, mentions) = signed();
        let all = outcomes(&posts, &mentions);
        assert_eq!(
            gaps(&posts, &mentions),
            [
                "postes.part-dynamique",
                "postes.sans-objectif",
                "postes.potentiel-vacances.EEC",
                "postes.potentiel-vacances.BIATSS",
                "postes.potentiel-vacances.ensemble",
            ]
        );
        assert!(all.iter().all(|it| it.verdict != Verdict::Unknown && !it.lines.is_empty()));
        let share = &all[0];
        assert_eq!(
            (share.computed.show(), share.place()),
            ("19,57\u{202f}%".into(), "lignes 118, 340, 404 et 405".into())
        );
        assert!(share.inputs.iter().any(|it| it.label == "EEC, 7 sur 29"));
    }

    #[test]
    fn a_line_moved_to_the_other_part_is_seen_everywhere() {
        let (mut posts, mentions) = signed();
        let moved = posts.lines.iter_mut().find(|line| line.part == Part::Recurrent).unwrap();
        (moved.part, moved.corps) = (Part::Dynamic, Corps::Mcf);
        let gaps = gaps(&posts, &mentions);
        assert!(!gaps.contains(&"postes.part-dynamique".to_owned()));
        for code in [
            "postes.total.vacances.part_20.MCF",
            "postes.total.vacances.part_80.MCF",
            "postes.n-lignes.vacances.part_20",
            "postes.cases.vacances",
        ] {
            assert!(gaps.contains(&code.to_owned()), "{code}: {gaps:?}");
        }
    }

    #[test]
    fn nothing_printed_leaves_the_rules_of_the_lines() {
        let (posts, _) = signed();
        let bare = Posts { lines: posts.lines, ..Posts::default() };
        let words: Vec<String> = outcomes(&bare, &Mentions::default()).into_iter().map(|it| it.code).collect();
        assert_eq!(words, ["postes.part-dynamique", "postes.sans-objectif"]);
        assert!(outcomes(&Posts::default(), &Mentions::default()).is_empty());
    }
}
