//! What a submission demands, all at once and not at each key press (docs/regles.md §9).

use chrono::NaiveDate;
use rust_decimal::Decimal;

use crate::indicators::entry::Key;
use crate::indicators::sheet::Line;
use crate::jalons::model::{Calendar, Jalon, Standing};
use crate::kernel::figure::Answer;

/// A jalon past its date, of which nothing was said since the campaign opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LateJalon {
    /// Its code.
    pub code: String,
    /// Its label.
    pub label: String,
    /// When it was due.
    pub due_on: NaiveDate,
}

/// What is missing before a submission; nothing when every list is empty.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Checklist {
    /// Expected cells without an answer.
    pub unanswered: Vec<Key>,
    /// NR without a comment.
    pub not_provided: Vec<Key>,
    /// Values that stray from what is expected, without a comment.
    pub gaps: Vec<Key>,
    /// Due jalons not updated.
    pub jalons: Vec<LateJalon>,
}

impl Checklist {
    /// Goes through the expected cells and the jalons. `said` are the codes of the jalons commented since the opening;
    /// `threshold` is in percent of the way to go.
    pub fn of(lines: &[Line], jalons: &[Jalon], said: &[String], threshold: Decimal, calendar: &Calendar) -> Self {
        let mut list = Self::default();
        for line in lines {
            for kept in line.cells.iter().filter(|kept| kept.due_on.is_some()) {
                let key = Key { measure: line.measure.code.clone(), period: kept.cell.period };
                match kept.cell.answer() {
                    None => list.unanswered.push(key),
                    Some(answer) if line.asks_explanation(kept, threshold) => match answer {
                        Answer::NotProvided => list.not_provided.push(key),
                        _ => list.gaps.push(key),
                    },
                    Some(_) => {}
                }
            }
        }
        list.jalons = jalons
            .iter()
            .filter(|jalon| {
                jalon.standing(calendar) == Standing::Late && !said.iter().any(|code| code == jalon.code.as_str())
            })
            .map(|jalon| LateJalon {
                code: jalon.code.to_string(),
                label: jalon.label.clone().unwrap_or_default(),
                due_on: jalon.due(&calendar.dates).unwrap_or_default(),
            })
            .collect();
        list
    }

    /// How many lines are missing.
    pub const fn count(&self) -> usize {
        self.unanswered.len() + self.not_provided.len() + self.gaps.len() + self.jalons.len()
    }

    /// Nothing is missing: it can be submitted.
    pub const fn is_complete(&self) -> bool {
        self.count() == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::model::Document;
    use crate::indicators::model::Status;
    use crate::indicators::sheet;
    use crate::indicators::store::Definitions;
    use crate::kernel::period::Period;
    use crate::reserves::Dates;

    fn invented() -> Document {
        Document::parse(include_bytes!("../../../demo/situations-fictives.json")).unwrap()
    }

    /// Measure 1 alone, with these answers from its first period on, all expected.
    fn lines(answers: &[(Option<Status>, i64, Option<&str>)]) -> Vec<Line> {
        let Document { plan, indicators, measures, targets, .. } = invented();
        let definitions = Definitions { indicators, measures, targets };
        let mut lines = sheet::lines(plan.first_year, plan.last_year, definitions.clone(), &[]);
        let blank = lines[0].cells.clone();
        let cells: Vec<_> = blank
            .into_iter()
            .zip(answers)
            .map(|(mut kept, (status, value, comment))| {
                kept.due_on = Some(kept.cell.period.last_day());
                kept.cell.status = *status;
                kept.cell.value = (*status == Some(Status::Value)).then(|| (*value).into());
                kept.cell.comment = comment.map(str::to_owned);
                kept
            })
            .collect();
        lines = sheet::lines(plan.first_year, plan.last_year, definitions, &cells);
        lines
    }

    fn keys(list: &[Key]) -> Vec<Period> {
        list.iter().map(|key| key.period).collect()
    }

    fn calendar(day: &str) -> Calendar {
        Calendar::new(day.parse().unwrap(), Dates::default())
    }

    #[test]
    fn every_expected_cell_is_answered_and_what_strays_is_explained() {
        // Measure 1 goes from 8 to 11: 8.6 is expected in 2021-2022, and 0.3 is allowed around it.
        let value = Some(Status::Value);
        let answers = [
            (value, 20, None),
            (value, 20, Some("vu")),
            (Some(Status::NotProvided), 0, None),
            (Some(Status::NotProvided), 0, Some("logiciel changé")),
            (None, 0, Some("à venir")),
        ];
        let list = Checklist::of(&lines(&answers), &[], &[], Decimal::TEN, &calendar("2024-01-01"));
        assert_eq!(keys(&list.gaps), [Period::academic(2021)]);
        assert_eq!(keys(&list.not_provided), [Period::academic(2023)]);
        assert_eq!(keys(&list.unanswered), [Period::academic(2025)]);
        assert_eq!((list.count(), list.is_complete()), (3, false));
        // A wider threshold asks for less.
        let wide = Checklist::of(&lines(&answers), &[], &[], 1000.into(), &calendar("2024-01-01"));
        assert_eq!(wide.gaps, []);
    }

    #[test]
    fn a_due_jalon_is_over_put_off_or_commented_since_the_opening() {
        let jalons = invented().jalons;
        let late = |said: &[&str]| -> Vec<String> {
            let said: Vec<String> = said.iter().map(|code| (*code).to_owned()).collect();
            let list = Checklist::of(&[], &jalons, &said, Decimal::TEN, &calendar("2025-09-12"));
            list.jalons.into_iter().map(|it| it.code).collect()
        };
        assert_eq!(late(&[]), ["J2", "J3", "J9", "J15", "J16.c"]);
        assert_eq!(late(&["J2", "J3", "J9", "J16.c"]), ["J15"]);
    }
}
