//! The board: which contracts a filter keeps, under which thématiques of the framework their measures fall, what stands
//! where they cross (docs/regles.md §4).

mod column;
mod digest;
mod filter;

use std::cmp::Reverse;
use std::collections::HashSet;
use std::sync::Arc;

use chrono::NaiveDate;
use rust_decimal::Decimal;

pub use column::{Column, Crossing, OUTSIDE};
pub use digest::{Content, Digest};
pub use filter::{Filter, Parameter, Sort};

use crate::access::DialogueState;
use crate::budget::sums::Figures;
use crate::dialogue::model::Completeness;
use crate::dialogue::store::Part;
use crate::indicators::progress::{State, Summary};
use crate::plans::model::FrameworkRow;
use crate::plans::store::Header;

/// A contract on the board, whatever the filter.
#[derive(Debug, Clone)]
pub struct Contract {
    /// The plan and its structure.
    pub header: Header,
    /// Its dialogue: that of the year asked for, or the latest.
    pub part: Option<Part>,
    /// What is shown of it.
    pub digest: Arc<Digest>,
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
}

/// A contract that the filter keeps.
#[derive(Debug)]
pub struct Row<'a> {
    /// The contract.
    pub contract: &'a Contract,
    /// One a column of the board; `None` where the contract has no objective.
    pub crossings: Vec<Option<&'a Crossing>>,
    /// Cells without an answer though the campaign is over.
    pub overdue: usize,
}

impl<'a> Row<'a> {
    fn of(contract: &'a Contract, columns: &[&Column], today: NaiveDate) -> Self {
        let overdue = contract
            .part
            .as_ref()
            .filter(|part| part.state.is_open() && part.until() < today)
            .map_or(0, |part| part.completeness.missing());
        let crossings = columns.iter().map(|column| contract.digest.crossing(column)).collect();
        Self { contract, crossings, overdue }
    }

    /// What is shown of its contract.
    pub fn digest(&self) -> &'a Digest {
        &self.contract.digest
    }

    /// Late in something: a jalon past its date, a measure late or receding, answers missing once the campaign is over.
    pub fn is_late(&self) -> bool {
        let digest = self.digest();
        let measures = digest.whole.counts.iter().any(|(state, _)| matches!(state, State::Late | State::Receding));
        digest.late_jalons > 0 || self.overdue > 0 || measures
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
        let wanted: Vec<&Column> =
            every_column.iter().filter(|it| filter.theme.is_empty() || it.answers(&filter.theme)).collect();
        let mut rows: Vec<Row<'a>> = asked
            .into_iter()
            .filter(|contract| filter.state().is_none_or(|state| contract.state() == state))
            .filter(|contract| filter.kind().is_none_or(|kind| contract.header.structure.kind == kind))
            .map(|contract| Row::of(contract, &wanted, today))
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
        let columns = keep(wanted, &used).into_iter().cloned().collect();
        Self { columns, rows, states, aside: aside.len(), every_column }
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
    pub fn budget(&self) -> Figures {
        self.rows.iter().map(|row| row.digest().budget).fold(Figures::default(), Figures::and)
    }
}

fn keep<T>(list: Vec<T>, used: &[bool]) -> Vec<T> {
    list.into_iter().zip(used).filter(|(_, used)| **used).map(|(it, _)| it).collect()
}

/// The thématiques that some objective falls under, in the framework's order; outside last.
fn columns(contracts: &[Contract], framework: &[FrameworkRow]) -> Vec<Column> {
    let found: HashSet<&Column> =
        contracts.iter().flat_map(|contract| &contract.digest.crossings).map(|(column, _)| column).collect();
    column::of_rows(framework).into_iter().chain([Column::Outside]).filter(|column| found.contains(column)).collect()
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
        Sort::Progress => rows.sort_by_key(|row| {
            let mean = row.digest().whole.mean;
            (mean.is_none(), mean)
        }),
        Sort::Jalons => rows.sort_by_key(|row| Reverse(row.digest().late_jalons)),
        Sort::Asked => rows.sort_by_key(|row| Reverse(row.digest().budget.asked)),
        Sort::Granted => rows.sort_by_key(|row| Reverse(row.digest().budget.printed)),
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
    use crate::budget::sums::Asked;
    use crate::document::model::Document;
    use crate::indicators::sheet;
    use crate::indicators::store::{Definitions, KeptCell};
    use crate::jalons::model::Calendar;
    use crate::kernel::memory::Mark;
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
        let content = Content {
            lines: sheet::lines(document.plan.first_year, document.plan.last_year, definitions, &cells),
            nodes: document.nodes,
            jalons: document.jalons,
            calendar: Calendar::new(today.parse().unwrap(), Dates::default()),
            asked: document
                .budget
                .into_iter()
                .map(|line| Asked::new(line, 1, Vec::new(), Course::default(), &[]))
                .collect(),
        };
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
            digest: Arc::new(Digest::of(&content, &document.framework)),
            header: Header {
                id,
                plan: document.plan,
                structure_id: id,
                structure: document.structure,
                establishment: Arc::new(document.establishment),
                closed: None,
                mark: Mark::default(),
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
        let innovation = large.crossings[at("Innovation, partenariats monde socio économique")].unwrap();
        assert_eq!((innovation.node.as_str(), innovation.summary.measures), ("T2.2", 3));
        let competences = large.crossings[at("Approche compétences")].unwrap();
        assert_eq!(competences.node.as_str(), "O9");
        let outside = large.crossings.last().unwrap().unwrap();
        assert_eq!((outside.node.as_str(), outside.summary.measures), ("O12", 2));
        // An objective without indicator is there, without measure; a thématique without objective is not.
        let personnel = "Politique relative aux personnels : stratégie RH et amélioration des conditions de travail";
        assert_eq!(bare.crossings[at(personnel)].unwrap().summary, Summary::default());
        assert_eq!(bare.crossings[at("Approche compétences")], None);
    }

    #[test]
    fn lateness_is_of_jalons_measures_or_answers() {
        let on = |day: &str| {
            let (contracts, framework) = university_on(day);
            let board = Board::new(&contracts, &framework, &Filter::default(), day.parse().unwrap());
            board.rows.iter().map(|row| (row.digest().late_jalons, row.overdue, row.is_late())).collect::<Vec<_>>()
        };
        assert_eq!(on(TODAY), [(2, 1, true), (4, 0, true), (0, 0, false)]);
        // Before the closing day an answer that is missing is not late.
        assert_eq!(on("2025-09-01")[0].1, 0);
    }

    #[test]
    fn states_add_up_and_means_do_not() {
        let (contracts, framework) = university();
        let board = Board::new(&contracts, &framework, &Filter::default(), TODAY.parse().unwrap());
        let sum = added(board.rows.iter().map(|row| &row.digest().whole));
        assert_eq!(sum.measures, board.rows.iter().map(|row| row.digest().whole.measures).sum::<usize>());
        assert_eq!(sum.counts.iter().map(|(_, count)| count).sum::<usize>(), sum.measures);
        assert_eq!(sum.mean, None);
        assert_eq!(board.completeness(), complete(15, 14));
        assert_eq!(board.budget().asked, Some(Decimal::from(918_000 + 496_000 + 50_000)));
        assert_eq!(filled_percent(complete(8, 6)), 75);
        assert_eq!(filled_percent(Completeness::default()), 100);
    }
}
