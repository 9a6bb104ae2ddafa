//! Postes: what its template asks.

use askama::Template;
use askama_web::WebTemplate;
use rust_decimal::Decimal;

use super::demand::DemandRow;
use super::{frame, posts};
use crate::accounts::CurrentUser;
use crate::kernel::figure;
use crate::plans::model::Node;
use crate::plans::store::Header;
use crate::posts::model::{Corps, Family, Origin, Part, PostLine, PotentialRow, Realisation};
use crate::posts::store::Shown;
use crate::posts::tables::{
    self, Cell, DYNAMIC_MIN, Pick, PotentialLine, Row, SHARE_DECIMALS, Share, Table, Total, Totals,
};
use crate::printed::Shortlist;
use crate::reserves::model::Subject;
use crate::reserves::{Beside, Mark, Reserves};
use crate::web::page::Page;

/// A computed figure: a link to its lines, and what was printed when that says something else.
pub struct Figure {
    text: String,
    href: String,
    /// What the figure is, for whoever does not see its row and column.
    name: String,
    notes: Vec<String>,
    is_gap: bool,
}

/// A row: one part of a year.
pub struct RowView {
    part: String,
    figures: Vec<Figure>,
}

/// The rows of one year.
pub struct YearView {
    label: String,
    note: &'static str,
    rows: Vec<RowView>,
}

/// A row of totals.
pub struct TotalView {
    label: String,
    part: String,
    figures: Vec<Figure>,
}

/// A table as printed, made of lines.
pub struct TableView {
    id: String,
    title: String,
    years: Vec<YearView>,
    totals: Vec<TotalView>,
    verdict: String,
    agrees: bool,
}

/// A share of vacancies.
pub struct ShareView {
    label: &'static str,
    dynamic: Figure,
    total: Figure,
    percent: String,
    rule: &'static str,
    slug: &'static str,
}

/// A row of the potential: three figures for each family.
pub struct PotentialView {
    label: String,
    cells: Vec<(String, String)>,
    is_total: bool,
}

/// A stage of realisation.
pub struct StageView {
    label: &'static str,
    slug: &'static str,
    figures: Vec<Figure>,
}

/// An objective, linked to its place in the contract.
pub struct Objective {
    /// Its code.
    pub code: String,
    /// Its label, empty when the tree has it no more.
    pub label: String,
    /// Its place in the contract.
    pub href: String,
}

/// A line in the list.
pub struct LineView {
    code: String,
    href: String,
    what: String,
    year: String,
    part: &'static str,
    corps: &'static str,
    count: i32,
    details: Vec<String>,
    objectives: Vec<Objective>,
    aimless: bool,
    stage: &'static str,
    slug: &'static str,
    provenance: Option<String>,
}

/// The page.
#[derive(Template, WebTemplate)]
#[template(path = "posts/posts.html")]
pub struct PostsPage {
    page: Page,
    code: String,
    years: String,
    tables: Vec<TableView>,
    shares: Vec<ShareView>,
    warnings: Vec<Figure>,
    potential_title: String,
    potential: Vec<PotentialView>,
    families: Vec<Family>,
    stages: Vec<StageView>,
    structuring: Option<Figure>,
    printed_twice: Vec<String>,
    filter: Option<String>,
    lines: Vec<LineView>,
    counted: String,
    fictive: bool,
    demands: Vec<DemandRow>,
    may_add: bool,
    reserves: Reserves,
    controls: Shortlist,
}

/// The address of the lines that a figure counts.
fn href(pick: &Pick) -> String {
    let origins: Vec<&str> = pick.origins.iter().map(|origin| origin.word()).collect();
    let pairs = [
        ("origin", origins.join(",")),
        ("year", pick.year.map_or_else(String::new, |it| it.map_or_else(|| "inconnue".into(), |it| it.to_string()))),
        ("part", pick.part.map_or("", Part::word).into()),
        ("family", pick.family.map_or("", Family::word).into()),
        ("corps", pick.corps.map_or("", Corps::word).into()),
        ("realisation", pick.realisation.map_or("", Realisation::word).into()),
        (
            "only",
            if pick.structuring {
                "structurants"
            } else if pick.aimless {
                "sans-objectif"
            } else {
                ""
            }
            .into(),
        ),
    ];
    let query: Vec<String> =
        pairs.iter().filter(|(_, value)| !value.is_empty()).map(|(key, value)| format!("{key}={value}")).collect();
    format!("?{}#lines", query.join("&"))
}

/// What a choice of lines keeps, in words; `None` when it keeps all.
fn described(pick: &Pick) -> Option<String> {
    let mut words: Vec<String> = Vec::new();
    if !pick.origins.is_empty() {
        let origins: Vec<&str> = pick.origins.iter().map(|origin| origin.label()).collect();
        words.push(origins.join(" ou "));
    }
    if let Some(year) = pick.year {
        words.push(year.map_or_else(|| "année non connue".into(), |year| year.to_string()));
    }
    words.extend(pick.part.map(|part| format!("part {}", part.label())));
    words.extend(pick.family.map(|family| family.word().to_owned()));
    words.extend(pick.corps.map(|corps| corps.label().to_owned()));
    words.extend(pick.realisation.map(|it| it.label().to_owned()));
    if pick.structuring {
        words.push("postes structurants".into());
    }
    if pick.aimless {
        words.push("sans objectif".into());
    }
    (!words.is_empty()).then(|| words.join(" · "))
}

fn gap(gap: i32) -> String {
    format!("écart {}", figure::show_gap(Decimal::from(gap)))
}

/// A count that opens into its lines.
fn count(pick: &Pick, text: String) -> Figure {
    Figure { href: href(pick), name: described(pick).unwrap_or_default(), text, notes: Vec::new(), is_gap: false }
}

fn cell(cell: &Cell) -> Figure {
    let shown = cell.computed.map(|it| it.to_string()).unwrap_or_default();
    let mut notes = Vec::new();
    match (&cell.printed, cell.gap) {
        // Words, or another number: the printed text stays beside.
        (Some(printed), _) if printed.text != shown => notes.push(format!("imprimé « {} »", printed.text)),
        (None, Some(_)) if cell.pick.corps.is_some() => notes.push("imprimé vide".into()),
        _ => {}
    }
    notes.extend(cell.gap.map(gap));
    Figure { notes, is_gap: cell.gap.is_some(), ..count(&cell.pick, shown) }
}

fn total(total: &Total) -> Figure {
    let mut notes = Vec::new();
    if let (Some(printed), Some(difference)) = (total.printed, total.gap()) {
        notes.push(format!("imprimé {printed}"));
        notes.push(gap(difference));
    }
    Figure { notes, is_gap: total.gap().is_some(), ..count(&total.pick, total.computed.to_string()) }
}

fn years(rows: &[Row]) -> Vec<YearView> {
    let mut years: Vec<YearView> = Vec::new();
    for row in rows {
        let view =
            RowView { part: row.part_label.clone(), figures: row.cells.iter().chain([&row.whole]).map(cell).collect() };
        let note = if row.is_printed { "" } else { "absente de l’imprimé" };
        match years.last_mut() {
            Some(year) if year.label == row.year_label && year.note == note => year.rows.push(view),
            _ => years.push(YearView { label: row.year_label.clone(), note, rows: vec![view] }),
        }
    }
    years
}

fn totals(row: &Totals) -> TotalView {
    TotalView {
        label: row.label.clone(),
        part: row.part_label.clone(),
        figures: row.cells.iter().chain([&row.whole]).map(total).collect(),
    }
}

fn table(table: &Table) -> TableView {
    let printed = table.totals.iter().any(|row| row.whole.printed.is_some());
    let gaps = table.gaps();
    TableView {
        id: table.code.clone(),
        title: table.title.clone(),
        years: years(&table.rows),
        totals: table.totals.iter().map(totals).collect(),
        verdict: match (printed, gaps) {
            (false, _) => "Rien n’a été imprimé de ces totaux : ils sont calculés.".into(),
            (true, 0) => "Chaque total calculé est égal au total imprimé.".into(),
            (true, 1) => "1 total calculé diffère de l’imprimé, signalé dans le tableau.".into(),
            (true, gaps) => format!("{gaps} totaux calculés diffèrent de l’imprimé, signalés dans le tableau."),
        },
        agrees: gaps == 0,
    }
}

fn share(it: &Share) -> ShareView {
    let total = Pick { part: None, ..tables::vacancies(Part::Dynamic, it.family) };
    let (rule, slug) = match (it.family, it.is_reached()) {
        (_, None) => ("sans poste", "sans-donnee"),
        (None, Some(true)) => ("règle tenue", "atteinte"),
        (None, Some(false)) => ("sous 20\u{202f}%", "en-retard"),
        // The rule bears on the whole.
        (Some(_), Some(_)) => ("", ""),
    };
    ShareView {
        label: it.family.map_or("Ensemble des vacances", Family::label),
        dynamic: count(&tables::vacancies(Part::Dynamic, it.family), it.dynamic.to_string()),
        total: count(&total, it.total.to_string()),
        percent: it.percent.map_or_else(String::new, |percent| figure::show_percent(percent, SHARE_DECIMALS)),
        rule,
        slug,
    }
}

/// What calls for attention, each opening into its lines.
fn warnings(lines: &[PostLine], overall: &Share) -> Vec<Figure> {
    let mut warnings = Vec::new();
    if let (Some(percent), Some(false)) = (overall.percent, overall.is_reached()) {
        let text = format!(
            "La part dynamique des vacances est de {} ({} sur {}) : elle doit atteindre {}.",
            figure::show_percent(percent, SHARE_DECIMALS),
            overall.dynamic,
            overall.total,
            figure::show_percent(DYNAMIC_MIN, 0)
        );
        warnings.push(count(&tables::vacancies(Part::Dynamic, None), text));
    }
    if let Some(aimless) = tables::aimless().count(lines) {
        let text = if aimless > 1 {
            format!("{} à 20\u{202f}% ne servent encore aucun objectif du contrat.", posts(aimless))
        } else {
            "1 poste à 20\u{202f}% ne sert encore aucun objectif du contrat.".into()
        };
        warnings.push(count(&tables::aimless(), text));
    }
    warnings
}

/// A figure of the potential, and what was printed when it differs.
fn potential_cell(computed: Decimal, printed: Option<Decimal>) -> (String, String) {
    let note = match printed {
        Some(printed) if printed != computed => format!("imprimé {}", figure::show(printed)),
        _ => String::new(),
    };
    (figure::show(computed), note)
}

fn potential(families: &[Vec<PotentialLine>]) -> Vec<PotentialView> {
    PotentialRow::ALL
        .iter()
        .map(|row| {
            let lines: Vec<&PotentialLine> =
                families.iter().filter_map(|lines| lines.iter().find(|line| line.row == *row)).collect();
            let printed = lines.iter().find_map(|line| line.printed.as_ref()).map(|printed| printed.label.clone());
            let label = printed.unwrap_or_else(|| match row {
                PotentialRow::Certain => "Départs certains".into(),
                PotentialRow::Possible => "50\u{202f}% des départs possibles".into(),
                PotentialRow::Total => "Potentiel de recrutement".into(),
            });
            let cells = lines
                .iter()
                .flat_map(|line| {
                    let printed = line.printed.as_ref();
                    [
                        potential_cell(line.total, printed.map(|it| it.total)),
                        potential_cell(line.share_80, printed.map(|it| it.share_80)),
                        potential_cell(line.share_20, printed.map(|it| it.share_20)),
                    ]
                })
                .collect();
            PotentialView { label, cells, is_total: *row == PotentialRow::Total }
        })
        .collect()
}

fn stages(lines: &[PostLine]) -> Vec<StageView> {
    let columns = [vec![Origin::Vacancy], vec![Origin::Creation, Origin::Stabilisation], Vec::new()];
    Realisation::ALL
        .iter()
        .map(|realisation| StageView {
            label: realisation.label(),
            slug: realisation.slug(),
            figures: columns
                .iter()
                .map(|origins| {
                    let pick = Pick { origins: origins.clone(), realisation: Some(*realisation), ..Pick::default() };
                    count(&pick, pick.sum(lines).to_string())
                })
                .collect(),
        })
        .collect()
}

/// An objective's link; one that the tree has no more keeps its code.
pub fn objective(plan: &str, code: &str, nodes: &[Node]) -> Objective {
    let label = nodes.iter().find(|node| node.code.as_str() == code).map(|node| node.label.clone());
    Objective { code: code.to_owned(), label: label.unwrap_or_default(), href: format!("/plans/{plan}#n-{code}") }
}

fn line(plan: &str, line: &PostLine, nodes: &[Node]) -> LineView {
    let details = [
        line.qualifier.clone(),
        line.funding.as_ref().map(|funding| format!("financement {funding}")),
        line.structuring.then(|| "poste structurant".into()),
    ];
    LineView {
        code: line.code.to_string(),
        href: format!("/plans/{plan}/posts/{}", line.code),
        what: line.origin.label().into(),
        year: line.year.map_or_else(|| "non connue".into(), |year| year.to_string()),
        part: line.part.short(),
        corps: line.corps.short(),
        count: line.count,
        details: details.into_iter().flatten().collect(),
        objectives: line.objectives.iter().map(|code| objective(plan, code.as_str(), nodes)).collect(),
        aimless: tables::aimless().keeps(line),
        stage: line.realisation.label(),
        slug: line.realisation.slug(),
        provenance: line.provenance.clone(),
    }
}

/// What stands around the tables.
pub struct Around {
    /// Demands, apart from the lines.
    pub demands: Vec<DemandRow>,
    /// A line may be added, or asked for.
    pub may_add: bool,
    /// What the document says in several ways.
    pub reserves: Reserves,
    /// The controls of the page.
    pub controls: Shortlist,
}

impl PostsPage {
    /// The page of a plan; `pick` chooses the lines listed below the tables.
    pub fn new(
        user: &CurrentUser,
        header: &Header,
        nodes: &[Node],
        shown: &Shown,
        pick: &Pick,
        beside: Around,
    ) -> Self {
        let Around { demands, may_add, reserves, controls } = beside;
        let all = &shown.posts;
        let plan = header.plan.code.to_string();
        let lines = &all.lines;
        let overall = tables::share(lines, None);
        let families: Vec<Vec<PotentialLine>> = all.potential.iter().map(tables::potential).collect();
        let structuring = Pick { structuring: true, ..Pick::default() };
        let mut printed_twice: Vec<String> = lines.iter().filter_map(|line| line.also_printed_in.clone()).collect();
        printed_twice.dedup();
        let kept: Vec<LineView> = lines.iter().filter(|it| pick.keeps(it)).map(|it| line(&plan, it, nodes)).collect();
        let counted = format!("{} sur {}", posts(pick.sum(lines)), lines.iter().map(|line| line.count).sum::<i32>());
        Self {
            page: frame(user, header, shown.campaign, format!("Postes · {}", header.plan.name())),
            years: header.plan.years(),
            tables: tables::tables(all).iter().map(table).collect(),
            warnings: warnings(lines, &overall),
            shares: std::iter::once(share(&overall))
                .chain(Family::ALL.iter().map(|family| share(&tables::share(lines, Some(*family)))))
                .collect(),
            potential_title: all.potential.first().map(|it| it.title.clone()).unwrap_or_default(),
            potential: if families.is_empty() { Vec::new() } else { potential(&families) },
            families: all.potential.iter().map(|it| it.family).collect(),
            stages: stages(lines),
            structuring: structuring.count(lines).map(|posts| count(&structuring, super::posts(posts))),
            printed_twice,
            fictive: lines.iter().any(|line| line.provenance.is_some()),
            filter: described(pick),
            counted,
            demands,
            may_add,
            reserves,
            controls,
            lines: kept,
            code: plan,
        }
    }

    fn beside_line(&self, line: &LineView) -> Option<Beside> {
        self.reserves.beside(Subject::Post, &line.code)
    }

    /// What the document says of a table in several ways.
    fn marks(&self, table: &TableView) -> Vec<Mark> {
        self.reserves.on(Subject::PostTable, &table.id)
    }

    /// And of the potential: a réserve on both families shows once.
    fn potential_marks(&self) -> Vec<Mark> {
        let mut marks: Vec<Mark> = Vec::new();
        for mark in self.families.iter().flat_map(|family| self.reserves.on(Subject::Potential, family.word())) {
            if !marks.contains(&mark) {
                marks.push(mark);
            }
        }
        marks
    }

    /// The heads of the columns, by family.
    fn columns(&self) -> Vec<(Family, Vec<Corps>)> {
        Family::ALL.iter().map(|family| (*family, family.corps().collect())).collect()
    }
}
