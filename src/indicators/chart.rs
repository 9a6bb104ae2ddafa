//! The chart of a measure, drawn by the server: where each line and label goes. Coordinates are pixels of a
//! 640 × 270 view box; figures stay decimals, only their places are floating point.

use rust_decimal::Decimal;

use super::model::UnitKind;
use super::progress::Facts;
use super::shown;
use crate::kernel::figure::Answer;
use crate::kernel::period::{self, Period};
use crate::kernel::scale::{Rule, float, graduations, pixels, step};

const LEFT: f64 = 86.0;
const RIGHT: f64 = 590.0;
const TOP: f64 = 45.0;
const BOTTOM: f64 = 222.0;

/// A value.
#[derive(Debug, Clone, PartialEq)]
pub struct Dot {
    /// Place.
    pub x: String,
    /// Place.
    pub y: String,
    /// Place of its label, above the dot or below when the line climbs there.
    pub text_y: String,
    /// The figure.
    pub label: String,
    /// It is the reference.
    pub is_reference: bool,
}

/// A period under its column, on one line or two.
#[derive(Debug, Clone, PartialEq)]
pub struct Tick {
    /// Place.
    pub x: String,
    /// `2023`, or `2023-`.
    pub first: String,
    /// `2024` of an academic year, empty for a civil one.
    pub second: String,
}

/// What the template draws.
#[derive(Debug, Clone, PartialEq)]
pub struct Chart {
    /// Rules of the scale.
    pub rules: Vec<Rule>,
    /// The target's line, when it is a number.
    pub target: Option<Rule>,
    /// That of the original target, when an avenant changed it and both are numbers.
    pub origin: Option<Rule>,
    /// Path of what is expected.
    pub expected: Option<String>,
    /// Paths of the values: a missing period breaks the line.
    pub lines: Vec<String>,
    /// Values and reference.
    pub dots: Vec<Dot>,
    /// Periods.
    pub ticks: Vec<Tick>,
    /// All of it in words.
    pub description: String,
}

impl Tick {
    fn of(period: Period, x: f64) -> Self {
        let text = period.to_string();
        let (first, second) = text.split_once('-').unwrap_or((&text, ""));
        let dash = if second.is_empty() { "" } else { "-" };
        Self { x: pixels(x), first: format!("{first}{dash}"), second: second.to_owned() }
    }
}

impl Chart {
    /// Draws a measure; `None` when there is neither a value, nor a reference, nor a target to draw. `origin` is the
    /// original target, when an avenant gave another.
    pub fn of(facts: &Facts, unit: UnitKind, origin: Option<Answer>) -> Option<Self> {
        let periods: Vec<Period> = std::iter::once(facts.reference_period)
            .chain(period::columns(
                facts.reference_period.kind,
                facts.reference_period.start_year + 1,
                match facts.last_period.kind {
                    period::PeriodKind::Civil => facts.last_period.start_year,
                    period::PeriodKind::Academic => facts.last_period.start_year + 1,
                },
            ))
            .collect();
        let reference = facts.reference.and_then(Answer::value);
        let target = facts.target.and_then(Answer::value);
        let origin = origin.and_then(Answer::value).filter(|origin| target != Some(*origin));
        let values: Vec<Option<Decimal>> = periods
            .iter()
            .map(|period| if *period == facts.reference_period { reference } else { facts.value_at(*period) })
            .collect();
        let expected: Option<Vec<Decimal>> =
            periods.iter().skip(1).map(|period| facts.expected_at(*period)).collect::<Option<Vec<Decimal>>>().and_then(
                |line| Some(std::iter::once(facts.expected_at(facts.reference_period)?).chain(line).collect()),
            );
        let all: Vec<f64> = values
            .iter()
            .flatten()
            .chain(target.iter())
            .chain(origin.iter())
            .chain(expected.iter().flatten())
            .map(|value| float(*value))
            .collect();
        let low = all.iter().copied().reduce(f64::min)?;
        let high = all.iter().copied().reduce(f64::max)?;
        let span = if (high - low).abs() < f64::EPSILON { high.abs().max(1.0) } else { high - low };
        let step = step(span);
        let (low, high) = (low.min(high - span * 0.5), high);
        let y = |value: f64| BOTTOM - (value - low) / (high - low).max(f64::EPSILON) * (BOTTOM - TOP);
        #[expect(clippy::cast_precision_loss, reason = "a contract has a handful of columns")]
        let x = |rank: usize| LEFT + (RIGHT - LEFT) * rank as f64 / (periods.len() - 1).max(1) as f64;
        let rule = |value: f64, label: String| Rule::at(y(value), label);
        let rules = graduations(low, high, step)
            .filter_map(|value| Some(rule(value, shown::value(rounded(value)?, unit))))
            .collect();
        let path = |points: &[(usize, Decimal)]| {
            points.iter().enumerate().fold(String::new(), |mut path, (rank, (at, value))| {
                path.push(if rank == 0 { 'M' } else { 'L' });
                path.push_str(&[pixels(x(*at)), pixels(y(float(*value)))].join(" "));
                path
            })
        };
        let mut runs: Vec<Vec<(usize, Decimal)>> = vec![Vec::new()];
        for (rank, value) in values.iter().enumerate() {
            match value {
                Some(value) => runs.last_mut()?.push((rank, *value)),
                None => runs.push(Vec::new()),
            }
        }
        let dots = values
            .iter()
            .enumerate()
            .filter_map(|(rank, value)| {
                let value = (*value)?;
                let next = values.get(rank + 1).copied().flatten();
                let below = next.is_some_and(|next| y(float(next)) < y(float(value)) - 12.0) && rank > 0;
                let at = y(float(value));
                // Not below the lowest points: their label would stand on the periods.
                let below = below && at < BOTTOM - 14.0;
                Some(Dot {
                    x: pixels(x(rank)),
                    y: pixels(at),
                    text_y: pixels(if below { at + 20.0 } else { at - 11.0 }),
                    label: shown::value(value, unit),
                    is_reference: rank == 0,
                })
            })
            .collect();
        Some(Self {
            rules,
            target: target.map(|target| Rule {
                text_y: pixels(y(float(target)) - 7.0),
                ..rule(float(target), shown::value(target, unit))
            }),
            origin: origin.map(|origin| {
                // Above its line, unless the label of the target in force stands there.
                let near = target.is_some_and(|target| {
                    let apart = y(float(origin)) - y(float(target));
                    (0.0..18.0).contains(&apart)
                });
                let place = y(float(origin)) + if near { 15.0 } else { -7.0 };
                Rule { text_y: pixels(place), ..rule(float(origin), shown::value(origin, unit)) }
            }),
            expected: expected.map(|line| path(&line.into_iter().enumerate().collect::<Vec<_>>())),
            lines: runs.iter().filter(|run| run.len() > 1).map(|run| path(run)).collect(),
            dots,
            ticks: periods.iter().enumerate().map(|(rank, period)| Tick::of(*period, x(rank))).collect(),
            description: describe(facts, &periods, &values, unit, origin),
        })
    }
}

/// A scale's figure without the noise of floating point.
fn rounded(value: f64) -> Option<Decimal> {
    Decimal::from_f64_retain(value).map(|value| value.round_dp(6).normalize())
}

fn describe(
    facts: &Facts,
    periods: &[Period],
    values: &[Option<Decimal>],
    unit: UnitKind,
    origin: Option<Decimal>,
) -> String {
    let reference = format!("Référence {} en {}", shown::answer(facts.reference, unit), facts.reference_period);
    let told = periods
        .iter()
        .zip(values)
        .skip(1)
        .filter_map(|(period, value)| value.map(|value| format!("{} en {period}", shown::value(value, unit))));
    let target = format!("cible {}", shown::answer(facts.target, unit));
    let origin = origin.map(|origin| format!("cible d’origine {}", shown::value(origin, unit)));
    std::iter::once(reference).chain(told).chain([target]).chain(origin).collect::<Vec<_>>().join(" ; ") + "."
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::indicators::progress::{Direction, Nature};
    use proptest::prelude::*;

    fn facts(reference: Option<Answer>, target: Option<Answer>, values: &[i64]) -> Facts {
        Facts {
            reference,
            target,
            nature: Nature::Stock,
            nature_confirmed: true,
            direction: Direction::Up,
            direction_confirmed: true,
            tolerance: Decimal::ZERO,
            better_side: None,
            reference_period: Period::academic(2020),
            last_period: Period::academic(2025),
            answers: (2021..)
                .zip(values)
                .map(|(year, value)| (Period::academic(year), Answer::Value(Decimal::from(*value))))
                .collect(),
            yearly: Vec::new(),
        }
    }

    #[expect(clippy::unnecessary_wraps, reason = "facts hold optional answers")]
    fn value(number: i64) -> Option<Answer> {
        Some(Answer::Value(Decimal::from(number)))
    }

    #[test]
    fn the_real_alternants_are_drawn() {
        let chart = Chart::of(&facts(value(438), value(560), &[461, 502, 548, 571]), UnitKind::Count, None).unwrap();
        assert_eq!(chart.dots.len(), 5);
        assert_eq!(chart.ticks.len(), 6);
        assert_eq!(chart.rules.iter().map(|rule| rule.label.as_str()).collect::<Vec<_>>(), ["450", "500", "550"]);
        assert!(chart.description.starts_with("Référence 438 en 2020-2021 ; 461 en 2021-2022"));
    }

    #[test]
    fn an_avenant_s_target_and_the_original_are_both_drawn() {
        let facts = facts(value(438), value(560), &[461, 502]);
        let chart = Chart::of(&facts, UnitKind::Count, value(600)).unwrap();
        let drawn = |rule: Option<Rule>| rule.map(|rule| rule.label);
        assert!(chart.description.ends_with("cible 560 ; cible d’origine 600."), "{}", chart.description);
        assert_eq!((drawn(chart.target), drawn(chart.origin)), (Some("560".into()), Some("600".into())));
        assert_eq!(Chart::of(&facts, UnitKind::Count, value(560)).unwrap().origin, None);
    }

    #[test]
    fn nothing_to_draw_draws_nothing() {
        assert_eq!(Chart::of(&facts(Some(Answer::NotProvided), None, &[]), UnitKind::Count, None), None);
    }

    proptest! {
        #[test]
        fn any_figures_stay_within_the_frame(
            reference in -1_000_000_i64..1_000_000, target in -1_000_000_i64..1_000_000,
            values in proptest::collection::vec(-1_000_000_i64..1_000_000, 0..5), origin in -1_000_000_i64..1_000_000,
        ) {
            let drawn = facts(value(reference), value(target), &values);
            let chart = Chart::of(&drawn, UnitKind::Count, value(origin)).unwrap();
            for rule in chart.origin.iter().chain(&chart.target) {
                let y: f64 = rule.y.parse().unwrap();
                prop_assert!((TOP - 0.1..=BOTTOM + 0.1).contains(&y), "{y}");
            }
            for dot in chart.dots {
                let y: f64 = dot.y.parse().unwrap();
                prop_assert!((TOP - 0.1..=BOTTOM + 0.1).contains(&y), "{y}");
            }
            prop_assert!(chart.rules.len() < 12);
        }
    }
}
