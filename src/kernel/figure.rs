//! Figures as people type them and as French readers see them (docs/regles.md §2).

use std::sync::LazyLock;

use fixed_decimal::Decimal as FixedDecimal;
use icu_decimal::options::{DecimalFormatterOptions, GroupingStrategy};
use icu_decimal::{DecimalFormatter, DecimalFormatterPreferences};
use rust_decimal::{Decimal, RoundingStrategy};

/// Most digits before the comma.
pub const INTEGER_DIGITS_MAX: usize = 15;
/// Most digits after the comma.
pub const DECIMALS_MAX: u32 = 6;
/// Longest text looked at, in characters; longer is no figure.
const TYPED_MAX: usize = 60;

/// What was answered for a figure; empty is `None` around it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// A value; 0 is one.
    Value(Decimal),
    /// NR, non renseigné: missing, still due.
    NotProvided,
    /// NA, non applicable: answered.
    NotApplicable,
}

impl Answer {
    /// The value, when it is one.
    pub const fn value(self) -> Option<Decimal> {
        match self {
            Self::Value(value) => Some(value),
            _ => None,
        }
    }
}

/// Why a text is not a figure; each sentence says what is accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FigureError {
    /// More than a number.
    #[error(
        "Un nombre seul est attendu, par exemple 37,5 ou 1 250, ou bien NR ou NA. Le détail va dans le commentaire."
    )]
    NotANumber,
    /// `12 50`, `1.250.000`.
    #[error("Les espaces séparent les milliers (1 250 000) et la virgule les décimales (29,4).")]
    Grouping,
    /// More digits than any figure of a contract.
    #[error("Ce nombre est trop long : 15 chiffres avant la virgule et 6 après au plus.")]
    TooLong,
    /// NR or NA where only a number has a meaning.
    #[error("Un nombre est attendu ici, par exemple 418.")]
    NumberOnly,
}

/// Why two numbers make no rate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RateError {
    /// Division by zero or less.
    #[error("Le dénominateur doit être un nombre positif.")]
    Denominator,
    /// Negative part.
    #[error("Le numérateur ne peut pas être négatif.")]
    Numerator,
    /// Past what a decimal holds.
    #[error("Ce rapport est trop grand pour être calculé.")]
    TooLarge,
}

fn is_space(c: char) -> bool {
    c.is_whitespace() || matches!(c, '\u{200b}' | '\u{2060}' | '\u{feff}')
}

/// A space that may stand inside a figure. Tabs and line ends separate the cells of a sheet: `12⇥500` is two figures,
/// and reading 12500 would invent one.
fn is_inner_space(c: char) -> bool {
    is_space(c) && !c.is_control() && !matches!(c, '\u{2028}' | '\u{2029}')
}

/// Reads what was typed or pasted; `None` is empty.
///
/// Accepted: `29,4` `29.4` `29,4 %` `1 250` (any kind of space) `−3` (either minus) `NR` `n.d.` `NA` `s.o.`. A point
/// is a decimal comma, always: `1.250` is 1,25. All else is refused.
pub fn parse(text: &str) -> Result<Option<Answer>, FigureError> {
    let text = text.trim_matches(is_space);
    if text.is_empty() {
        return Ok(None);
    }
    if text.chars().nth(TYPED_MAX).is_some() {
        return Err(FigureError::NotANumber);
    }
    let word: String = text.chars().filter(|c| !is_inner_space(*c)).map(|c| c.to_ascii_uppercase()).collect();
    match word.as_str() {
        "NR" | "N.R." | "N.R" | "ND" | "N.D." | "N.D" => return Ok(Some(Answer::NotProvided)),
        "NA" | "N.A." | "N.A" | "SO" | "S.O." | "S.O" => return Ok(Some(Answer::NotApplicable)),
        _ => {}
    }
    let number = text.strip_suffix('%').map_or(text, |rest| rest.trim_end_matches(is_space));
    Ok(Some(Answer::Value(number_from(number)?)))
}

/// Reads a plain number: numerator, denominator, tolerance.
pub fn parse_number(text: &str) -> Result<Option<Decimal>, FigureError> {
    match parse(text)? {
        None => Ok(None),
        Some(Answer::Value(value)) if !text.contains('%') => Ok(Some(value)),
        Some(_) => Err(FigureError::NumberOnly),
    }
}

fn number_from(text: &str) -> Result<Decimal, FigureError> {
    let (sign, digits) = match text.strip_prefix(['-', '−']) {
        Some(rest) => ("-", rest),
        None => ("", text),
    };
    if digits.chars().any(|c| !c.is_ascii_digit() && !is_inner_space(c) && c != ',' && c != '.') {
        return Err(FigureError::NotANumber);
    }
    let (whole, decimals) = match digits.split_once([',', '.']) {
        Some((whole, decimals)) => (whole, decimals),
        None => (digits, ""),
    };
    if decimals.contains(|c: char| !c.is_ascii_digit()) {
        return Err(FigureError::Grouping);
    }
    if whole.is_empty() || digits.ends_with([',', '.']) {
        return Err(FigureError::NotANumber);
    }
    let groups: Vec<&str> = whole.split(is_inner_space).collect();
    let grouped = groups.len() > 1;
    if grouped && (groups[0].is_empty() || groups[0].len() > 3 || groups[1..].iter().any(|group| group.len() != 3)) {
        return Err(FigureError::Grouping);
    }
    let whole = groups.concat();
    let significant = whole.trim_start_matches('0');
    if significant.len() > INTEGER_DIGITS_MAX || decimals.trim_end_matches('0').len() > DECIMALS_MAX as usize {
        return Err(FigureError::TooLong);
    }
    let decimals = decimals.trim_end_matches('0');
    let plain = if decimals.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{decimals}") };
    let value = Decimal::from_str_exact(&plain).map_err(|_| FigureError::TooLong)?;
    Ok(value.normalize())
}

/// The rate of two numbers, in points, exact to the decimal's 28 digits: never typed, always computed.
///
/// Bounded like a typed figure: past [`INTEGER_DIGITS_MAX`] the document that holds it could not be imported again.
pub fn rate(numerator: Decimal, denominator: Decimal) -> Result<Decimal, RateError> {
    if denominator <= Decimal::ZERO {
        return Err(RateError::Denominator);
    }
    if numerator < Decimal::ZERO {
        return Err(RateError::Numerator);
    }
    numerator
        .checked_mul(Decimal::ONE_HUNDRED)
        .and_then(|points| points.checked_div(denominator))
        .filter(|points| points.trunc().normalize().to_string().len() <= INTEGER_DIGITS_MAX)
        .map(|points| points.normalize())
        .ok_or(RateError::TooLarge)
}

/// Rounded for the screen, half away from zero.
pub fn round(value: Decimal, decimals: u32) -> Decimal {
    value.round_dp_with_strategy(decimals, RoundingStrategy::MidpointAwayFromZero).normalize()
}

static FRENCH: LazyLock<Option<DecimalFormatter>> = LazyLock::new(|| {
    let mut options = DecimalFormatterOptions::default();
    options.grouping_strategy = Some(GroupingStrategy::Always);
    let locale = icu_locale_core::locale!("fr");
    DecimalFormatter::try_new(DecimalFormatterPreferences::from(&locale), options).ok()
});

/// `1 946 400`, `29,4`, `−3`: narrow no-break spaces, comma, true minus.
pub fn show(value: Decimal) -> String {
    let plain = value.normalize().to_string();
    let shown = FRENCH
        .as_ref()
        .zip(plain.parse::<FixedDecimal>().ok())
        .map_or_else(|| plain.replace('.', ","), |(french, fixed)| french.format(&fixed).to_string());
    shown.replace('-', "−").replace('\u{a0}', "\u{202f}")
}

/// Rounded to so many decimals at most, then shown.
pub fn show_rounded(value: Decimal, decimals: u32) -> String {
    show(round(value, decimals))
}

/// `29,4 %`, of a value in points, rounded to so many decimals at most.
pub fn show_percent(points: Decimal, decimals: u32) -> String {
    format!("{}\u{202f}%", show_rounded(points, decimals))
}

/// `+2,8`, `−5,2`, `0`: a gap, one decimal at most.
pub fn show_gap(value: Decimal) -> String {
    let rounded = round(value, 1);
    let shown = show(rounded);
    if rounded > Decimal::ZERO { format!("+{shown}") } else { shown }
}

/// For an input: reads back as the same figure, and says all its digits.
pub fn for_input(value: Decimal) -> String {
    value.normalize().to_string().replace('.', ",")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rstest::rstest;

    fn decimal(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    #[rstest]
    #[case("29,4", "29.4")]
    #[case("29.4", "29.4")]
    #[case("29,4 %", "29.4")]
    #[case("29,4\u{202f}%", "29.4")]
    #[case("29,4%", "29.4")]
    #[case("1 250", "1250")]
    #[case("1\u{a0}250", "1250")]
    #[case("1\u{202f}946\u{2009}400", "1946400")]
    #[case("1250", "1250")]
    #[case("−3", "-3")]
    #[case("-3", "-3")]
    #[case("0", "0")]
    #[case(" 007,50 ", "7.5")]
    fn a_number_is_read(#[case] text: &str, #[case] value: &str) {
        assert_eq!(parse(text), Ok(Some(Answer::Value(decimal(value)))));
    }

    #[rstest]
    #[case("NR", Answer::NotProvided)]
    #[case("nr", Answer::NotProvided)]
    #[case("n.d.", Answer::NotProvided)]
    #[case("N. D.", Answer::NotProvided)]
    #[case("NA", Answer::NotApplicable)]
    #[case("n.a.", Answer::NotApplicable)]
    #[case("s.o.", Answer::NotApplicable)]
    #[case("S.O", Answer::NotApplicable)]
    fn words_are_read(#[case] text: &str, #[case] answer: Answer) {
        assert_eq!(parse(text), Ok(Some(answer)));
    }

    #[rstest]
    #[case("49 (37%)", FigureError::NotANumber)]
    #[case(">3,6", FigureError::NotANumber)]
    #[case("19 @ $1.9M", FigureError::NotANumber)]
    #[case("p.m.", FigureError::NotANumber)]
    #[case("1e5", FigureError::NotANumber)]
    #[case("%", FigureError::NotANumber)]
    #[case("-", FigureError::NotANumber)]
    #[case("3,", FigureError::NotANumber)]
    #[case(",5", FigureError::NotANumber)]
    #[case("+12", FigureError::NotANumber)]
    #[case("--3", FigureError::NotANumber)]
    #[case("–3", FigureError::NotANumber)]
    #[case("- 3", FigureError::Grouping)]
    #[case("16 – 18", FigureError::NotANumber)]
    #[case("1.250.000", FigureError::Grouping)]
    #[case("1,250,000", FigureError::Grouping)]
    #[case("12 50", FigureError::Grouping)]
    #[case("1 2500", FigureError::Grouping)]
    #[case("29,4 5", FigureError::Grouping)]
    #[case("1  250", FigureError::Grouping)]
    #[case("12\t500", FigureError::NotANumber)]
    #[case("12\n500", FigureError::NotANumber)]
    #[case("N\nR", FigureError::NotANumber)]
    #[case(".N..R", FigureError::NotANumber)]
    #[case("#N/A", FigureError::NotANumber)]
    #[case("\u{663}", FigureError::NotANumber)]
    #[case("1234567890123456", FigureError::TooLong)]
    #[case("0,1234567", FigureError::TooLong)]
    fn all_else_is_refused(#[case] text: &str, #[case] error: FigureError) {
        assert_eq!(parse(text), Err(error));
    }

    #[test]
    fn empty_is_not_zero() {
        for text in ["", " ", "\u{202f}", "\t\n"] {
            assert_eq!(parse(text), Ok(None));
        }
    }

    #[test]
    fn a_plain_number_is_neither_a_word_nor_a_percentage() {
        assert_eq!(parse_number("418"), Ok(Some(decimal("418"))));
        assert_eq!(parse_number("NR"), Err(FigureError::NumberOnly));
        assert_eq!(parse_number("4 %"), Err(FigureError::NumberOnly));
    }

    #[rstest]
    #[case("1946400", "1\u{202f}946\u{202f}400")]
    #[case("1250", "1\u{202f}250")]
    #[case("29.40", "29,4")]
    #[case("-3", "−3")]
    #[case("0", "0")]
    fn figures_are_french(#[case] value: &str, #[case] shown: &str) {
        assert_eq!(show(decimal(value)), shown);
    }

    #[test]
    fn rounding_is_half_away_from_zero() {
        assert_eq!(show_rounded(decimal("66.65"), 1), "66,7");
        assert_eq!(show_rounded(decimal("-66.65"), 1), "−66,7");
        assert_eq!(show_percent(decimal("29.4"), 2), "29,4\u{202f}%");
        assert_eq!(show_gap(decimal("2.84")), "+2,8");
        assert_eq!(show_gap(decimal("-5.16")), "−5,2");
        assert_eq!(show_gap(decimal("-0.04")), "0");
    }

    #[test]
    fn a_rate_is_a_quotient_in_points() {
        assert_eq!(rate(decimal("398"), decimal("1250")), Ok(decimal("31.84")));
        assert_eq!(rate(decimal("1"), decimal("0")), Err(RateError::Denominator));
        assert_eq!(rate(decimal("-1"), decimal("4")), Err(RateError::Numerator));
        assert_eq!(
            rate(decimal("9"), decimal("46")).map(|points| show_percent(points, 2)),
            Ok("19,57\u{202f}%".into())
        );
    }

    #[test]
    fn a_rate_is_no_longer_than_a_typed_figure() {
        assert_eq!(rate(decimal("999999999999999"), decimal("100")), Ok(decimal("999999999999999")));
        assert_eq!(rate(decimal("999999999999999"), decimal("99")), Err(RateError::TooLarge));
        assert_eq!(rate(decimal("999999999999999"), decimal("0.000001")), Err(RateError::TooLarge));
        assert_eq!(rate(Decimal::MAX, Decimal::ONE), Err(RateError::TooLarge));
    }

    proptest! {
        #[test]
        fn parsing_never_panics(text in ".*") {
            let _ = parse(&text);
            let _ = parse_number(&text);
        }

        #[test]
        fn parsing_what_looks_like_a_figure_never_panics(text in "[-−+0-9 .,%\u{202f}]{0,40}") {
            let _ = parse(&text);
        }

        #[test]
        fn what_an_input_shows_reads_back(units in -999_999_999_999_999_i64..=999_999_999_999_999, scale in 0_u32..=6) {
            let value = Decimal::new(units, scale).normalize();
            prop_assert_eq!(parse(&for_input(value)), Ok(Some(Answer::Value(value))));
            prop_assert_eq!(parse(&show(value)), Ok(Some(Answer::Value(value))));
        }
    }
}
