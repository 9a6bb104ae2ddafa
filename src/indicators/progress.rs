//! Progress of a measure, exactly as docs/regles.md §4 says it, with its explanation.

use std::fmt;

use rust_decimal::Decimal;

use crate::kernel::figure::{Answer, round, show_gap};
use crate::kernel::period::Period;
use crate::words;

words! {
    /// What the figure of a period is.
    pub enum Nature {
        /// A level: the latest value counts.
        Stock = "stock",
        /// A yearly flow: the latest value counts.
        Flow = "flux",
        /// Values add up over the contract.
        Cumulative = "cumul",
        /// Not said yet: read as a level.
        ToConfirm = "a_confirmer",
    }
}

impl Nature {
    /// As shown.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Stock => "stock",
            Self::Flow => "flux annuel",
            Self::Cumulative => "cumul",
            Self::ToConfirm => "à confirmer",
        }
    }
}

words! {
    /// Where the figure should go.
    pub enum Direction {
        /// Up.
        Up = "hausse",
        /// Down.
        Down = "baisse",
        /// Stay.
        Hold = "maintien",
        /// Not said yet.
        ToChoose = "a_choisir",
    }
}

impl Direction {
    /// As shown.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Up => "à la hausse",
            Self::Down => "à la baisse",
            Self::Hold => "maintien",
            Self::ToChoose => "à choisir",
        }
    }

    /// What an import proposes, from the sign of target − reference.
    pub fn proposed(reference: Option<Decimal>, target: Option<Decimal>) -> Self {
        match (reference, target) {
            (Some(reference), Some(target)) if target > reference => Self::Up,
            (Some(reference), Some(target)) if target < reference => Self::Down,
            (Some(_), Some(_)) => Self::Hold,
            _ => Self::ToChoose,
        }
    }
}

words! {
    /// For maintien, the side of the target on which being away is no harm.
    pub enum Side {
        /// More is better.
        Above = "au_dessus",
        /// Less is better.
        Below = "au_dessous",
    }
}

impl Side {
    /// As shown.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Above => "au-dessus",
            Self::Below => "au-dessous",
        }
    }
}

words! {
    /// Where a measure stands. The order is that of severity, worst first: a node shows its worst. NA comes last: it is
    /// an answer, and hides nothing of its neighbours.
    pub enum State {
        /// Worse than the reference.
        Receding = "en-recul",
        /// Worse than expected at this period.
        Late = "en-retard",
        /// No judgement can be made.
        NotAssessable = "non-evaluable",
        /// No value yet.
        NoData = "sans-donnee",
        /// As expected.
        OnTrack = "conforme",
        /// The target is reached.
        Reached = "atteinte",
        /// Answered: does not apply.
        NotApplicable = "non-applicable",
    }
}

impl State {
    /// As shown.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Receding => "En recul",
            Self::Late => "En retard",
            Self::NotAssessable => "Non évaluable",
            Self::NoData => "Sans donnée",
            Self::NotApplicable => "Non applicable",
            Self::OnTrack => "Conforme",
            Self::Reached => "Atteinte",
        }
    }

    /// « 2 en retard », « 3 conformes ».
    pub fn counted(self, count: usize) -> String {
        let word = self.label().to_lowercase();
        let plural = count > 1;
        match self {
            Self::OnTrack | Self::Reached if plural => format!("{count} {word}s"),
            Self::NotAssessable if plural => format!("{count} non évaluables"),
            Self::NotApplicable if plural => format!("{count} non applicables"),
            _ => format!("{count} {word}"),
        }
    }
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

impl Facts {
    fn from(&self) -> Option<Decimal> {
        if self.nature == Nature::Cumulative { Some(Decimal::ZERO) } else { self.reference.and_then(Answer::value) }
    }

    fn to(&self) -> Option<Decimal> {
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

    fn current(&self) -> Option<(Period, Decimal)> {
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
    pub fn exceeded(&self) -> bool {
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
    use super::*;
    use proptest::prelude::*;
    use rstest::rstest;

    fn answer(text: &str) -> Option<Answer> {
        match text {
            "NR" => Some(Answer::NotProvided),
            "NA" => Some(Answer::NotApplicable),
            "" => None,
            value => Some(Answer::Value(value.parse().unwrap())),
        }
    }

    /// Values are those of 2021, 2022… of a contract 2021-2026.
    fn facts(reference: &str, target: &str, values: &[&str], direction: Direction) -> Facts {
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
            answers: (2021..)
                .zip(values)
                .filter_map(|(year, text)| Some((Period::civil(year), answer(text)?)))
                .collect(),
            yearly: Vec::new(),
        }
    }

    fn decimal(text: &str) -> Decimal {
        text.parse().unwrap()
    }

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
    fn a_target_against_its_direction_is_neither_reached_nor_missed() {
        let progress = facts("30", "20", &["25"], Direction::Up).progress();
        assert_eq!((progress.reached, progress.exceeded()), (None, false));
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
}
