//! Amounts in euros, as French readers see them (docs/regles.md §2).

use rust_decimal::Decimal;

use super::figure;

/// `1 946 400 €`; cents only when there are some.
pub fn show_euros(euros: Decimal) -> String {
    format!("{}\u{202f}€", figure::show_rounded(euros, 2))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn euros_have_narrow_spaces() {
        assert_eq!(show_euros(Decimal::from(1_946_400)), "1\u{202f}946\u{202f}400\u{202f}€");
        assert_eq!(show_euros("12.505".parse().unwrap()), "12,51\u{202f}€");
    }
}
