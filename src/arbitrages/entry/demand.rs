//! What every step of a demand says: its reason; and its withdrawal, which says nothing else.

use chrono::NaiveDate;
use serde::Deserialize;

use super::{Matter, TEXT_MAX};
use crate::arbitrages::amendment::{Amendment, Course, Step};
use crate::kernel::typed::required;

/// A withdrawal as typed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "each field is the form's own")]
pub struct WithdrawalTyped {
    pub reason: String,
    /// The rank that its author expects it to take.
    pub rank: String,
}

/// Why a demand changes.
///
/// # Errors
/// The sentence that refuses it.
pub fn read_reason(typed: &str) -> Result<String, String> {
    required(typed, TEXT_MAX, "Dites pourquoi : ce motif reste à côté de la demande.")
}

/// A step of a demand that holds nothing yet, made today under the decision in force.
pub fn step(matter: &Matter<'_>, course: &Course, step: Step, reason: Option<String>, today: NaiveDate) -> Amendment {
    Amendment {
        subject: matter.subject,
        code: matter.code.clone(),
        rank: course.next_rank(),
        step,
        dated_on: today,
        reason,
        answers: matter.ledger.last().map(|decision| decision.rank),
        request: None,
        money: None,
        post: None,
    }
}

/// The withdrawal of a demand.
///
/// # Errors
/// The sentence that refuses it.
pub fn read_withdrawal(
    typed: &WithdrawalTyped,
    matter: &Matter<'_>,
    course: &Course,
    today: NaiveDate,
) -> Result<Amendment, String> {
    let reason = read_reason(&typed.reason)?;
    Ok(step(matter, course, Step::Withdrawn, Some(reason), today))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arbitrages::model::{State, Subject, tests::decision};
    use crate::kernel::ids::Code;

    #[test]
    fn a_withdrawal_says_why_and_under_which_decision() {
        let (code, ledger) = (Code::new("B1").unwrap(), [decision("B1", 4, State::Rework)]);
        let matter = Matter { subject: Subject::BudgetLine, code: &code, ledger: &ledger, conditions: &[] };
        let typed = |reason: &str| WithdrawalTyped { reason: reason.into(), rank: "1".into() };
        let today = "2025-09-12".parse().unwrap();
        assert!(read_withdrawal(&typed("  "), &matter, &Course::default(), today).unwrap_err().contains("pourquoi"));
        let step = read_withdrawal(&typed("financé autrement"), &matter, &Course::default(), today).unwrap();
        assert_eq!((step.rank, step.answers, step.is_whole()), (1, Some(4), true));
    }
}
