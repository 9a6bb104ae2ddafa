//! What waits for a person in a plan (docs/regles.md §9): cells without an answer, answers to explain.

use chrono::NaiveDate;
use rust_decimal::Decimal;

use crate::dialogue::model::Completeness;
use crate::indicators::sheet::Line;
use crate::indicators::store::KeptCell;
use crate::kernel::figure::Answer;
use crate::kernel::period::Period;

/// What waits, out of the cells that the latest campaign expects and that this person may edit.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Waiting {
    /// How complete these cells are.
    pub completeness: Completeness,
    /// Cells without an answer whose due day is past.
    pub late: usize,
    /// The earliest of those days.
    pub oldest: Option<NaiveDate>,
    /// Values that stray from what is expected, without a comment: measure and period.
    pub gaps: Vec<(String, Period)>,
    /// NR without a comment.
    pub not_provided: Vec<(String, Period)>,
    /// Deviation that asks for an explanation, in percent of the way to go.
    pub threshold: Decimal,
}

impl Waiting {
    /// Sorts the expected cells out; `mine` tells which of them this person may edit now.
    pub fn of(lines: &[Line], threshold: Decimal, today: NaiveDate, mine: impl Fn(&Line, &KeptCell) -> bool) -> Self {
        let mut waiting = Self { threshold, ..Self::default() };
        let mut answers = Vec::new();
        for line in lines {
            for kept in line.cells.iter().filter(|kept| mine(line, kept)) {
                let Some(due_on) = kept.due_on else { continue };
                let answer = kept.cell.answer();
                answers.push(answer);
                if answer.is_none() && due_on < today {
                    waiting.late += 1;
                    waiting.oldest = Some(waiting.oldest.map_or(due_on, |oldest| oldest.min(due_on)));
                }
                if line.asks_explanation(kept, threshold) {
                    let place = (line.measure.code.to_string(), kept.cell.period);
                    match answer {
                        Some(Answer::NotProvided) => waiting.not_provided.push(place),
                        _ => waiting.gaps.push(place),
                    }
                }
            }
        }
        waiting.completeness = Completeness::of(answers);
        waiting
    }

    /// Cells without an answer.
    pub const fn missing(&self) -> usize {
        self.completeness.missing()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::indicators::model::Status;
    use crate::indicators::sheet::lines;
    use crate::indicators::store::Definitions;
    use crate::kernel::canonical::{self, Canonical};

    /// The signed contract, with a cell of measure 1 for each of these answers, all expected.
    fn waiting(answers: &[(Option<&str>, Option<&str>)], mine: impl Fn(&Line, &KeptCell) -> bool) -> Waiting {
        fn list<T: Canonical>(document: &serde_json::Value, key: &str) -> Vec<T> {
            canonical::from_text(&document[key].to_string()).unwrap()
        }
        let document = serde_json::from_str(include_str!("../../demo/contrat-signe.json")).unwrap();
        let definitions = Definitions {
            indicators: list(&document, "indicators"),
            measures: list(&document, "measures"),
            targets: list(&document, "targets"),
        };
        let mut lines = lines(2021, 2026, definitions, &[]);
        for (kept, (answer, comment)) in lines[0].cells.iter_mut().zip(answers) {
            kept.due_on = Some(kept.cell.period.last_day());
            kept.cell.comment = comment.map(str::to_owned);
            match *answer {
                Some("NR") => kept.cell.status = Some(Status::NotProvided),
                Some(value) => {
                    kept.cell.status = Some(Status::Value);
                    kept.cell.value = Some(value.parse().unwrap());
                }
                None => {}
            }
        }
        Waiting::of(&lines, Decimal::TEN, "2024-01-01".parse().unwrap(), mine)
    }

    #[test]
    fn what_is_expected_is_sorted_out() {
        // Measure 1 goes from 8 to 11: 8.6 is expected in 2021-2022, and 0.3 is allowed around it.
        let answers = [(Some("20"), None), (None, None), (Some("NR"), None), (Some("20"), Some("vu")), (None, None)];
        let found = waiting(&answers, |_, _| true);
        assert_eq!((found.completeness.answered(), found.completeness.expected), (3, 5));
        assert_eq!((found.missing(), found.late), (2, 1));
        assert_eq!(found.oldest, Some(Period::academic(2022).last_day()));
        assert_eq!(found.not_provided, [("1".to_owned(), Period::academic(2023))]);
    }

    #[test]
    fn what_is_not_theirs_does_not_wait_for_them() {
        let nothing = Waiting { threshold: Decimal::TEN, ..Waiting::default() };
        assert_eq!(waiting(&[(None, None)], |line, _| line.measure.code.as_str() == "4"), nothing);
    }
}
