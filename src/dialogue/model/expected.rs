//! What a campaign asks for, and how much of it was answered (docs/regles.md §9).

use std::collections::HashSet;

use chrono::NaiveDate;

use crate::avenants::model::{Avenant, Subject};
use crate::indicators::model::{Indicator, Measure};
use crate::kernel::figure::Answer;
use crate::kernel::period::{self, Availability, Period, PeriodKind};
use crate::plans::model::Plan;

/// A measure, as far as expecting its figures goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Due {
    /// Code of the measure.
    pub measure: String,
    /// Number of its indicator.
    pub indicator: String,
    /// Its label.
    pub label: String,
    /// Civil or academic.
    pub period_kind: PeriodKind,
    /// When its figures can be known.
    pub availability: Availability,
}

/// What deciding of a plan's expected cells takes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Expecting {
    /// First year of the plan.
    pub first_year: i32,
    /// Last year of the plan.
    pub last_year: i32,
    /// Its measures, in order.
    pub measures: Vec<Due>,
    /// Measures and first years of the periods already answered once and for all: the signed document printed, or an
    /// earlier campaign received, a value or NA. An NR comes back.
    pub settled: HashSet<(String, i32)>,
    /// The avenants that the opening brings into force, before its list is made: nothing once they are.
    pub avenants: Vec<Avenant>,
}

/// A cell a campaign could ask for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// Code of the measure.
    pub measure: String,
    /// Label of the measure.
    pub label: String,
    /// The period.
    pub period: Period,
    /// Last day of the due window.
    pub due_on: NaiveDate,
    /// Answered once and for all.
    pub settled: bool,
}

impl Candidate {
    /// Due by this day, arrears included, and still to be answered.
    pub fn is_expected(&self, closes_on: NaiveDate) -> bool {
        self.due_on <= closes_on && !self.settled
    }

    /// `13.a/2023-2024`.
    pub fn key(&self) -> String {
        format!("{}/{}", self.measure, self.period)
    }
}

impl Expecting {
    /// What definitions say, nothing being settled.
    pub fn of(plan: &Plan, indicators: &[Indicator], measures: &[Measure]) -> Self {
        let measures = measures.iter().filter_map(|measure| {
            let indicator = indicators.iter().find(|it| it.code == measure.indicator)?;
            Some(Due {
                measure: measure.code.to_string(),
                indicator: indicator.code.to_string(),
                label: measure.label.clone(),
                period_kind: indicator.period_kind,
                availability: indicator.availability,
            })
        });
        Self {
            first_year: plan.first_year,
            last_year: plan.last_year,
            measures: measures.collect(),
            settled: HashSet::new(),
            avenants: Vec::new(),
        }
    }

    /// As the opening will find it, these avenants being in force then: a label, a due window may be another.
    #[must_use]
    pub fn amended(mut self, avenants: Vec<Avenant>) -> Self {
        for change in avenants.iter().flat_map(|it| &it.changes) {
            let said = |key: &str| change.after.0.get(key).and_then(serde_json::Value::as_str);
            for due in &mut self.measures {
                let code = change.code.as_str();
                if change.kind == Subject::Indicator && due.indicator == code {
                    due.availability =
                        said("availability").and_then(Availability::from_word).unwrap_or(due.availability);
                }
                if change.kind == Subject::Measure && due.measure == code {
                    due.label = said("label").map_or_else(|| due.label.clone(), str::to_owned);
                }
            }
        }
        self.avenants = avenants;
        self
    }

    /// Every cell of the plan, whether or not something was entered, in the order of measures and periods.
    pub fn candidates(&self) -> Vec<Candidate> {
        self.measures
            .iter()
            .flat_map(|due| {
                period::columns(due.period_kind, self.first_year, self.last_year)
                    .into_iter()
                    .map(move |period| (due, period))
            })
            .map(|(due, period)| Candidate {
                measure: due.measure.clone(),
                label: due.label.clone(),
                period,
                due_on: due.availability.due_window(period).closes,
                settled: self.settled.contains(&(due.measure.clone(), period.start_year)),
            })
            .collect()
    }
}

/// How much of what is expected was answered.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Completeness {
    /// Cells expected.
    pub expected: usize,
    /// Values.
    pub values: usize,
    /// NR.
    pub not_provided: usize,
    /// NA.
    pub not_applicable: usize,
}

impl Completeness {
    /// Of the answers given to the expected cells; `None` is empty.
    pub fn of(answers: impl IntoIterator<Item = Option<Answer>>) -> Self {
        answers.into_iter().fold(Self::default(), |mut sum, answer| {
            sum.expected += 1;
            match answer {
                Some(Answer::Value(_)) => sum.values += 1,
                Some(Answer::NotProvided) => sum.not_provided += 1,
                Some(Answer::NotApplicable) => sum.not_applicable += 1,
                None => {}
            }
            sum
        })
    }

    /// Répondu: values, NR and NA, out of what is expected.
    pub const fn answered(&self) -> usize {
        self.values + self.not_provided + self.not_applicable
    }

    /// What is left to answer.
    pub const fn missing(&self) -> usize {
        self.expected - self.answered()
    }

    /// Renseigné: values, out of what is expected less NA.
    pub const fn due(&self) -> usize {
        self.expected - self.not_applicable
    }

    /// Répondu, in whole percent for a bar; 100 when nothing is expected.
    pub fn answered_percent(&self) -> usize {
        (self.answered() * 100).checked_div(self.expected).unwrap_or(100)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::model::Document;
    use rstest::rstest;

    /// The signed contract, with what it printed once and for all.
    fn signed() -> Expecting {
        let document = Document::parse(include_bytes!("../../../demo/contrat-signe.json")).unwrap();
        let settled = document.cells.iter().filter_map(|cell| {
            let printed = cell.printed.as_ref()?.answer()?;
            (printed != Answer::NotProvided).then(|| (cell.measure.to_string(), cell.period.start_year))
        });
        Expecting {
            settled: settled.collect(),
            ..Expecting::of(&document.plan, &document.indicators, &document.measures)
        }
    }

    fn count(expecting: &Expecting, closing: NaiveDate) -> usize {
        expecting.candidates().iter().filter(|cell| cell.is_expected(closing)).count()
    }

    #[rstest]
    #[case("2025-09-30", 67)]
    #[case("2026-09-30", 89)]
    #[case("2027-09-30", 110)]
    #[case("2099-12-31", 110)]
    fn the_real_contract_expects(#[case] closing: NaiveDate, #[case] expected: usize) {
        assert_eq!(signed().candidates().len(), 114);
        assert_eq!(count(&signed(), closing), expected);
    }

    #[test]
    fn what_is_settled_is_not_asked_again() {
        let mut expecting = signed();
        expecting.settled.insert(("1".into(), 2021));
        assert_eq!(count(&expecting, "2025-09-30".parse().unwrap()), 66);
    }

    #[test]
    fn an_avenant_about_to_come_into_force_moves_what_is_asked() {
        use crate::avenants::model::tests::{avenant, change};
        let later = change(
            Subject::Indicator,
            "1",
            &serde_json::json!({}),
            &serde_json::json!({"availability": Availability::NextSecondHalf.word()}),
        );
        // Its last figure known by then becomes known in August.
        let closing = "2025-06-30".parse().unwrap();
        let before = count(&signed(), closing);
        let amended = signed().amended(vec![Avenant { changes: vec![later], ..avenant() }]);
        assert_eq!(count(&amended, closing), before - 1);
        assert_eq!(amended.avenants.len(), 1);
    }

    #[test]
    fn two_figures_say_how_complete_an_entry_is() {
        let value = Some(Answer::Value(0.into()));
        let it = Completeness::of([value, value, Some(Answer::NotProvided), Some(Answer::NotApplicable), None]);
        assert_eq!((it.answered(), it.expected), (4, 5));
        assert_eq!((it.values, it.due()), (2, 4));
        assert_eq!(it.missing(), 1);
        assert_eq!(Completeness::default().answered_percent(), 100);
    }
}
