//! Figures of a measure as a page shows them.

use rust_decimal::Decimal;

use super::model::UnitKind;
use crate::kernel::figure::{self, Answer};
use crate::kernel::money;

/// Decimals of a rate, a share or a value on screen; the exact figure is in the form and in the document.
const DECIMALS: u32 = 2;

/// A value in its unit.
pub fn value(value: Decimal, unit: UnitKind) -> String {
    match unit {
        UnitKind::Count => figure::show_rounded(value, DECIMALS),
        UnitKind::Rate => figure::show_percent(value, DECIMALS),
        UnitKind::Euros => money::show_euros(value),
    }
}

/// An answer; « vide » is the page's own word for none.
pub fn answer(answer: Option<Answer>, unit: UnitKind) -> String {
    match answer {
        Some(Answer::Value(number)) => value(number, unit),
        Some(Answer::NotProvided) => "NR".into(),
        Some(Answer::NotApplicable) => "NA".into(),
        None => "—".into(),
    }
}

/// What is expected: one decimal at most, it is a point on a line.
pub fn expected(number: Decimal, unit: UnitKind) -> String {
    match unit {
        UnitKind::Rate => figure::show_percent(number, 1),
        UnitKind::Count => figure::show_rounded(number, 1),
        UnitKind::Euros => money::show_euros(number),
    }
}

/// A gap, signed; between two rates it is in points.
pub fn gap(number: Decimal, unit: UnitKind) -> String {
    let shown = figure::show_gap(number);
    match unit {
        UnitKind::Rate => format!("{shown}\u{202f}pt"),
        UnitKind::Count => shown,
        UnitKind::Euros => format!("{shown}\u{202f}€"),
    }
}
