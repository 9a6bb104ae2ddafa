//! How the pages of the budget look.

pub mod budget;
pub mod demand;
pub mod finance;
pub mod line;

use rust_decimal::Decimal;

use crate::kernel::{figure, money};

/// Euros; blank is not zero.
pub fn euros(amount: Option<Decimal>) -> String {
    amount.map(money::show_euros).unwrap_or_default()
}

/// An amount that a document printed in k€.
pub fn keur(amount: Option<Decimal>) -> String {
    amount.map(|amount| format!("{}\u{202f}k€", figure::show(amount))).unwrap_or_default()
}

/// « 1 ligne », « 8 lignes ».
fn lines(count: usize) -> String {
    format!("{count} {}", if count > 1 { "lignes" } else { "ligne" })
}
