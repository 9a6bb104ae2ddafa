//! What waits for a person in a plan (docs/regles.md §9): cells without an answer, answers to explain.

use chrono::NaiveDate;
use rust_decimal::Decimal;

use crate::access::{self, Season, Thing, Who};
use crate::accounts::model::{Role, User};
use crate::dialogue::model::Completeness;
use crate::indicators::sheet::Line;
use crate::indicators::store::KeptCell;
use crate::jalons::model::Jalon;
use crate::kernel::figure::Answer;
use crate::kernel::period::Period;
use crate::plans::store::Header;

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

/// A jalon that depends on something else than a date, of which nothing was said this year.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conditional {
    /// Its plan.
    pub plan_id: i64,
    /// Its code.
    pub code: String,
    /// The code of its group.
    pub group: Option<String>,
    /// What is to be done; empty when the document prints a number alone.
    pub label: String,
    /// What it depends on.
    pub condition: String,
}

/// A follow-up still to be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ToDo {
    /// Its plan.
    pub plan_id: i64,
    /// Its code.
    pub code: String,
    /// What there is to do.
    pub text: String,
    /// Whose it is: a function.
    pub owner: String,
    /// By which day.
    pub due_on: NaiveDate,
}

/// What waits outside any figure, over many plans.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Waits {
    /// Conditional jalons, in the order of their plans.
    pub jalons: Vec<Conditional>,
    /// Follow-ups, the earliest day first.
    pub followups: Vec<ToDo>,
}

/// A follow-up waits for the director of its structure, and for whoever holds the function it names.
pub fn own_followup(user: &User, structure_id: i64, owner: &str) -> bool {
    user.directs(structure_id) || (user.reads_dialogues(structure_id) && user.function == owner)
}

impl Waits {
    /// What of it waits for this person: for the directoire, all of it (docs/regles.md §5, §9).
    #[must_use]
    pub fn of(self, user: &User, headers: &[&Header], today: NaiveDate) -> Self {
        let everywhere = user.has(Role::Directoire);
        let header = |plan_id: i64| headers.iter().find(|header| header.id == plan_id);
        let says = |it: &Conditional| {
            header(it.plan_id).is_some_and(|header| {
                let thing = Thing::Jalon {
                    plan_id: header.id,
                    structure_id: header.structure_id,
                    code: &it.code,
                    group: it.group.as_deref(),
                    asking: None,
                    closed: header.closed,
                };
                everywhere || access::may_edit(Who::User(user), &thing, today).allowed()
            })
        };
        let does = |it: &ToDo| {
            header(it.plan_id).is_some_and(|header| everywhere || own_followup(user, header.structure_id, &it.owner))
        };
        let Self { mut jalons, mut followups } = self;
        jalons.retain(says);
        followups.retain(does);
        Self { jalons, followups }
    }
}

/// The jalons of a plan that a person may say something of.
pub fn own_jalons<'a>(
    user: &User,
    header: &Header,
    season: &Season,
    jalons: &'a [Jalon],
    today: NaiveDate,
) -> Vec<&'a Jalon> {
    jalons
        .iter()
        .filter(|jalon| {
            let thing = Thing::Jalon {
                plan_id: header.id,
                structure_id: header.structure_id,
                code: jalon.code.as_str(),
                group: jalon.parent.as_ref().map(AsRef::as_ref),
                asking: season.jalon(jalon.code.as_str()),
                closed: season.closed,
            };
            access::may_edit(Who::User(user), &thing, today).allowed()
        })
        .collect()
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
