//! What progress depends on, and what is read of it period by period: the value, and what is expected.

use rust_decimal::Decimal;

use super::{Direction, Nature, Side};
use crate::kernel::figure::Answer;
use crate::kernel::period::Period;

/// All that progress depends on.
#[derive(Debug, Clone)]
pub struct Facts {
    /// The figure before the contract.
    pub reference: Option<Answer>,
    /// The target in force.
    pub target: Option<Answer>,
    /// What the figure is.
    pub nature: Nature,
    /// Pilotage said so.
    pub nature_confirmed: bool,
    /// Where it should go.
    pub direction: Direction,
    /// Pilotage said so.
    pub direction_confirmed: bool,
    /// For maintien.
    pub tolerance: Decimal,
    /// For maintien.
    pub better_side: Option<Side>,
    /// The period of the reference.
    pub reference_period: Period,
    /// The last column of the contract.
    pub last_period: Period,
    /// What was answered, period by period, in time order; empty cells may be left out.
    pub answers: Vec<(Period, Answer)>,
    /// Targets of some years.
    pub yearly: Vec<(Period, Decimal)>,
}

impl Facts {
    pub(super) fn from(&self) -> Option<Decimal> {
        if self.nature == Nature::Cumulative { Some(Decimal::ZERO) } else { self.reference.and_then(Answer::value) }
    }

    pub(super) fn to(&self) -> Option<Decimal> {
        self.target.and_then(Answer::value)
    }

    /// The value as of a period: that period's own, or the sum up to it for a cumul.
    pub fn value_at(&self, period: Period) -> Option<Decimal> {
        let own = |wanted: Period| {
            self.answers.iter().find(|(period, _)| *period == wanted).and_then(|(_, answer)| answer.value())
        };
        let own_value = own(period)?;
        if self.nature != Nature::Cumulative {
            return Some(own_value);
        }
        self.answers
            .iter()
            .filter(|(at, _)| *at > self.reference_period && *at <= period)
            .filter_map(|(_, answer)| answer.value())
            .try_fold(Decimal::ZERO, Decimal::checked_add)
    }

    pub(super) fn current(&self) -> Option<(Period, Decimal)> {
        let (period, _) = self.answers.iter().rev().find(|(_, answer)| answer.value().is_some())?;
        Some((*period, self.value_at(*period)?))
    }

    /// What is expected at a period: its yearly target, else the straight line from reference to target.
    pub fn expected_at(&self, period: Period) -> Option<Decimal> {
        if let Some((_, value)) = self.yearly.iter().find(|(at, _)| *at == period) {
            return Some(*value);
        }
        let (from, to) = (self.from()?, self.to()?);
        let span = Decimal::from(self.last_period.start_year - self.reference_period.start_year);
        let done = Decimal::from(period.start_year - self.reference_period.start_year);
        to.checked_sub(from)?.checked_mul(done)?.checked_div(span)?.checked_add(from)
    }

    /// Whether a value strays from what is expected by more than `threshold` percent of the way to go (docs/regles.md
    /// §9): such a deviation asks for an explanation.
    pub fn deviates(&self, period: Period, threshold: Decimal) -> bool {
        let (Some(value), Some(expected), Some(to)) = (self.value_at(period), self.expected_at(period), self.to())
        else {
            return false;
        };
        let way = match self.from() {
            Some(from) if from != to => (to - from).abs(),
            _ => to.abs(),
        };
        match (way.checked_mul(threshold), (value - expected).abs().checked_mul(Decimal::ONE_HUNDRED)) {
            (Some(allowed), Some(gap)) => gap > allowed,
            _ => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::State;
    use super::super::sample::{decimal, facts};
    use super::*;
    use crate::kernel::figure::round;

    #[test]
    fn a_cumul_adds_its_periods_and_starts_from_zero() {
        let mut cumul = facts("1", "6", &["1", "1", "1"], Direction::Up);
        cumul.nature = Nature::Cumulative;
        let progress = cumul.progress();
        assert_eq!(progress.raw, Ok(decimal("50")));
        assert_eq!(progress.current, Some((Period::civil(2023), decimal("3"))));
        assert_eq!(progress.expected, Some(decimal("3")));
        assert_eq!(progress.state, State::OnTrack);
    }

    #[test]
    fn a_cumul_needs_no_reference_and_skips_what_is_missing() {
        // UCA 11: reference NR, target 15.
        let mut cumul = facts("NR", "15", &["4", "NR", "5"], Direction::Up);
        cumul.nature = Nature::Cumulative;
        let progress = cumul.progress();
        assert_eq!(progress.raw, Ok(decimal("60")));
        assert_eq!(progress.current, Some((Period::civil(2023), decimal("9"))));
        assert_eq!(cumul.value_at(Period::civil(2021)), Some(decimal("4")));
        assert_eq!(cumul.value_at(Period::civil(2022)), None);
    }

    #[test]
    fn an_academic_contract_has_one_period_less_on_the_line() {
        // UCA 17.b: 438 in 2020-2021, 560 in 2025-2026, 571 in 2024-2025.
        let mut alternants = facts("438", "560", &[], Direction::Up);
        alternants.reference_period = Period::academic(2020);
        alternants.last_period = Period::academic(2025);
        alternants.answers = vec![(Period::academic(2024), Answer::Value(decimal("571")))];
        let progress = alternants.progress();
        assert_eq!(round(progress.raw.unwrap(), 1), decimal("109"));
        assert_eq!(progress.expected, Some(decimal("535.6")));
    }

    #[test]
    fn a_deviation_is_measured_on_the_way_to_go() {
        let way = facts("10", "20", &["12.7", "12", "NR"], Direction::Up);
        // Expected 11.67 in 2021: the gap is 1.03, more than 10 % of 10.
        assert!(way.deviates(Period::civil(2021), decimal("10")));
        assert!(!way.deviates(Period::civil(2021), decimal("11")));
        assert!(!way.deviates(Period::civil(2023), decimal("10")));
        // Without a way to go, of the target: 8 ± 0.8.
        assert!(facts("8", "8", &["6"], Direction::Hold).deviates(Period::civil(2021), decimal("10")));
    }
}
