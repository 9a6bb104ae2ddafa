//! The vertical scale of a chart that the server draws: round graduations, and places in pixels. Figures stay decimals,
//! only their places are floating point.

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

/// Most graduations of a scale.
const MOST: i32 = 12;

/// A horizontal rule with its label.
#[derive(Debug, Clone, PartialEq)]
pub struct Rule {
    /// Height.
    pub y: String,
    /// Height of the label.
    pub text_y: String,
    /// The figure.
    pub label: String,
}

impl Rule {
    /// At a height, its label level with it.
    pub fn at(y: f64, label: String) -> Self {
        Self { y: pixels(y), text_y: pixels(y + 4.0), label }
    }
}

/// A place, as a template writes it.
pub fn pixels(value: f64) -> String {
    format!("{value:.1}")
}

/// A figure, to place it.
pub fn float(value: Decimal) -> f64 {
    value.to_f64().unwrap_or(0.0)
}

/// Steps of 1, 2 or 5 times a power of ten, four or five to the span.
pub fn step(span: f64) -> f64 {
    let raw = span / 4.0;
    let power = 10_f64.powf(raw.log10().floor());
    [1.0, 2.0, 5.0].into_iter().map(|times| times * power).find(|step| *step >= raw).unwrap_or(10.0 * power)
}

/// The multiples of a step between two figures.
pub fn graduations(low: f64, high: f64, step: f64) -> impl Iterator<Item = f64> {
    let first = (low / step).ceil();
    (0..MOST).map(move |rank| (first + f64::from(rank)) * step).take_while(move |value| *value <= high + step * 1e-6)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case(438.0, 571.0, &["450.0", "500.0", "550.0"])]
    #[case(0.0, 8.0, &["0.0", "2.0", "4.0", "6.0", "8.0"])]
    #[case(-3.0, 1.0, &["-3.0", "-2.0", "-1.0", "0.0", "1.0"])]
    #[case(0.0, 3.6, &["0.0", "1.0", "2.0", "3.0"])]
    fn graduations_are_round(#[case] low: f64, #[case] high: f64, #[case] told: &[&str]) {
        assert_eq!(graduations(low, high, step(high - low)).map(pixels).collect::<Vec<_>>(), told);
    }
}
