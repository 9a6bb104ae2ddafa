//! The tables computed from the lines, beside what was printed; shares, potential, warnings (docs/regles.md §6).

use std::collections::BTreeSet;

use rust_decimal::Decimal;

use super::model::{
    Corps, Family, Origin, Part, PostLine, PostTable, Posts, Potential, PotentialRow, PrintedCell, PrintedPotential,
    PrintedTotal, Realisation,
};
use crate::kernel::figure;

/// Least dynamic share of vacancies, in points.
pub const DYNAMIC_MIN: Decimal = Decimal::from_parts(20, 0, 0, false, 0);
/// Decimals of a share, as the rule needs them: 19,57 % is not 20 %.
pub const SHARE_DECIMALS: u32 = 2;

/// Which lines a figure counts: every figure of the page is a choice of lines, and opens into them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Pick {
    /// Of these origins; empty for all.
    pub origins: Vec<Origin>,
    /// Of this year; `Some(None)` is « non connue ».
    pub year: Option<Option<i32>>,
    /// Of this part.
    pub part: Option<Part>,
    /// Of this family.
    pub family: Option<Family>,
    /// Of this corps.
    pub corps: Option<Corps>,
    /// That came this far.
    pub realisation: Option<Realisation>,
    /// Structuring ones.
    pub structuring: bool,
    /// Without an objective.
    pub aimless: bool,
}

impl Pick {
    /// Whether it keeps a line.
    pub fn keeps(&self, line: &PostLine) -> bool {
        (self.origins.is_empty() || self.origins.contains(&line.origin))
            && self.year.is_none_or(|year| year == line.year)
            && self.part.is_none_or(|part| part == line.part)
            && self.family.is_none_or(|family| family == line.corps.family())
            && self.corps.is_none_or(|corps| corps == line.corps)
            && self.realisation.is_none_or(|realisation| realisation == line.realisation)
            && (!self.structuring || line.structuring)
            && (!self.aimless || line.objectives.is_empty())
    }

    /// How many posts it keeps; `None` when it keeps no line: blank is not zero.
    pub fn count(&self, lines: &[PostLine]) -> Option<i32> {
        let mut kept = lines.iter().filter(|line| self.keeps(line)).map(|line| line.count).peekable();
        kept.peek().is_some().then(|| kept.sum())
    }

    /// The same as a sum: nothing adds up to 0.
    pub fn sum(&self, lines: &[PostLine]) -> i32 {
        self.count(lines).unwrap_or(0)
    }
}

/// A cell: what its lines add up to, beside what was printed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cell {
    /// The lines it counts.
    pub pick: Pick,
    /// Their posts; `None` is blank.
    pub computed: Option<i32>,
    /// What was printed there.
    pub printed: Option<PrintedCell>,
    /// Computed less printed; `None` when they agree or nothing was printed of the whole row.
    pub gap: Option<i32>,
}

/// A row: one year, one part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// As printed, or the year.
    pub year_label: String,
    /// As printed, or the part.
    pub part_label: String,
    /// The printed table has it.
    pub is_printed: bool,
    /// One a corps.
    pub cells: Vec<Cell>,
    /// All its lines.
    pub whole: Cell,
}

/// A total: computed, and printed when it was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Total {
    /// The lines it counts.
    pub pick: Pick,
    /// Their posts.
    pub computed: i32,
    /// As printed.
    pub printed: Option<i32>,
}

impl Total {
    /// Computed less printed, when they differ.
    pub fn gap(&self) -> Option<i32> {
        self.printed.map(|printed| self.computed - printed).filter(|gap| *gap != 0)
    }
}

/// A row of totals: one part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Totals {
    /// As printed, or « Total ».
    pub label: String,
    /// As printed, or the part.
    pub part_label: String,
    /// One a corps.
    pub cells: Vec<Total>,
    /// All of them: the printed n.
    pub whole: Total,
}

/// A table made of lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// Stable code.
    pub code: String,
    /// As printed.
    pub title: String,
    /// Its rows: the printed ones, then those that only lines have.
    pub rows: Vec<Row>,
    /// Its totals.
    pub totals: Vec<Totals>,
}

impl Table {
    /// How many printed totals are not what the lines add up to.
    pub fn gaps(&self) -> usize {
        let of = |row: &Totals| row.cells.iter().chain([&row.whole]).filter(|total| total.gap().is_some()).count();
        self.totals.iter().map(of).sum()
    }
}

/// The tables of a plan: the printed ones, then one for the lines that no printed table counts.
pub fn tables(posts: &Posts) -> Vec<Table> {
    let mut tables: Vec<Table> = posts.tables.iter().map(|printed| table(printed, &posts.lines)).collect();
    for (code, title, origins) in [
        ("postes-vacants", "Postes vacants", vec![Origin::Vacancy]),
        ("postes-crees", "Postes créés ou stabilisés", vec![Origin::Creation, Origin::Stabilisation]),
    ] {
        let uncounted = |origin: &Origin| !posts.tables.iter().any(|table| table.origins.contains(origin));
        let origins: Vec<Origin> = origins.into_iter().filter(uncounted).collect();
        if posts.lines.iter().any(|line| origins.contains(&line.origin)) {
            tables.push(computed(code, title, &origins, &posts.lines));
        }
    }
    tables
}

fn year_label(year: Option<i32>) -> String {
    year.map_or_else(|| "Année non connue".into(), |year| year.to_string())
}

fn row(pick: &Pick, printed: Option<(&str, &str, &[PrintedCell])>, lines: &[PostLine]) -> Row {
    let cell = |corps: Option<Corps>| {
        let pick = Pick { corps, ..pick.clone() };
        let computed = pick.count(lines);
        let (text, expected) = match (printed, corps) {
            (Some((_, _, cells)), Some(corps)) => {
                let cell = cells.iter().find(|cell| cell.corps == corps).cloned();
                let count = cell.as_ref().map_or(0, |cell| cell.count);
                (cell, Some(count))
            }
            (Some((_, _, cells)), None) => (None, Some(cells.iter().map(|cell| cell.count).sum())),
            (None, _) => (None, None),
        };
        let gap = expected.map(|expected| computed.unwrap_or(0) - expected).filter(|gap| *gap != 0);
        Cell { pick, computed, printed: text, gap }
    };
    let (year_label, part_label) = match printed {
        Some((year, part, _)) => (year.to_owned(), part.to_owned()),
        None => (year_label(pick.year.flatten()), pick.part.map_or("", Part::short).to_owned()),
    };
    Row {
        year_label,
        part_label,
        is_printed: printed.is_some(),
        cells: Corps::ALL.iter().map(|corps| cell(Some(*corps))).collect(),
        whole: cell(None),
    }
}

fn totals(pick: &Pick, part: Part, printed: Option<&PrintedTotal>, lines: &[PostLine]) -> Totals {
    let total = |corps: Option<Corps>, printed: Option<i32>| {
        let pick = Pick { part: Some(part), corps, ..pick.clone() };
        Total { computed: pick.sum(lines), pick, printed }
    };
    let by_corps = |corps: Corps| printed?.cells.iter().find(|cell| cell.corps == corps).map(|cell| cell.count);
    Totals {
        label: printed.map_or_else(|| "Total".into(), |it| it.label.clone()),
        part_label: printed.map_or_else(|| part.short().into(), |it| it.part_printed.clone()),
        cells: Corps::ALL.iter().map(|corps| total(Some(*corps), by_corps(*corps))).collect(),
        whole: total(None, printed.map(|it| it.count)),
    }
}

/// Years in order, the unknown one last.
fn by_year(year: Option<i32>) -> (bool, Option<i32>) {
    (year.is_none(), year)
}

/// The rows that lines ask for and that were not printed.
fn added(pick: &Pick, known: &[(Option<i32>, Part)], lines: &[PostLine]) -> Vec<Row> {
    let wanted: BTreeSet<_> = lines
        .iter()
        .filter(|line| pick.keeps(line) && !known.contains(&(line.year, line.part)))
        .map(|line| (by_year(line.year), line.part))
        .collect();
    wanted
        .into_iter()
        .map(|((_, year), part)| row(&Pick { year: Some(year), part: Some(part), ..pick.clone() }, None, lines))
        .collect()
}

/// The totals of the parts that have lines and no printed total.
fn added_totals(pick: &Pick, known: &[Part], lines: &[PostLine]) -> Vec<Totals> {
    Part::ALL
        .iter()
        .filter(|part| !known.contains(part))
        .filter(|part| Pick { part: Some(**part), ..pick.clone() }.count(lines).is_some())
        .map(|part| totals(pick, *part, None, lines))
        .collect()
}

fn table(printed: &PostTable, lines: &[PostLine]) -> Table {
    let pick = Pick { origins: printed.origins.clone(), ..Pick::default() };
    let mut rows: Vec<Row> = printed
        .rows
        .iter()
        .map(|it| {
            let pick = Pick { year: Some(it.year), part: Some(it.part), ..pick.clone() };
            row(&pick, Some((&it.year_printed, &it.part_printed, &it.cells)), lines)
        })
        .collect();
    let known: Vec<_> = printed.rows.iter().map(|it| (it.year, it.part)).collect();
    rows.extend(added(&pick, &known, lines));
    let mut sums: Vec<Totals> = printed.totals.iter().map(|it| totals(&pick, it.part, Some(it), lines)).collect();
    let known: Vec<_> = printed.totals.iter().map(|it| it.part).collect();
    sums.extend(added_totals(&pick, &known, lines));
    Table { code: printed.code.to_string(), title: printed.title.clone(), rows, totals: sums }
}

fn computed(code: &str, title: &str, origins: &[Origin], lines: &[PostLine]) -> Table {
    let pick = Pick { origins: origins.to_vec(), ..Pick::default() };
    Table {
        code: code.into(),
        title: title.into(),
        rows: added(&pick, &[], lines),
        totals: added_totals(&pick, &[], lines),
    }
}

/// The dynamic share of vacancies, of one family or overall. Lines outside both parts count on neither side.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Share {
    /// Of this family; `None` overall.
    pub family: Option<Family>,
    /// Posts of the 20 % part.
    pub dynamic: i32,
    /// Posts of both parts.
    pub total: i32,
    /// In points; `None` when there is no post.
    pub percent: Option<Decimal>,
}

impl Share {
    /// Reaches the least share; `None` when there is no post.
    pub fn is_reached(&self) -> Option<bool> {
        self.percent.map(|percent| percent >= DYNAMIC_MIN)
    }
}

/// The lines of one part of the vacancies, of one family or overall.
pub fn vacancies(part: Part, family: Option<Family>) -> Pick {
    Pick { origins: vec![Origin::Vacancy], part: Some(part), family, ..Pick::default() }
}

/// The dynamic share of vacancies.
pub fn share(lines: &[PostLine], family: Option<Family>) -> Share {
    let dynamic = vacancies(Part::Dynamic, family).sum(lines);
    let total = dynamic + vacancies(Part::Recurrent, family).sum(lines);
    let percent = figure::rate(Decimal::from(dynamic), Decimal::from(total)).ok();
    Share { family, dynamic, total, percent }
}

/// Posts of the 20 % part that serve no objective: each calls for a warning.
pub fn aimless() -> Pick {
    Pick { part: Some(Part::Dynamic), aimless: true, ..Pick::default() }
}

/// A row of the potential of one family.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PotentialLine {
    /// Which row.
    pub row: PotentialRow,
    /// Posts.
    pub total: Decimal,
    /// 80 % of them, fractions kept.
    pub share_80: Decimal,
    /// 20 % of them.
    pub share_20: Decimal,
    /// As printed.
    pub printed: Option<PrintedPotential>,
}

/// The potential of a family: certain departures, half of the possible ones, and their sum, each split 80/20.
pub fn potential(it: &Potential) -> Vec<PotentialLine> {
    let half = it.possible / Decimal::TWO;
    [(PotentialRow::Certain, it.certain), (PotentialRow::Possible, half), (PotentialRow::Total, it.certain + half)]
        .into_iter()
        .map(|(row, total)| {
            let share = |percent: i64| (total * Decimal::new(percent, 2)).normalize();
            PotentialLine {
                row,
                total: total.normalize(),
                share_80: share(80),
                share_20: share(20),
                printed: it.printed.iter().find(|printed| printed.row == row).cloned(),
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::canonical::{Canonical, Reader};
    use serde_json::Value;

    /// The posts of the signed contract.
    fn signed() -> Posts {
        fn read<T: Canonical>(value: &Value) -> Vec<T> {
            Vec::read(value, &mut Reader::default()).unwrap()
        }
        let file: Value = serde_json::from_str(include_str!("../../demo/contrat-signe.json")).unwrap();
        Posts { lines: read(&file["posts"]), tables: read(&file["post_tables"]), potential: read(&file["potential"]) }
    }

    fn figures(row: &Totals) -> Vec<i32> {
        row.cells.iter().chain([&row.whole]).map(|total| total.computed).collect()
    }

    #[test]
    fn every_total_computed_from_the_lines_is_the_printed_one() {
        let tables = tables(&signed());
        let rows: Vec<(&str, Vec<i32>)> = tables
            .iter()
            .flat_map(|table| table.totals.iter().map(|row| (row.part_label.as_str(), figures(row))))
            .collect();
        assert_eq!(
            rows,
            [
                ("20% (n=9)", vec![2, 4, 1, 0, 0, 2, 9]),
                ("80% (n=37)", vec![2, 10, 10, 1, 5, 9, 37]),
                ("20% (n=3)", vec![0, 0, 0, 3, 0, 0, 3]),
                ("80% (n=6)", vec![0, 0, 2, 2, 2, 0, 6]),
            ]
        );
        assert!(tables.iter().all(|table| table.gaps() == 0));
        assert!(tables.iter().flat_map(|table| &table.totals).all(|row| row.whole.printed.is_some()));
    }

    #[test]
    fn rows_and_cells_are_the_printed_ones_and_blank_is_not_zero() {
        let tables = tables(&signed());
        assert_eq!(tables.iter().map(|table| table.rows.len()).collect::<Vec<_>>(), [12, 13]);
        for row in tables.iter().flat_map(|table| &table.rows) {
            assert!(row.is_printed && row.whole.gap.is_none(), "{}", row.year_label);
            for cell in &row.cells {
                assert_eq!(cell.computed, cell.printed.as_ref().map(|printed| printed.count));
            }
        }
        let vacant_2024 = &tables[0].rows[4];
        assert_eq!((vacant_2024.year_label.as_str(), vacant_2024.whole.computed), ("2024", None));
    }

    #[test]
    fn one_printed_cell_holds_two_posts() {
        let posts = signed();
        let cell = &tables(&posts)[1].rows[12].cells[3];
        assert_eq!(cell.computed, Some(2));
        assert!(cell.printed.as_ref().unwrap().text.starts_with("1 Ingénieur pédagogique"));
        assert_eq!(posts.lines.iter().filter(|line| cell.pick.keeps(line)).count(), 2);
    }

    #[test]
    fn the_dynamic_share_is_below_its_rule() {
        let lines = signed().lines;
        let told = |family| {
            let share = share(&lines, family);
            (share.dynamic, share.total, share.percent.map(|it| figure::show_percent(it, 2)), share.is_reached())
        };
        let percent = |text: &str| Some(format!("{text}\u{202f}%"));
        assert_eq!(told(None), (9, 46, percent("19,57"), Some(false)));
        assert_eq!(told(Some(Family::Teaching)), (7, 29, percent("24,14"), Some(true)));
        assert_eq!(told(Some(Family::Support)), (2, 17, percent("11,76"), Some(false)));
        assert_eq!(share(&[], None).is_reached(), None);
    }

    #[test]
    fn one_more_dynamic_post_moves_the_share_and_the_gap_says_so() {
        let mut posts = signed();
        let moved = posts.lines.iter_mut().find(|line| line.part == Part::Recurrent).unwrap();
        moved.part = Part::Dynamic;
        assert_eq!(share(&posts.lines, None).is_reached(), Some(true));
        let table = &tables(&posts)[0];
        assert_eq!(table.totals.iter().map(|row| row.whole.gap()).collect::<Vec<_>>(), [Some(1), Some(-1)]);
        assert_eq!(table.gaps(), 4);
    }

    #[test]
    fn a_line_of_a_year_or_a_part_that_was_not_printed_has_a_row_of_its_own() {
        let mut posts = signed();
        posts.lines[0].year = Some(2021);
        posts.lines[1].part = Part::Outside;
        let table = &tables(&posts)[0];
        let added: Vec<&Row> = table.rows.iter().filter(|row| !row.is_printed).collect();
        assert_eq!(added.iter().map(|row| row.year_label.as_str()).collect::<Vec<_>>(), ["2021", "2022"]);
        assert_eq!(table.totals.iter().map(|row| row.whole.computed).sum::<i32>(), 46);
        assert_eq!(share(&posts.lines, None).total, 45);
    }

    #[test]
    fn a_plan_without_printed_tables_still_has_its_lines_counted() {
        let posts = Posts { tables: Vec::new(), ..signed() };
        let tables = tables(&posts);
        let sums: Vec<i32> =
            tables.iter().map(|table| table.totals.iter().map(|row| row.whole.computed).sum()).collect();
        assert_eq!(sums, [46, 9]);
        assert_eq!(tables[1].rows.last().unwrap().year_label, "Année non connue");
    }

    #[test]
    fn the_potential_is_the_certain_and_half_of_the_possible() {
        let posts = signed();
        let told: Vec<Vec<String>> = posts
            .potential
            .iter()
            .flat_map(potential)
            .map(|line| {
                let printed = line.printed.unwrap();
                assert_eq!(
                    (line.total, line.share_80, line.share_20),
                    (printed.total, printed.share_80, printed.share_20)
                );
                [line.total, line.share_80, line.share_20].iter().map(|it| figure::show(*it)).collect()
            })
            .collect();
        assert_eq!(
            told,
            [
                ["21", "16,8", "4,2"],
                ["3", "2,4", "0,6"],
                ["24", "19,2", "4,8"],
                ["13", "10,4", "2,6"],
                ["5,5", "4,4", "1,1"],
                ["18,5", "14,8", "3,7"]
            ]
        );
    }

    #[test]
    fn structuring_posts_printed_twice_count_once() {
        let lines = signed().lines;
        let structuring = Pick { structuring: true, ..Pick::default() };
        assert_eq!(structuring.count(&lines), Some(2));
        assert!(lines.iter().filter(|line| line.structuring).all(|line| line.also_printed_in.is_some()));
        assert_eq!(Pick::default().sum(&lines), 55);
    }

    #[test]
    fn a_dynamic_post_without_objective_is_warned_about() {
        let mut lines = signed().lines;
        assert_eq!(aimless().sum(&lines), 12);
        let line = lines.iter_mut().find(|line| aimless().keeps(line)).unwrap();
        line.objectives.push(crate::kernel::ids::Code::new("O5").unwrap());
        assert_eq!(aimless().sum(&lines), 11);
    }
}
