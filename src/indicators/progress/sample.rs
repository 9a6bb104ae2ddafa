//! Facts as the tests write them.

use rust_decimal::Decimal;

use super::{Direction, Facts, Nature};
use crate::kernel::figure::Answer;
use crate::kernel::period::Period;

fn answer(text: &str) -> Option<Answer> {
    match text {
        "NR" => Some(Answer::NotProvided),
        "NA" => Some(Answer::NotApplicable),
        "" => None,
        value => Some(Answer::Value(value.parse().unwrap())),
    }
}

/// Values are those of 2021, 2022… of a contract 2021-2026.
pub fn facts(reference: &str, target: &str, values: &[&str], direction: Direction) -> Facts {
    Facts {
        reference: answer(reference),
        target: answer(target),
        nature: Nature::Stock,
        nature_confirmed: true,
        direction,
        direction_confirmed: true,
        tolerance: Decimal::ZERO,
        better_side: None,
        reference_period: Period::civil(2020),
        last_period: Period::civil(2026),
        answers: (2021..).zip(values).filter_map(|(year, text)| Some((Period::civil(year), answer(text)?))).collect(),
        yearly: Vec::new(),
    }
}

pub fn decimal(text: &str) -> Decimal {
    text.parse().unwrap()
}
