//! The board: which contracts a filter keeps, under which thématiques of the framework their measures fall, what stands
//! where they cross (docs/regles.md §4).

use std::cmp::Reverse;

use chrono::NaiveDate;
use rust_decimal::Decimal;
use serde::Deserialize;

use crate::access::DialogueState;
use crate::budget::sums::{Asked, Totals};
use crate::dialogue::model::Completeness;
use crate::dialogue::store::Part;
use crate::indicators::progress::{State, Summary};
use crate::indicators::sheet::Line;
use crate::indicators::tree::hangs;
use crate::jalons::model::{Calendar, Jalon, Standing};
use crate::jalons::summary::late;
use crate::kernel::ids::Code;
use crate::plans::model::{FrameworkRow, Node, StructureKind};
use crate::plans::store::Header;
use crate::words;

/// A contract with all that the page reads of it.
#[derive(Debug, Clone)]
pub struct Contract {
    /// The plan and its structure.
    pub header: Header,
    /// Its dialogue: that of the year asked for, or the latest.
    pub part: Option<Part>,
    /// Its tree.
    pub nodes: Vec<Node>,
    /// Its measures with their figures of today.
    pub lines: Vec<Line>,
    /// Its jalons.
    pub jalons: Vec<Jalon>,
    /// What their lateness is read from.
    pub calendar: Calendar,
    /// Its budget lines.
    pub asked: Vec<Asked>,
}

impl Contract {
    /// Where its dialogue stands; without one, it is to be opened.
    pub fn state(&self) -> DialogueState {
        self.part.as_ref().map_or(DialogueState::ToOpen, |part| part.state)
    }

    /// How complete its dialogue is.
    pub fn completeness(&self) -> Completeness {
        self.part.as_ref().map(|part| part.completeness).unwrap_or_default()
    }

    /// Has a part in the campaign of a year, or could have: it begins by then, and is not closed.
    fn is_asked_in(&self, year: i32) -> bool {
        self.part.is_some() || (self.header.plan.first_year <= year && self.header.closed.is_none())
    }

    /// The rows of the framework under which a node falls: its own, or those of the nearest node above that has some.
    fn framework_rows(&self, node: &Code) -> &[Code] {
        let mut current = self.nodes.iter().find(|it| it.code == *node);
        // Bounded, like every walk up a tree.
        for _ in 0..=self.nodes.len() {
            match current {
                Some(node) if node.framework_rows.is_empty() => {
                    current = node.parent.as_ref().and_then(|parent| self.nodes.iter().find(|it| it.code == *parent));
                }
                Some(node) => return &node.framework_rows,
                None => break,
            }
        }
        &[]
    }

    /// The columns under which a node falls, each once; outside the framework when it links to nothing.
    fn columns_of(&self, node: &Code, framework: &[FrameworkRow]) -> Vec<Column> {
        let rows = self.framework_rows(node);
        let mut columns: Vec<Column> = Vec::new();
        for row in framework.iter().filter(|row| rows.contains(&row.code)) {
            let column = Column::Theme { domain: row.domain.clone(), theme: row.theme.clone() };
            if !columns.contains(&column) {
                columns.push(column);
            }
        }
        if columns.is_empty() {
            columns.push(Column::Outside);
        }
        columns
    }

    /// The nodes that carry something: those without a node below, and those with indicators of their own.
    fn bearing(&self) -> impl Iterator<Item = &Node> {
        self.nodes.iter().filter(|node| {
            self.lines.iter().any(|line| line.indicator.node == node.code)
                || !self.nodes.iter().any(|below| below.parent.as_ref() == Some(&node.code))
        })
    }

    /// The narrowest node above all of these, themselves included; the first of them when their roots differ.
    fn entrance(&self, under: &[&Node]) -> Option<Code> {
        let first = under.first()?;
        let above = self
            .nodes
            .iter()
            .filter(|node| under.iter().all(|it| hangs(&self.nodes, &it.code, &node.code)))
            .max_by_key(|node| node.level);
        Some(above.unwrap_or(first).code.clone())
    }

    fn crossing(&self, column: &Column, framework: &[FrameworkRow]) -> Option<Crossing> {
        let under: Vec<&Node> =
            self.bearing().filter(|node| self.columns_of(&node.code, framework).contains(column)).collect();
        let node = self.entrance(&under)?;
        let lines: Vec<&Line> =
            self.lines.iter().filter(|line| under.iter().any(|node| line.indicator.node == node.code)).collect();
        Some(Crossing {
            node,
            provisional: lines.iter().any(|line| line.progress.provisional),
            summary: Summary::of(lines.into_iter().map(|line| &line.progress)),
        })
    }
}

/// A thématique of the framework, or what no row of it covers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Column {
    /// « Formation », « Professionnalisation ».
    Theme {
        /// The framework's first level.
        domain: String,
        /// Its second level.
        theme: String,
    },
    /// « Hors cadre ».
    Outside,
}

/// Longest head of a column, in characters, that is left as it is.
const HEAD_MAX: usize = 50;
/// The value of the filter that keeps what is outside the framework.
pub const OUTSIDE: &str = "hors-cadre";

impl Column {
    /// Its domaine, as shown.
    pub fn domain(&self) -> &str {
        match self {
            Self::Theme { domain, .. } => domain,
            Self::Outside => "Hors cadre",
        }
    }

    /// Its thématique, as shown.
    pub fn theme(&self) -> &str {
        match self {
            Self::Theme { theme, .. } => theme,
            Self::Outside => "Sans lien au cadre",
        }
    }

    /// Its thématique, short enough for the head of a column: a long one is cut where its own punctuation allows.
    pub fn short(&self) -> &str {
        let theme = self.theme();
        if theme.chars().count() <= HEAD_MAX {
            return theme;
        }
        theme.split([':', ',', ';', '(']).next().unwrap_or(theme).trim_end()
    }

    /// Kept by a filter that names a domaine or a thématique.
    fn answers(&self, wanted: &str) -> bool {
        match self {
            Self::Theme { domain, theme } => wanted == domain || wanted == theme,
            Self::Outside => wanted == OUTSIDE,
        }
    }
}

/// Where a contract and a thématique cross.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Crossing {
    /// The node of the contract that leads there.
    pub node: Code,
    /// What its measures show; none, for an objective without indicator.
    pub summary: Summary,
    /// Some of them wait for their direction or nature to be confirmed.
    pub provisional: bool,
}

words! {
    /// In which order contracts are listed.
    pub enum Sort {
        /// That of structures.
        Structure = "structure",
        /// As dialogues go, those to open first.
        Dialogue = "dialogue",
        /// The least complete first.
        Answered = "repondu",
        /// The lowest mean first; what is not computable last.
        Progress = "avancement",
        /// The most late jalons first.
        Jalons = "jalons",
        /// The most asked for first.
        Asked = "demande",
        /// The most granted first, as printed.
        Granted = "accorde",
    }
}

impl Sort {
    /// As shown.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Structure => "Structure",
            Self::Dialogue => "État du dialogue",
            Self::Answered => "Complétude, la plus faible d’abord",
            Self::Progress => "Avancement, le plus faible d’abord",
            Self::Jalons => "Jalons en retard",
            Self::Asked => "Montant demandé",
            Self::Granted => "Montant accordé",
        }
    }
}

/// The filter, as the URL says it; what is empty, or says nothing known, filters nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "each field is a parameter")]
pub struct Filter {
    pub year: String,
    pub state: String,
    pub kind: String,
    pub theme: String,
    pub late: String,
    pub sort: String,
}

/// A parameter of the filter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "each variant is a field of the filter")]
pub enum Parameter {
    Year,
    State,
    Kind,
    Theme,
    Late,
    Sort,
}

impl Parameter {
    /// In the order of the URL.
    pub const ALL: [Self; 6] = [Self::Year, Self::State, Self::Kind, Self::Theme, Self::Late, Self::Sort];

    /// Its name in the URL.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Year => "year",
            Self::State => "state",
            Self::Kind => "kind",
            Self::Theme => "theme",
            Self::Late => "late",
            Self::Sort => "sort",
        }
    }
}

impl Filter {
    /// What it says of a parameter.
    pub fn value(&self, parameter: Parameter) -> &str {
        match parameter {
            Parameter::Year => &self.year,
            Parameter::State => &self.state,
            Parameter::Kind => &self.kind,
            Parameter::Theme => &self.theme,
            Parameter::Late => &self.late,
            Parameter::Sort => &self.sort,
        }
    }

    /// The same, with another value for a parameter.
    #[must_use]
    pub fn with(&self, parameter: Parameter, value: &str) -> Self {
        let mut other = self.clone();
        let field = match parameter {
            Parameter::Year => &mut other.year,
            Parameter::State => &mut other.state,
            Parameter::Kind => &mut other.kind,
            Parameter::Theme => &mut other.theme,
            Parameter::Late => &mut other.late,
            Parameter::Sort => &mut other.sort,
        };
        value.clone_into(field);
        other
    }

    /// The parameters that say something, in order.
    pub fn pairs(&self) -> Vec<(&'static str, &str)> {
        let pairs = Parameter::ALL.map(|parameter| (parameter.word(), self.value(parameter)));
        pairs.into_iter().filter(|(_, value)| !value.is_empty()).collect()
    }

    /// The campaign asked for; none is each contract's latest.
    pub fn year(&self) -> Option<i32> {
        self.year.parse().ok()
    }

    /// The order asked for.
    pub fn sort(&self) -> Sort {
        Sort::from_word(&self.sort).unwrap_or(Sort::Structure)
    }

    fn state(&self) -> Option<DialogueState> {
        DialogueState::from_word(&self.state)
    }

    fn kind(&self) -> Option<StructureKind> {
        StructureKind::from_word(&self.kind)
    }

    fn late_only(&self) -> bool {
        !self.late.is_empty()
    }
}

/// A contract on the board.
#[derive(Debug)]
pub struct Row<'a> {
    /// The contract.
    pub contract: &'a Contract,
    /// All its measures.
    pub whole: Summary,
    /// Some of them wait for their direction or nature to be confirmed.
    pub provisional: bool,
    /// One a column of the board; `None` where the contract has no objective.
    pub crossings: Vec<Option<Crossing>>,
    /// Jalons past their date.
    pub late_jalons: usize,
    /// Those of them that are late by one reading of the document only.
    pub late_by_reading: usize,
    /// What its budget adds up to.
    pub totals: Totals,
    /// Cells without an answer though the campaign is over.
    pub overdue: usize,
}

impl<'a> Row<'a> {
    fn of(contract: &'a Contract, columns: &[Column], framework: &[FrameworkRow], today: NaiveDate) -> Self {
        let late = late(&contract.jalons, &contract.calendar);
        let overdue = contract
            .part
            .as_ref()
            .filter(|part| part.state.is_open() && part.until() < today)
            .map_or(0, |part| part.completeness.missing());
        Self {
            contract,
            whole: Summary::of(contract.lines.iter().map(|line| &line.progress)),
            provisional: contract.lines.iter().any(|line| line.progress.provisional),
            crossings: columns.iter().map(|column| contract.crossing(column, framework)).collect(),
            late_jalons: late.len(),
            late_by_reading: late.iter().filter(|(_, standing)| *standing == Standing::LateByReading).count(),
            totals: Totals::of(&contract.asked),
            overdue,
        }
    }

    /// Late in something: a jalon past its date, a measure late or receding, answers missing once the campaign is over.
    pub fn is_late(&self) -> bool {
        let measures = self.whole.counts.iter().any(|(state, _)| matches!(state, State::Late | State::Receding));
        self.late_jalons > 0 || self.overdue > 0 || measures
    }
}

/// How many measures there are in each state over several contracts; means are not added.
pub fn added<'s>(all: impl IntoIterator<Item = &'s Summary>) -> Summary {
    let mut sum = Summary::default();
    let mut counts: Vec<(State, usize)> = State::ALL.iter().map(|state| (*state, 0)).collect();
    for summary in all {
        for (state, count) in &summary.counts {
            counts.iter_mut().filter(|(known, _)| known == state).for_each(|(_, total)| *total += count);
        }
        sum.computable += summary.computable;
        sum.measures += summary.measures;
    }
    sum.counts = counts.into_iter().filter(|(_, count)| *count > 0).collect();
    sum
}

/// Everything on the page.
#[derive(Debug)]
pub struct Board<'a> {
    /// The thématiques shown, in the framework's order, what is outside it last.
    pub columns: Vec<Column>,
    /// The contracts kept, in the order asked for.
    pub rows: Vec<Row<'a>>,
    /// How many dialogues stand where, among the contracts of the campaign, whatever the other filters.
    pub states: Vec<(DialogueState, usize)>,
    /// Contracts that the campaign asked nothing of.
    pub aside: usize,
    /// Every column that some contract falls under, whatever the filter: the choices of the thématique.
    pub every_column: Vec<Column>,
}

impl<'a> Board<'a> {
    /// Sorts out.
    pub fn new(contracts: &'a [Contract], framework: &[FrameworkRow], filter: &Filter, today: NaiveDate) -> Self {
        let (asked, aside): (Vec<&Contract>, Vec<&Contract>) =
            contracts.iter().partition(|contract| filter.year().is_none_or(|year| contract.is_asked_in(year)));
        let states = DialogueState::ALL
            .iter()
            .map(|state| (*state, asked.iter().filter(|contract| contract.state() == *state).count()))
            .filter(|(_, count)| *count > 0)
            .collect();
        let every_column = columns(contracts, framework);
        let wanted: Vec<Column> =
            every_column.iter().filter(|it| filter.theme.is_empty() || it.answers(&filter.theme)).cloned().collect();
        let mut rows: Vec<Row<'a>> = asked
            .into_iter()
            .filter(|contract| filter.state().is_none_or(|state| contract.state() == state))
            .filter(|contract| filter.kind().is_none_or(|kind| contract.header.structure.kind == kind))
            .map(|contract| Row::of(contract, &wanted, framework, today))
            .filter(|row| filter.theme.is_empty() || row.crossings.iter().any(Option::is_some))
            .filter(|row| !filter.late_only() || row.is_late())
            .collect();
        sort(&mut rows, filter.sort());
        // A column that no contract kept falls under says nothing.
        let used: Vec<bool> =
            (0..wanted.len()).map(|place| rows.iter().any(|row| row.crossings[place].is_some())).collect();
        for row in &mut rows {
            row.crossings = keep(std::mem::take(&mut row.crossings), &used);
        }
        Self { columns: keep(wanted, &used), rows, states, aside: aside.len(), every_column }
    }

    /// Of all the contracts kept: what their dialogues expect, and what was answered.
    pub fn completeness(&self) -> Completeness {
        self.rows.iter().map(|row| row.contract.completeness()).fold(Completeness::default(), |sum, one| Completeness {
            expected: sum.expected + one.expected,
            values: sum.values + one.values,
            not_provided: sum.not_provided + one.not_provided,
            not_applicable: sum.not_applicable + one.not_applicable,
        })
    }

    /// What all their budgets add up to.
    pub fn totals(&self) -> Totals {
        Totals::of(self.rows.iter().flat_map(|row| &row.contract.asked))
    }
}

fn keep<T>(list: Vec<T>, used: &[bool]) -> Vec<T> {
    list.into_iter().zip(used).filter(|(_, used)| **used).map(|(it, _)| it).collect()
}

/// The thématiques that some objective falls under, in the framework's order; outside last.
fn columns(contracts: &[Contract], framework: &[FrameworkRow]) -> Vec<Column> {
    let found: Vec<Column> = contracts
        .iter()
        .flat_map(|contract| contract.bearing().flat_map(|node| contract.columns_of(&node.code, framework)))
        .collect();
    let mut columns: Vec<Column> = Vec::new();
    let themes = framework.iter().map(|row| Column::Theme { domain: row.domain.clone(), theme: row.theme.clone() });
    for column in themes.chain([Column::Outside]) {
        if found.contains(&column) && !columns.contains(&column) {
            columns.push(column);
        }
    }
    columns
}

/// Sorts rows; those that compare equal stay in the order of structures.
fn sort(rows: &mut [Row<'_>], by: Sort) {
    let answered = |row: &Row<'_>| {
        let it = row.contract.completeness();
        (it.expected == 0, Decimal::from(it.answered()).checked_div(Decimal::from(it.expected)))
    };
    match by {
        Sort::Structure => {}
        Sort::Dialogue => rows.sort_by_key(|row| row.contract.state()),
        Sort::Answered => rows.sort_by_key(answered),
        Sort::Progress => rows.sort_by_key(|row| (row.whole.mean.is_none(), row.whole.mean)),
        Sort::Jalons => rows.sort_by_key(|row| Reverse(row.late_jalons)),
        Sort::Asked => rows.sort_by_key(|row| Reverse(row.totals.participation.total())),
        Sort::Granted => rows.sort_by_key(|row| Reverse(row.totals.granted_printed.total())),
    }
}

/// Renseigné, in whole percent for a bar; 100 when nothing is due.
pub fn filled_percent(it: Completeness) -> usize {
    (it.values * 100).checked_div(it.due()).unwrap_or(100)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arbitrages::amendment::Course;
    use crate::document::model::Document;
    use crate::indicators::sheet;
    use crate::indicators::store::{Definitions, KeptCell};
    use crate::reserves::Dates;

    const TODAY: &str = "2025-09-12";

    fn contract(
        bytes: &[u8],
        today: &str,
        part: Option<(i32, DialogueState, Completeness)>,
    ) -> (Contract, Vec<FrameworkRow>) {
        let document = Document::parse(bytes).unwrap();
        let cells: Vec<KeptCell> = document.cells.iter().cloned().map(KeptCell::alone).collect();
        let definitions =
            Definitions { indicators: document.indicators, measures: document.measures, targets: document.targets };
        let id = i64::from(document.plan.first_year);
        let contract = Contract {
            part: part.map(|(year, state, completeness)| Part {
                dialogue_id: id,
                version: 1,
                plan_id: id,
                year,
                opens_on: format!("{year}-08-01").parse().unwrap(),
                closes_on: format!("{year}-09-01").parse().unwrap(),
                state,
                since: format!("{year}-08-01T08:00:00Z").parse().unwrap(),
                reason: None,
                completeness,
                extension: None,
                threshold: None,
                is_final: false,
                session_on: None,
                received_jalons: Vec::new(),
                received_actions: Vec::new(),
            }),
            lines: sheet::lines(document.plan.first_year, document.plan.last_year, definitions, &cells),
            nodes: document.nodes,
            jalons: document.jalons,
            calendar: Calendar::new(today.parse().unwrap(), Dates::default()),
            asked: document
                .budget
                .into_iter()
                .map(|line| Asked::new(line, 1, Vec::new(), Course::default(), &[]))
                .collect(),
            header: Header {
                id,
                plan: document.plan,
                structure_id: id,
                structure: document.structure,
                establishment: document.establishment,
                closed: None,
            },
        };
        (contract, document.framework)
    }

    fn complete(expected: usize, values: usize) -> Completeness {
        Completeness { expected, values, ..Completeness::default() }
    }

    /// The large one, in saisie after its closing day with one answer missing; the one with a bare objective, submitted
    /// in 2024; the one that has not begun.
    fn university_on(today: &str) -> (Vec<Contract>, Vec<FrameworkRow>) {
        use DialogueState::{Entry, Submitted};
        let (large, framework) = contract(crate::demo::OTHERS[0], today, Some((2025, Entry, complete(10, 9))));
        let (bare, _) = contract(crate::demo::OTHERS[1], today, Some((2024, Submitted, complete(5, 5))));
        let (to_come, _) = contract(crate::demo::OTHERS[4], today, None);
        (vec![large, bare, to_come], framework)
    }

    fn university() -> (Vec<Contract>, Vec<FrameworkRow>) {
        university_on(TODAY)
    }

    fn kept(filter: &Filter) -> Vec<String> {
        let (contracts, framework) = university();
        let board = Board::new(&contracts, &framework, filter, TODAY.parse().unwrap());
        board.rows.iter().map(|row| row.contract.header.structure.code.to_string()).collect()
    }

    #[test]
    fn each_filter_keeps_what_it_says() {
        let filter = Filter::default();
        assert_eq!(kept(&filter), ["eng", "hum", "ftlv"]);
        assert_eq!(kept(&filter.with(Parameter::State, "soumis")), ["hum"]);
        assert_eq!(kept(&filter.with(Parameter::State, "a_ouvrir")), ["ftlv"]);
        assert_eq!(kept(&filter.with(Parameter::Kind, "composante")), ["eng"]);
        assert_eq!(kept(&filter.with(Parameter::Late, "1")), ["eng", "hum"]);
        assert_eq!(kept(&filter.with(Parameter::Theme, "Approche compétences")), ["eng"]);
        assert_eq!(kept(&filter.with(Parameter::Theme, "Recherche")), ["eng", "hum"]);
        assert_eq!(kept(&filter.with(Parameter::Theme, OUTSIDE)), ["eng"]);
        assert_eq!(kept(&filter.with(Parameter::Theme, "Nulle part")), Vec::<String>::new());
        // One that begins later has no part in a campaign.
        assert_eq!(kept(&filter.with(Parameter::Year, "2025")), ["eng", "hum"]);
        assert_eq!(kept(&filter.with(Parameter::Year, "n’importe quoi")).len(), 3);
    }

    #[test]
    fn each_order_is_what_it_says() {
        let filter = Filter::default();
        assert_eq!(kept(&filter.with(Parameter::Sort, "dialogue")), ["ftlv", "eng", "hum"]);
        // What is expected of nobody is complete by nature, and comes last.
        assert_eq!(kept(&filter.with(Parameter::Sort, "repondu")), ["eng", "hum", "ftlv"]);
        assert_eq!(kept(&filter.with(Parameter::Sort, "avancement")), ["hum", "eng", "ftlv"]);
        assert_eq!(kept(&filter.with(Parameter::Sort, "demande")), ["eng", "hum", "ftlv"]);
        assert_eq!(kept(&filter.with(Parameter::Sort, "inconnu")), ["eng", "hum", "ftlv"]);
    }

    #[test]
    fn columns_follow_the_framework_and_what_is_outside_comes_last() {
        let (contracts, framework) = university();
        let board = Board::new(&contracts, &framework, &Filter::default(), TODAY.parse().unwrap());
        let heads: Vec<&str> = board.columns.iter().map(Column::short).collect();
        assert_eq!(heads[0], "Fonctionnement de la gouvernance");
        assert_eq!(heads[1], "Responsabilité sociétale de l'université");
        assert_eq!(*board.columns.last().unwrap(), Column::Outside);
        assert_eq!(board.columns.len(), 12);
        // A filter keeps the columns that its contracts fall under, and the choices stay.
        let one = Filter::default().with(Parameter::Kind, "service");
        let board = Board::new(&contracts, &framework, &one, TODAY.parse().unwrap());
        assert_eq!(
            board.columns.iter().map(Column::theme).collect::<Vec<_>>(),
            ["Transformation pédagogique", "Professionnalisation"]
        );
        assert_eq!(board.every_column.len(), 12);
    }

    #[test]
    fn a_crossing_counts_its_measures_and_leads_to_its_node() {
        let (contracts, framework) = university();
        let board = Board::new(&contracts, &framework, &Filter::default(), TODAY.parse().unwrap());
        let at = |theme: &str| board.columns.iter().position(|column| column.theme() == theme).unwrap();
        let (large, bare) = (&board.rows[0], &board.rows[1]);
        // Two objectives under one thématique: the way in is the node above both.
        let innovation = large.crossings[at("Innovation, partenariats monde socio économique")].as_ref().unwrap();
        assert_eq!((innovation.node.as_str(), innovation.summary.measures), ("T2.2", 3));
        let competences = large.crossings[at("Approche compétences")].as_ref().unwrap();
        assert_eq!(competences.node.as_str(), "O9");
        let outside = large.crossings.last().unwrap().as_ref().unwrap();
        assert_eq!((outside.node.as_str(), outside.summary.measures), ("O12", 2));
        // An objective without indicator is there, without measure; a thématique without objective is not.
        let personnel = "Politique relative aux personnels : stratégie RH et amélioration des conditions de travail";
        assert_eq!(bare.crossings[at(personnel)].as_ref().unwrap().summary, Summary::default());
        assert_eq!(bare.crossings[at("Approche compétences")], None);
    }

    #[test]
    fn lateness_is_of_jalons_measures_or_answers() {
        let on = |day: &str| {
            let (contracts, framework) = university_on(day);
            let board = Board::new(&contracts, &framework, &Filter::default(), day.parse().unwrap());
            board.rows.iter().map(|row| (row.late_jalons, row.overdue, row.is_late())).collect::<Vec<_>>()
        };
        assert_eq!(on(TODAY), [(2, 1, true), (4, 0, true), (0, 0, false)]);
        // Before the closing day an answer that is missing is not late.
        assert_eq!(on("2025-09-01")[0].1, 0);
    }

    #[test]
    fn states_add_up_and_means_do_not() {
        let (contracts, framework) = university();
        let board = Board::new(&contracts, &framework, &Filter::default(), TODAY.parse().unwrap());
        let sum = added(board.rows.iter().map(|row| &row.whole));
        assert_eq!(sum.measures, board.rows.iter().map(|row| row.contract.lines.len()).sum::<usize>());
        assert_eq!(sum.counts.iter().map(|(_, count)| count).sum::<usize>(), sum.measures);
        assert_eq!(sum.mean, None);
        assert_eq!(board.completeness(), complete(15, 14));
        assert_eq!(board.totals().participation.total(), Decimal::from(918_000 + 496_000 + 50_000));
        assert_eq!(filled_percent(complete(8, 6)), 75);
        assert_eq!(filled_percent(Completeness::default()), 100);
    }
}
