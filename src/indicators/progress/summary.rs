//! What a node shows of its measures: how many in each state, and their mean progress.

use rust_decimal::Decimal;

use super::{Progress, State};
use crate::kernel::figure::round;

/// What a node shows of its measures.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Summary {
    /// How many measures in each state, worst first, absent states left out.
    pub counts: Vec<(State, usize)>,
    /// Mean of the computable measures' clamped progress.
    pub mean: Option<Decimal>,
    /// How many are computable.
    pub computable: usize,
    /// How many there are.
    pub measures: usize,
}

impl Summary {
    /// Of some measures; groups are no measures and do not count.
    pub fn of<'a>(all: impl IntoIterator<Item = &'a Progress>) -> Self {
        let all: Vec<&Progress> = all.into_iter().collect();
        let counts = State::ALL
            .iter()
            .map(|state| (*state, all.iter().filter(|progress| progress.state == *state).count()))
            .filter(|(_, count)| *count > 0)
            .collect();
        let clamped: Vec<Decimal> = all.iter().filter_map(|progress| progress.clamped()).collect();
        let mean = (!clamped.is_empty())
            .then(|| clamped.iter().sum::<Decimal>() / Decimal::from(clamped.len()))
            .map(|mean| round(mean, 10));
        Self { counts, mean, computable: clamped.len(), measures: all.len() }
    }

    /// The worst state present, with its count.
    pub fn worst(&self) -> Option<(State, usize)> {
        self.counts.first().copied()
    }
}

#[cfg(test)]
mod tests {
    use super::super::Direction;
    use super::super::sample::{decimal, facts};
    use super::*;

    #[test]
    fn a_node_counts_states_and_averages_what_is_computable() {
        let all = [
            facts("10", "20", &["25"], Direction::Up).progress(),
            facts("10", "20", &["5"], Direction::Up).progress(),
            facts("NR", "20", &["5"], Direction::Up).progress(),
        ];
        let summary = Summary::of(&all);
        assert_eq!(summary.mean, Some(decimal("50")));
        assert_eq!((summary.computable, summary.measures), (2, 3));
        assert_eq!(summary.worst(), Some((State::Receding, 1)));
    }

    #[test]
    fn a_measure_that_does_not_apply_hides_nothing() {
        let all = [
            facts("10", "20", &["NA"], Direction::Up).progress(),
            facts("10", "20", &["12"], Direction::Up).progress(),
        ];
        assert_eq!(Summary::of(&all).worst(), Some((State::OnTrack, 1)));
        assert_eq!(Summary::of(&all[..1]).worst(), Some((State::NotApplicable, 1)));
        assert_eq!(Summary::of([]), Summary::default());
    }
}
