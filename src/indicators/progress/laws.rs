//! What holds of progress whatever the figures.

use proptest::prelude::*;
use rust_decimal::Decimal;

use super::sample::facts;
use super::{Direction, Nature, State};
use crate::kernel::figure::{Answer, round};
use crate::kernel::period::Period;

proptest! {
    #[test]
    fn progress_never_panics_and_its_bar_stays_within(
        reference in any::<i64>(), target in any::<i64>(), value in any::<i64>(), scale in 0_u32..=6,
        direction in 0_usize..4, nature in 0_usize..4, tolerance in 0_i64..1000,
    ) {
        let mut any = facts("0", "0", &[], Direction::ALL[direction]);
        any.nature = Nature::ALL[nature];
        any.reference = Some(Answer::Value(Decimal::new(reference, scale)));
        any.target = Some(Answer::Value(Decimal::new(target, scale)));
        any.answers = vec![(Period::civil(2022), Answer::Value(Decimal::new(value, scale)))];
        any.tolerance = Decimal::from(tolerance);
        let progress = any.progress();
        if let Some(clamped) = progress.clamped() {
            prop_assert!(clamped >= Decimal::ZERO && clamped <= Decimal::ONE_HUNDRED);
        }
        let _ = any.deviates(Period::civil(2022), Decimal::TEN);
        let _ = progress.expected_mark();
    }

    #[test]
    fn shifting_or_stretching_the_scale_changes_nothing(
        reference in -1000_i64..1000, target in -1000_i64..1000, value in -1000_i64..1000,
        shift in -1000_i64..1000, stretch in 1_i64..1000, direction in 0_usize..4,
    ) {
        let shown = |moved: &dyn Fn(i64) -> i64| {
            let text = |number: i64| moved(number).to_string();
            facts(&text(reference), &text(target), &[&text(value)], Direction::ALL[direction]).progress()
        };
        let plain = shown(&|number| number);
        for other in [shown(&|number| number + shift), shown(&|number| number * stretch)] {
            prop_assert_eq!(other.state, plain.state);
            prop_assert_eq!(other.reached, plain.reached);
            // A quotient may differ in the last of its 28 digits.
            prop_assert_eq!(other.raw.map(|raw| round(raw, 12)), plain.raw.map(|raw| round(raw, 12)));
        }
    }

    #[test]
    fn at_the_reference_nothing_is_done_and_at_the_target_all_is(
        reference in -1000_i64..1000, target in -1000_i64..1000,
    ) {
        let direction = Direction::proposed(Some(reference.into()), Some(target.into()));
        let at = |value: i64| facts(&reference.to_string(), &target.to_string(), &[&value.to_string()], direction);
        prop_assert_eq!(at(target).progress().state, State::Reached);
        if reference != target {
            prop_assert_eq!(at(reference).progress().raw, Ok(Decimal::ZERO));
            prop_assert_eq!(at(target).progress().raw, Ok(Decimal::ONE_HUNDRED));
        }
    }

    #[test]
    fn mirroring_the_scale_mirrors_the_direction_only(
        reference in -1000_i64..1000, target in -1000_i64..1000, value in -1000_i64..1000,
    ) {
        let shown = |sign: i64, direction| {
            let text = |number: i64| (sign * number).to_string();
            facts(&text(reference), &text(target), &[&text(value)], direction).progress()
        };
        let (up, down) = (shown(1, Direction::Up), shown(-1, Direction::Down));
        prop_assert_eq!(up.raw, down.raw);
        prop_assert_eq!(up.state, down.state);
    }
}
