//! What a campaign asks for, and how much of it was answered (docs/regles.md §9).

use chrono::NaiveDate;

use crate::document::model::Document;
use crate::kernel::figure::Answer;
use crate::kernel::period::{self, Period};
use crate::record;

/// A cell a campaign could ask for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// Code of the measure.
    pub measure: String,
    /// The period.
    pub period: Period,
    /// Last day of the due window.
    pub due_on: NaiveDate,
    /// What the signed document printed.
    pub printed: Option<Answer>,
    /// What an earlier campaign received.
    pub received: Option<Answer>,
}

/// Answered once and for all: a value or NA. An NR comes back.
const fn settled(answer: Option<Answer>) -> bool {
    matches!(answer, Some(Answer::Value(_) | Answer::NotApplicable))
}

/// Every cell of a plan, whether or not something was entered, in the order of measures and periods.
///
/// `received` tells what an earlier campaign received for a measure and a period.
pub fn candidates(document: &Document, received: impl Fn(&str, Period) -> Option<Answer>) -> Vec<Candidate> {
    let plan = &document.plan;
    document
        .measures
        .iter()
        .filter_map(|measure| {
            let indicator = document.indicators.iter().find(|it| it.code == measure.indicator)?;
            Some((measure, indicator))
        })
        .flat_map(|(measure, indicator)| {
            period::columns(indicator.period_kind, plan.first_year, plan.last_year)
                .into_iter()
                .map(move |period| (measure, indicator, period))
        })
        .map(|(measure, indicator, period)| Candidate {
            measure: measure.code.to_string(),
            period,
            due_on: indicator.availability.due_window(period).closes,
            printed: document
                .cells
                .iter()
                .find(|cell| cell.measure == measure.code && cell.period == period)
                .and_then(|cell| cell.printed.as_ref()?.answer()),
            received: received(measure.code.as_str(), period),
        })
        .collect()
}

/// The cells a campaign expects: due by its closing day, arrears included, unless the signed document printed, or an
/// earlier campaign received, a value or NA.
pub fn expected(candidates: Vec<Candidate>, closes_on: NaiveDate) -> Vec<Candidate> {
    candidates
        .into_iter()
        .filter(|cell| cell.due_on <= closes_on && !settled(cell.printed) && !settled(cell.received))
        .collect()
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

record! {
    /// A campaign, as the journal keeps it.
    pub struct Campaign {
        /// Its year.
        pub year: i32,
        /// Opening day.
        pub opens_on: NaiveDate,
        /// Closing day.
        pub closes_on: NaiveDate,
    }
}

record! {
    /// A dialogue, as the journal keeps it.
    pub struct Dialogue {
        /// The campaign's year.
        pub year: i32,
        /// Word of its state.
        pub state: String,
        /// How many cells it expects.
        pub expected: i32,
        /// Why it came back, or was reopened.
        pub reason: Option<String>,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    fn signed() -> Document {
        Document::parse(include_bytes!("../../demo/contrat-signe.json")).unwrap()
    }

    #[rstest]
    #[case("2025-09-30", 67)]
    #[case("2026-09-30", 89)]
    #[case("2027-09-30", 110)]
    #[case("2099-12-31", 110)]
    fn the_real_contract_expects(#[case] closing: NaiveDate, #[case] count: usize) {
        let candidates = candidates(&signed(), |_, _| None);
        assert_eq!(candidates.len(), 114);
        assert_eq!(expected(candidates, closing).len(), count);
    }

    #[test]
    fn what_a_campaign_received_is_not_asked_again_but_an_nr_comes_back() {
        let count = |answer| {
            let received = move |measure: &str, period: Period| {
                (measure == "1" && period == Period::academic(2021)).then_some(answer)
            };
            expected(candidates(&signed(), received), "2025-09-30".parse().unwrap()).len()
        };
        assert_eq!(count(Answer::Value(9.into())), 66);
        assert_eq!(count(Answer::NotApplicable), 66);
        assert_eq!(count(Answer::NotProvided), 67);
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
