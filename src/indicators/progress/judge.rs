//! Where a value stands: receding, late, on track or reached, and the way done; or why nothing can be said.

use rust_decimal::Decimal;

use super::{Direction, Facts, NotComputable, Progress, Side, State};
use crate::kernel::figure::Answer;
use crate::kernel::period::Period;

impl Facts {
    fn against_direction(&self) -> bool {
        match (self.direction, self.from(), self.to()) {
            (Direction::Up, Some(from), Some(to)) => to < from,
            (Direction::Down, Some(from), Some(to)) => to > from,
            _ => false,
        }
    }

    /// For maintien, how far from the target a value is; 0 on the better side when one is said.
    fn distance(&self, value: Decimal, to: Decimal) -> Decimal {
        let gap = value - to;
        match self.better_side {
            Some(Side::Above) if gap > Decimal::ZERO => Decimal::ZERO,
            Some(Side::Below) if gap < Decimal::ZERO => Decimal::ZERO,
            _ => gap.abs(),
        }
    }

    /// Whether `value` is worse than `than`, in the direction said.
    fn worse(&self, value: Decimal, than: Decimal) -> bool {
        match (self.direction, self.to()) {
            (Direction::Up, _) => value < than,
            (Direction::Down, _) => value > than,
            (Direction::Hold, Some(to)) => self.distance(value, to) > self.distance(than, to),
            _ => false,
        }
    }

    fn reached(&self, value: Decimal) -> Option<bool> {
        let to = self.to()?;
        if self.against_direction() {
            return None;
        }
        match self.direction {
            Direction::Up => Some(value >= to),
            Direction::Down => Some(value <= to),
            Direction::Hold => Some(self.distance(value, to) <= self.tolerance),
            Direction::ToChoose => None,
        }
    }

    fn raw(&self, current: Option<(Period, Decimal)>) -> Result<Decimal, NotComputable> {
        let from = self.from().ok_or(NotComputable::Reference)?;
        let to = self.to().ok_or(NotComputable::Target)?;
        if self.direction == Direction::ToChoose {
            return Err(NotComputable::DirectionToChoose);
        }
        if self.against_direction() {
            return Err(NotComputable::AgainstDirection);
        }
        if from == to {
            return Err(NotComputable::NoDistance);
        }
        let (_, value) = current.ok_or(NotComputable::NoValue)?;
        value
            .checked_sub(from)
            .and_then(|done| done.checked_mul(Decimal::ONE_HUNDRED))
            .zip(to.checked_sub(from))
            .and_then(|(done, distance)| done.checked_div(distance))
            .ok_or(NotComputable::TooLarge)
    }

    /// The state of a value at a period, which must hold one.
    fn judge(&self, value: Decimal, expected: Option<Decimal>) -> State {
        if self.against_direction() {
            return State::NotAssessable;
        }
        if self.reached(value) == Some(true) {
            return State::Reached;
        }
        let Some(expected) = expected else { return State::NotAssessable };
        // Without a direction nothing is worse; maintien measures from the target, even where a yearly one is expected.
        match self.direction {
            Direction::ToChoose => return State::NotAssessable,
            Direction::Hold if self.to().is_none() => return State::NotAssessable,
            _ => {}
        }
        match self.from() {
            Some(from) if self.worse(value, from) => State::Receding,
            _ if self.worse(value, expected) => State::Late,
            _ => State::OnTrack,
        }
    }

    /// The state of one period's own value, for the entry grid; `None` without value.
    pub fn state_at(&self, period: Period) -> Option<State> {
        self.value_at(period).map(|value| self.judge(value, self.expected_at(period)))
    }

    /// Where the measure stands.
    pub fn progress(&self) -> Progress {
        let current = self.current();
        let expected = current.and_then(|(period, _)| self.expected_at(period));
        let latest = self.answers.last().map(|(_, answer)| *answer);
        let state = match current {
            None if latest == Some(Answer::NotApplicable) => State::NotApplicable,
            None => State::NoData,
            Some((_, value)) => self.judge(value, expected),
        };
        Progress {
            state,
            raw: self.raw(current),
            reached: current.and_then(|(_, value)| self.reached(value)),
            current,
            expected,
            from: self.from(),
            to: self.to(),
            provisional: !self.direction_confirmed || !self.nature_confirmed,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::sample::{decimal, facts};
    use super::*;
    use crate::kernel::figure::round;
    use rstest::rstest;

    #[rstest]
    #[case("10", "20", "15", Direction::Up, "50")]
    #[case("0", "3", "1", Direction::Up, "33.3333")]
    #[case("10", "20", "25", Direction::Up, "150")]
    #[case("10", "20", "5", Direction::Up, "-50")]
    #[case("30", "20", "25", Direction::Down, "50")]
    #[case("12", "7", "9", Direction::Down, "60")]
    #[case("30", "20", "15", Direction::Down, "150")]
    #[case("50", "0", "0", Direction::Down, "100")]
    fn progress_is_the_way_done(
        #[case] reference: &str,
        #[case] target: &str,
        #[case] value: &str,
        #[case] direction: Direction,
        #[case] raw: &str,
    ) {
        let progress = facts(reference, target, &[value], direction).progress();
        assert_eq!(round(progress.raw.unwrap(), 4), decimal(raw));
    }

    #[rstest]
    #[case("10", "20", "25", Direction::Up, State::Reached)]
    #[case("10", "20", "5", Direction::Up, State::Receding)]
    #[case("30", "20", "15", Direction::Down, State::Reached)]
    #[case("50", "0", "0", Direction::Down, State::Reached)]
    #[case("8", "8", "8", Direction::Hold, State::Reached)]
    #[case("8", "8", "6", Direction::Hold, State::Receding)]
    #[case("NR", "25", "16", Direction::Up, State::NotAssessable)]
    #[case("NR", "25", "27", Direction::Up, State::Reached)]
    #[case("30", "20", "25", Direction::Up, State::NotAssessable)]
    #[case("10", "20", "", Direction::Up, State::NoData)]
    #[case("10", "20", "NA", Direction::Up, State::NotApplicable)]
    #[case("10", "20", "NR", Direction::Up, State::NoData)]
    #[case("10", "20", "11", Direction::Up, State::Late)]
    #[case("10", "20", "12", Direction::Up, State::OnTrack)]
    #[case("10", "20", "12", Direction::ToChoose, State::NotAssessable)]
    fn states_come_in_order(
        #[case] reference: &str,
        #[case] target: &str,
        #[case] value: &str,
        #[case] direction: Direction,
        #[case] state: State,
    ) {
        assert_eq!(facts(reference, target, &[value], direction).progress().state, state);
    }

    #[test]
    fn the_reasons_are_said() {
        let reason = |reference, target, direction| facts(reference, target, &["16"], direction).progress().raw;
        assert_eq!(reason("NR", "25", Direction::Up), Err(NotComputable::Reference));
        assert_eq!(reason("8", "NA", Direction::Up), Err(NotComputable::Target));
        assert_eq!(reason("8", "8", Direction::Hold), Err(NotComputable::NoDistance));
        assert_eq!(reason("30", "20", Direction::Up), Err(NotComputable::AgainstDirection));
        assert_eq!(reason("8", "25", Direction::ToChoose), Err(NotComputable::DirectionToChoose));
        assert_eq!(facts("8", "25", &[], Direction::Up).progress().raw, Err(NotComputable::NoValue));
    }

    #[test]
    fn a_target_against_its_direction_is_neither_reached_nor_missed() {
        let progress = facts("30", "20", &["25"], Direction::Up).progress();
        assert_eq!((progress.reached, progress.exceeded()), (None, false));
    }

    #[test]
    fn maintien_without_a_target_is_not_judged_by_a_yearly_one() {
        let mut hold = facts("8", "NR", &["2"], Direction::Hold);
        hold.yearly = vec![(Period::civil(2021), decimal("8"))];
        assert_eq!(hold.progress().state, State::NotAssessable);
    }

    #[test]
    fn the_latest_answer_decides_only_without_value() {
        let state = |values: &[&str]| facts("10", "20", values, Direction::Up).progress().state;
        assert_eq!(state(&["NR", "NA"]), State::NotApplicable);
        assert_eq!(state(&["NA", "NR"]), State::NoData);
        assert_eq!(state(&["20", "NA"]), State::Reached);
    }

    #[test]
    fn not_reached_is_said_even_without_reference() {
        assert_eq!(facts("NR", "25", &["16"], Direction::Up).progress().reached, Some(false));
    }

    #[test]
    fn maintien_has_a_tolerance_and_a_better_side() {
        let mut hold = facts("8", "8", &["6"], Direction::Hold);
        hold.tolerance = decimal("2");
        assert_eq!(hold.progress().state, State::Reached);
        hold.tolerance = Decimal::ZERO;
        hold.better_side = Some(Side::Below);
        assert_eq!(hold.progress().state, State::Reached);
        hold.better_side = Some(Side::Above);
        assert_eq!(hold.progress().state, State::Receding);
    }

    #[test]
    fn a_yearly_target_replaces_the_line() {
        let mut yearly = facts("10", "20", &["12"], Direction::Up);
        yearly.yearly = vec![(Period::civil(2021), decimal("13"))];
        assert_eq!(yearly.progress().expected, Some(decimal("13")));
        assert_eq!(yearly.progress().state, State::Late);
    }
}
