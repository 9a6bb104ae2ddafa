//! The figures of a plan put together: for each measure its definition, its target in force, its cells and its progress.

use chrono::NaiveDate;
use rust_decimal::Decimal;

use super::model::{Cell, Indicator, Measure, Target};
use super::progress::{Facts, Progress};
use super::store::{Definitions, KeptCell};
use crate::kernel::figure::Answer;
use crate::kernel::period::{self, Period};

/// A measure with all that a page shows of it.
#[derive(Debug, Clone)]
pub struct Line {
    /// The fiche.
    pub indicator: Indicator,
    /// The measure.
    pub measure: Measure,
    /// Its target ledger, the original first.
    pub targets: Vec<Target>,
    /// Its cells, one a column of the contract, in time order; blank ones included.
    pub cells: Vec<KeptCell>,
    /// What progress depends on.
    pub facts: Facts,
    /// Where it stands.
    pub progress: Progress,
}

impl Line {
    /// The target in force: the last entry of the ledger.
    pub fn target(&self) -> Option<&Target> {
        self.targets.last()
    }

    /// The cell of a period.
    pub fn cell(&self, period: Period) -> Option<&KeptCell> {
        self.cells.iter().find(|kept| kept.cell.period == period)
    }

    /// Whether a cell asks for an explanation that it does not have (docs/regles.md §9): an NR, or a deviation past the
    /// plan's threshold.
    pub fn asks_explanation(&self, kept: &KeptCell, threshold: Decimal) -> bool {
        kept.cell.comment.is_none()
            && match kept.cell.answer() {
                Some(Answer::NotProvided) => true,
                Some(Answer::Value(_)) => self.facts.deviates(kept.cell.period, threshold),
                Some(Answer::NotApplicable) | None => false,
            }
    }

    /// When the figure of a period falls due.
    pub fn due_on(&self, period: Period) -> NaiveDate {
        self.indicator.availability.due_window(period).closes
    }
}

/// Puts together the lines of a plan, in the order of its measures.
pub fn lines(first_year: i32, last_year: i32, definitions: Definitions, cells: &[KeptCell]) -> Vec<Line> {
    let Definitions { indicators, measures, targets } = definitions;
    measures
        .into_iter()
        .filter_map(|measure| {
            let indicator = indicators.iter().find(|it| it.code == measure.indicator)?.clone();
            let targets: Vec<Target> = targets.iter().filter(|it| it.measure == measure.code).cloned().collect();
            let kept: Vec<&KeptCell> = cells.iter().filter(|kept| kept.cell.measure == measure.code).collect();
            let cells: Vec<KeptCell> = period::columns(indicator.period_kind, first_year, last_year)
                .into_iter()
                .map(|period| {
                    kept.iter().find(|kept| kept.cell.period == period).map_or_else(
                        || KeptCell::alone(Cell::empty(measure.code.clone(), period)),
                        |kept| (*kept).clone(),
                    )
                })
                .collect();
            let facts = facts(first_year, last_year, &indicator, &measure, targets.last(), &cells);
            let progress = facts.progress();
            Some(Line { indicator, measure, targets, cells, facts, progress })
        })
        .collect()
}

/// Where figures come from when a person did not enter them, « donnée fictive » first of all: said wherever they show.
pub fn provenances(lines: &[Line]) -> Vec<&str> {
    let mut all: Vec<&str> =
        lines.iter().flat_map(|line| &line.cells).filter_map(|kept| kept.cell.provenance.as_deref()).collect();
    all.sort_unstable();
    all.dedup();
    all
}

fn facts(
    first_year: i32,
    last_year: i32,
    indicator: &Indicator,
    measure: &Measure,
    target: Option<&Target>,
    cells: &[KeptCell],
) -> Facts {
    let reference_period = period::reference(indicator.period_kind, first_year);
    Facts {
        reference: measure.reference.as_ref().and_then(super::model::Figure::answer),
        target: target.and_then(|target| target.figure.answer()),
        nature: measure.nature,
        nature_confirmed: measure.nature_confirmed,
        direction: measure.direction,
        direction_confirmed: measure.direction_confirmed,
        tolerance: measure.tolerance.unwrap_or_default(),
        better_side: measure.better_side,
        reference_period,
        last_period: period::columns(indicator.period_kind, first_year, last_year)
            .last()
            .copied()
            .unwrap_or(reference_period),
        answers: cells
            .iter()
            .filter_map(|kept| Some((kept.cell.period, kept.cell.answer()?)))
            .collect::<Vec<(Period, Answer)>>(),
        yearly: target
            .map_or_else(Vec::new, |target| target.yearly.iter().map(|yearly| (yearly.period, yearly.value)).collect()),
    }
}
