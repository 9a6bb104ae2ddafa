//! The stacked bars of a budget: what each year carries by category, and what no year carries beside them. Amounts stay
//! decimals, only their places on a 640 × 270 view box are floating point.

use rust_decimal::Decimal;

use super::sums::Asked;
use crate::kernel::money;
use crate::kernel::scale::{Rule, float, graduations, pixels, step};

const LEFT: f64 = 70.0;
const RIGHT: f64 = 632.0;
const TOP: f64 = 14.0;
const BOTTOM: f64 = 232.0;
/// Series that have a pattern of their own; the categories past them are drawn together.
const SERIES_MAX: usize = 4;

/// A slice of a bar.
#[derive(Debug, Clone, PartialEq)]
pub struct Slice {
    /// Rank of its series: a fill and a pattern.
    pub series: usize,
    /// Place.
    pub x: String,
    /// Place.
    pub y: String,
    /// Size.
    pub width: String,
    /// Size.
    pub height: String,
}

/// A bar's name and total.
#[derive(Debug, Clone, PartialEq)]
pub struct Bar {
    /// Middle.
    pub x: String,
    /// Height of the total.
    pub y: String,
    /// « 2023 », « non ventilé ».
    pub label: String,
    /// k€; empty when nothing is carried.
    pub total: String,
}

/// A category and what each bar has of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Series {
    /// The category.
    pub label: String,
    /// Euros, bar by bar.
    pub amounts: Vec<Decimal>,
}

/// What the template draws.
#[derive(Debug, Clone, PartialEq)]
pub struct Chart {
    /// Rules of the scale, in k€.
    pub rules: Vec<Rule>,
    /// Bars, the last being what no year carries.
    pub bars: Vec<Bar>,
    /// Their slices.
    pub slices: Vec<Slice>,
    /// What the slices are.
    pub series: Vec<Series>,
    /// All of it in words.
    pub description: String,
}

/// The categories with what each bar has of them, the smallest ones together past [`SERIES_MAX`].
fn series(lines: &[Asked], years: &[i32]) -> Vec<Series> {
    let mut found: Vec<Series> = Vec::new();
    for asked in lines {
        let line = &asked.line;
        let amounts = years.iter().map(|year| line.self_financed_in(*year)).chain([line.unscheduled()]);
        // A line that pays itself more than it costs has nothing left to spread.
        let amounts: Vec<Decimal> = amounts.map(|amount| amount.unwrap_or_default().max(Decimal::ZERO)).collect();
        match found.iter_mut().find(|series| series.label == line.category) {
            Some(series) => series.amounts.iter_mut().zip(amounts).for_each(|(sum, one)| *sum += one),
            None => found.push(Series { label: line.category.clone(), amounts }),
        }
    }
    found.retain(|series| series.amounts.iter().any(|amount| !amount.is_zero()));
    if found.len() > SERIES_MAX {
        found.sort_by_key(|series| std::cmp::Reverse(series.amounts.iter().sum::<Decimal>()));
        let rest = found.split_off(SERIES_MAX - 1);
        let mut amounts = vec![Decimal::ZERO; years.len() + 1];
        for series in rest {
            amounts.iter_mut().zip(series.amounts).for_each(|(sum, one)| *sum += one);
        }
        found.push(Series { label: "Autres catégories".into(), amounts });
    }
    found
}

impl Chart {
    /// Draws the lines of a plan; `None` when no amount is known.
    pub fn of(lines: &[Asked], years: &[i32]) -> Option<Self> {
        let series = series(lines, years);
        let totals: Vec<Decimal> =
            (0..=years.len()).map(|bar| series.iter().map(|it| it.amounts[bar]).sum::<Decimal>()).collect();
        let high = totals.iter().max().copied().filter(|high| !high.is_zero()).map(float)?;
        let step = step(high);
        let top = (high / step).ceil() * step;
        let height = |value: f64| value / top * (BOTTOM - TOP);
        #[expect(clippy::cast_precision_loss, reason = "a contract has a handful of years")]
        let place = |bar: usize| {
            let width = (RIGHT - LEFT) / (years.len() + 1) as f64;
            (LEFT + width * (bar as f64 + 0.18), width * 0.64)
        };
        let rules = graduations(0.0, top, step)
            .filter_map(|value| {
                let label = money::show_keur(Decimal::from_f64_retain(value)?);
                Some(Rule::at(BOTTOM - height(value), label))
            })
            .collect();
        let mut slices = Vec::new();
        for (bar, _) in totals.iter().enumerate() {
            let (x, width) = place(bar);
            let mut y = BOTTOM;
            for (rank, it) in series.iter().enumerate().filter(|(_, it)| !it.amounts[bar].is_zero()) {
                let tall = height(float(it.amounts[bar]));
                y -= tall;
                slices.push(Slice {
                    series: rank,
                    x: pixels(x),
                    y: pixels(y),
                    width: pixels(width),
                    height: pixels(tall),
                });
            }
        }
        let names: Vec<String> = years.iter().map(i32::to_string).chain(["non ventilé".to_owned()]).collect();
        let bars = names
            .iter()
            .zip(&totals)
            .enumerate()
            .map(|(bar, (label, total))| {
                let (x, width) = place(bar);
                Bar {
                    x: pixels(x + width / 2.0),
                    y: pixels(BOTTOM - height(float(*total)) - 5.0),
                    label: label.clone(),
                    total: if total.is_zero() { String::new() } else { money::show_keur(*total) },
                }
            })
            .collect();
        let told: Vec<String> =
            names.iter().zip(&totals).map(|(name, total)| format!("{name} : {}", money::show_euros(*total))).collect();
        Some(Self { rules, bars, slices, series, description: told.join(" ; ") + "." })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::budget::sums::tests::annexe;

    #[test]
    fn the_real_budget_is_drawn_with_what_no_year_carries() {
        let years: Vec<i32> = (2021..=2026).collect();
        let chart = Chart::of(&annexe(), &years).unwrap();
        assert_eq!(chart.bars.len(), 7);
        assert_eq!(chart.bars[0].total, "", "2021 carries nothing");
        assert_eq!(chart.bars[6].total, "684\u{202f}k€");
        assert!(chart.description.ends_with("non ventilé : 684\u{202f}280\u{202f}€."), "{}", chart.description);
        for slice in &chart.slices {
            let (y, tall): (f64, f64) = (slice.y.parse().unwrap(), slice.height.parse().unwrap());
            assert!(y >= TOP - 0.1 && y + tall <= BOTTOM + 0.2, "{slice:?}");
        }
    }

    #[test]
    fn nothing_known_draws_nothing_and_many_categories_are_drawn_together() {
        let years = [2022, 2023];
        assert_eq!(Chart::of(&annexe()[6..], &years), None);
        let mut lines = annexe();
        for (rank, asked) in lines.iter_mut().enumerate() {
            asked.line.category = format!("Catégorie {rank}");
        }
        let chart = Chart::of(&lines, &years).unwrap();
        assert_eq!(chart.series.len(), SERIES_MAX);
        assert_eq!(chart.series[3].label, "Autres catégories");
    }
}
