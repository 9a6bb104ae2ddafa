//! Any text typed as a figure: read or refused, never more; what was read is shown as the same figure.
#![no_main]

use cpom::kernel::figure::{self, Answer, INTEGER_DIGITS_MAX};
use libfuzzer_sys::fuzz_target;
use rust_decimal::Decimal;

fn number(text: &str) -> Option<Decimal> {
    figure::parse_number(text).ok().flatten()
}

fuzz_target!(|text: &str| {
    let read = figure::parse(text);
    if let Ok(Some(Answer::Value(value))) = read {
        for shown in [figure::show(value), figure::for_input(value)] {
            assert_eq!(figure::parse(&shown), Ok(Some(Answer::Value(value))), "{shown:?}");
        }
        for decimals in 0..=6 {
            let _ = (figure::show_percent(value, decimals), figure::show_gap(value));
        }
    }
    // A number alone is a figure too.
    if let Some(value) = number(text) {
        assert_eq!(read, Ok(Some(Answer::Value(value))));
    }
    // « 398 / 1250 »: a rate, bounded like what is typed.
    if let Some((numerator, denominator)) = text.split_once('/')
        && let (Some(numerator), Some(denominator)) = (number(numerator), number(denominator))
        && let Ok(rate) = figure::rate(numerator, denominator)
    {
        assert!(rate >= Decimal::ZERO && rate.trunc().normalize().to_string().len() <= INTEGER_DIGITS_MAX, "{rate}");
    }
});
