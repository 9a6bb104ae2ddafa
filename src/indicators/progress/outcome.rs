//! Where a measure stands, and why; or why its progress is not computed.

use std::fmt;

use rust_decimal::Decimal;

use super::{Direction, State};
use crate::kernel::figure::show_gap;
use crate::kernel::period::Period;

/// Where a measure stands, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Progress {
    /// The state.
    pub state: State,
    /// Progress in points, exact and unclamped, or why there is none.
    pub raw: Result<Decimal, NotComputable>,
    /// Whether the target is reached; `None` without value, target or direction, or when these contradict each other.
    pub reached: Option<bool>,
    /// The period of the latest value, and that value (the sum so far, for a cumul).
    pub current: Option<(Period, Decimal)>,
    /// What is expected at that period.
    pub expected: Option<Decimal>,
    /// The reference in the formulas: 0 for a cumul.
    pub from: Option<Decimal>,
    /// The target.
    pub to: Option<Decimal>,
    /// Nature or direction is still to be confirmed.
    pub provisional: bool,
}

/// Why progress is not computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotComputable {
    /// NR, NA or absent.
    Reference,
    /// NR, NA or absent.
    Target,
    /// Nothing was entered.
    NoValue,
    /// Target and reference are the same: there is no way to go.
    NoDistance,
    /// The target lies on the other side of the direction said.
    AgainstDirection,
    /// No direction.
    DirectionToChoose,
    /// Past what a decimal holds.
    TooLarge,
}

impl fmt::Display for NotComputable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Reference => "la référence n’est pas un nombre",
            Self::Target => "la cible n’est pas un nombre",
            Self::NoValue => "aucune valeur n’est saisie",
            Self::NoDistance => "la cible est égale à la référence",
            Self::AgainstDirection => "la cible contredit le sens",
            Self::DirectionToChoose => "le sens reste à choisir",
            Self::TooLarge => "les nombres sont trop grands",
        })
    }
}

impl Progress {
    /// What the state's own word does not say: « dépassée », « non atteinte », « maintenu », « non maintenu, écart −2 »
    /// (docs/regles.md §4); `None` when it says it all.
    pub fn word(&self, direction: Direction) -> Option<String> {
        let gap = || self.current.zip(self.to).map(|((_, value), to)| show_gap(value - to));
        match (direction, self.reached?) {
            (Direction::Hold, true) => Some("maintenu".into()),
            (Direction::Hold, false) => Some(match gap() {
                Some(gap) => format!("non maintenu, écart {gap}"),
                None => "non maintenu".into(),
            }),
            (_, true) if self.exceeded() => Some("dépassée".into()),
            (_, false) if self.state == State::NotAssessable => Some("non atteinte".into()),
            _ => None,
        }
    }

    /// For a bar: within 0 and 100.
    pub fn clamped(&self) -> Option<Decimal> {
        self.raw.ok().map(|raw| raw.clamp(Decimal::ZERO, Decimal::ONE_HUNDRED))
    }

    /// Past the target, and glad of it: a maintien that went through its target has left it.
    pub(super) fn exceeded(&self) -> bool {
        self.reached == Some(true) && self.raw.is_ok_and(|raw| raw > Decimal::ONE_HUNDRED)
    }

    /// Where the expected value stands on a bar, within 0 and 100.
    pub fn expected_mark(&self) -> Option<Decimal> {
        let (from, to, expected) = (self.from?, self.to?, self.expected?);
        self.raw.ok()?;
        let points = (expected - from).checked_mul(Decimal::ONE_HUNDRED)?.checked_div(to - from)?;
        Some(points.clamp(Decimal::ZERO, Decimal::ONE_HUNDRED))
    }
}

#[cfg(test)]
mod tests {
    use super::super::sample::{decimal, facts};
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("10", "20", "25", Direction::Up, Some("dépassée"))]
    #[case("30", "20", "15", Direction::Down, Some("dépassée"))]
    #[case("50", "0", "0", Direction::Down, None)]
    #[case("10", "20", "15", Direction::Up, None)]
    #[case("8", "8", "8", Direction::Hold, Some("maintenu"))]
    #[case("8", "8", "6", Direction::Hold, Some("non maintenu, écart −2"))]
    #[case("NR", "25", "16", Direction::Up, Some("non atteinte"))]
    #[case("NR", "25", "27", Direction::Up, None)]
    #[case("30", "20", "25", Direction::Up, None)]
    fn words_complete_the_state(
        #[case] reference: &str,
        #[case] target: &str,
        #[case] value: &str,
        #[case] direction: Direction,
        #[case] word: Option<&str>,
    ) {
        assert_eq!(facts(reference, target, &[value], direction).progress().word(direction).as_deref(), word);
    }

    #[test]
    fn exceeded_is_said_of_what_is_reached() {
        assert!(facts("10", "20", &["25"], Direction::Up).progress().exceeded());
        assert!(!facts("10", "20", &["20"], Direction::Up).progress().exceeded());
        assert!(!facts("NR", "25", &["27"], Direction::Up).progress().exceeded());
        // From 10 to hold at 8: 7 went through, and stands 1 away.
        let through = facts("10", "8", &["7"], Direction::Hold).progress();
        assert_eq!((through.raw, through.reached, through.exceeded()), (Ok(decimal("150")), Some(false), false));
    }
}
