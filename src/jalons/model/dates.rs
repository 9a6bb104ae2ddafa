//! Which of its dates counts: the first one, that of a reading, that of an avenant, or the one it was put off to.

use chrono::{Datelike, NaiveDate};

use super::{Jalon, Redated, State};
use crate::plans::model::Plan;
use crate::reserves::Dates;

/// Dates that make sense for a plan: from the year before its first to the second after its last.
pub fn is_sane(plan: &Plan, day: NaiveDate) -> bool {
    (plan.first_year.saturating_sub(1)..=plan.last_year.saturating_add(2)).contains(&day.year())
}

impl Jalon {
    /// The date that counts: the new one when it was put off, else the contract's. `None` for a condition.
    pub fn due(&self, dates: &Dates) -> Option<NaiveDate> {
        self.postponed_to.or_else(|| self.agreed_due(dates))
    }

    /// The contract's date: that of the last avenant, else the first.
    fn agreed_due(&self, dates: &Dates) -> Option<NaiveDate> {
        self.redated.last().map(|it| it.due_on).or_else(|| self.first_due(dates))
    }

    /// Its date is not the first one any more.
    pub const fn is_moved(&self) -> bool {
        self.postponed_to.is_some() || !self.redated.is_empty()
    }

    /// The date before any avenant and any postponement: that of the reading retained, else the one in use.
    pub fn first_due(&self, dates: &Dates) -> Option<NaiveDate> {
        dates.settled(&self.code).or(self.due_on)
    }

    /// The dates between which nobody chose, in order; none when the document says one, or when the jalon was put off
    /// since, or is over.
    pub fn readings(&self, dates: &Dates) -> Vec<NaiveDate> {
        // An avenant says one date, whatever the document meant.
        if self.is_group || self.postponed_to.is_some() || !self.redated.is_empty() || self.state().is_over() {
            return Vec::new();
        }
        let mut readings: Vec<NaiveDate> = dates.open(&self.code).chain(self.first_due(dates)).collect();
        readings.sort_unstable();
        readings.dedup();
        if readings.len() > 1 { readings } else { Vec::new() }
    }

    /// With the date that an avenant gives it: it prevails over a postponement, which the journal keeps.
    #[must_use]
    pub fn redate(&self, to: Redated) -> Self {
        let mut it = self.clone();
        if it.postponed_to.take().is_some() && !it.state().is_over() {
            it.reason = None;
        }
        if it.state == Some(State::Postponed) {
            it.state = Some(State::ToCome);
        }
        it.redated.push(to);
        it
    }
}

#[cfg(test)]
mod tests {
    use super::super::signed::{TODAY, day, jalon, plan};
    use super::super::{Calendar, Precision, Standing};
    use super::*;
    use crate::kernel::ids::Code;

    #[test]
    fn the_date_of_an_avenant_counts_and_the_first_one_stays() {
        let dates = Dates::default();
        let given = Redated {
            avenant: Code::new("1").unwrap(),
            since: 2026,
            precision: Precision::Year,
            due_on: day("2025-12-31"),
        };
        let first = jalon("J3");
        let moved = first.redate(given.clone());
        assert_eq!((moved.first_due(&dates), moved.due(&dates)), (first.due_on, Some(day("2025-12-31"))));
        let calendar = Calendar::new(day(TODAY), dates.clone());
        assert_eq!((first.standing(&calendar), moved.standing(&calendar)), (Standing::Late, Standing::ToCome));
        // It may still be put off, after the avenant's date.
        assert!(moved.postpone(&plan(), &dates, Some(day("2025-06-30")), "x").is_err());
        let later = moved.postpone(&plan(), &dates, Some(day("2026-06-30")), "x").unwrap();
        assert_eq!((later.due(&dates), later.incoherences(&plan(), &dates)), (Some(day("2026-06-30")), vec![]));
        // A condition becomes a date.
        let conditional =
            Jalon { precision: Some(Precision::Condition), due_on: None, condition: Some("si".into()), ..first };
        assert!(conditional.is_conditional());
        let given_one = conditional.redate(given);
        assert_eq!((given_one.is_conditional(), given_one.incoherences(&plan(), &dates)), (false, vec![]));
    }
}
