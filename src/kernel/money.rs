//! Money: decimals in euros; k€ is a way to show, or what a document printed (docs/regles.md §2).

use rust_decimal::Decimal;

use super::figure::{self, FigureError};

/// Most digits after the comma: cents.
pub const CENTS_DIGITS: u32 = 2;

/// What a budget amount says; empty is `None` around it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Amount {
    /// Euros.
    Euros(Decimal),
    /// `p.m.`, pour mémoire: shown and counted, outside every sum.
    Memo,
}

impl Amount {
    /// What a sum may add; `None` for `p.m.`.
    pub const fn euros(self) -> Option<Decimal> {
        match self {
            Self::Euros(euros) => Some(euros),
            Self::Memo => None,
        }
    }
}

/// Why a text is not an amount; each sentence says what is accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AmountError {
    /// Neither euros nor `p.m.`.
    #[error("Un montant en euros est attendu, par exemple 389 280 ou 1 250,50, ou bien p.m. (pour mémoire).")]
    NotAnAmount,
    /// `390 k€`, `1,9 M€`: rounded, and easily misread.
    #[error("Le montant s’écrit en euros et en entier : 390 000, et non 390 k€.")]
    Abbreviated,
    /// Past the cent.
    #[error("Un montant a deux décimales au plus, par exemple 1 250,50.")]
    PastTheCent,
    /// The number itself is refused.
    #[error(transparent)]
    Figure(FigureError),
}

/// Reads an amount as typed or pasted: `1 250`, `1 250,50 €`, `p.m.`; `None` is empty.
pub fn parse(text: &str) -> Result<Option<Amount>, AmountError> {
    let text = text.trim();
    if ["p.m.", "p.m", "pm"].iter().any(|word| text.eq_ignore_ascii_case(word)) {
        return Ok(Some(Amount::Memo));
    }
    let number = match text.strip_suffix('€').map(str::trim_end) {
        Some("") => return Err(AmountError::NotAnAmount),
        Some(number) if number.ends_with(['k', 'K', 'M']) => return Err(AmountError::Abbreviated),
        Some(number) => number,
        None => text,
    };
    match figure::parse_number(number) {
        Ok(Some(euros)) if euros.scale() > CENTS_DIGITS => Err(AmountError::PastTheCent),
        Ok(euros) => Ok(euros.map(Amount::Euros)),
        Err(FigureError::NotANumber | FigureError::NumberOnly) => Err(AmountError::NotAnAmount),
        Err(error) => Err(AmountError::Figure(error)),
    }
}

/// `1 946 400 €`; cents, when there are any, with both digits: `1 250,50 €`.
pub fn show_euros(euros: Decimal) -> String {
    let cents = figure::round(euros, CENTS_DIGITS);
    let shown = figure::show(cents);
    let padding = if cents.scale() == 1 { "0" } else { "" };
    format!("{shown}{padding}\u{202f}€")
}

/// `389 k€`, of an amount in euros, rounded half away from zero.
pub fn show_keur(euros: Decimal) -> String {
    // Dividing by a thousand moves the point: nothing to overflow.
    let thousands = euros.checked_div(Decimal::ONE_THOUSAND).unwrap_or(euros);
    format!("{}\u{202f}k€", figure::show_rounded(thousands, 0))
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
    #[case("389 280", "389280")]
    #[case("389\u{202f}280\u{202f}€", "389280")]
    #[case("1 250,50 €", "1250.5")]
    #[case("0", "0")]
    fn an_amount_is_read(#[case] text: &str, #[case] euros: &str) {
        assert_eq!(parse(text), Ok(Some(Amount::Euros(decimal(euros)))));
    }

    #[rstest]
    #[case("p.m.")]
    #[case("P.M.")]
    #[case(" pm ")]
    fn pour_memoire_is_read_and_stays_outside_sums(#[case] text: &str) {
        assert_eq!(parse(text), Ok(Some(Amount::Memo)));
        assert_eq!(Amount::Memo.euros(), None);
    }

    #[rstest]
    #[case("390 k€", AmountError::Abbreviated)]
    #[case("1,9M€", AmountError::Abbreviated)]
    #[case("19 @ $1.9M", AmountError::NotAnAmount)]
    #[case("NR", AmountError::NotAnAmount)]
    #[case("12 %", AmountError::NotAnAmount)]
    #[case("€", AmountError::NotAnAmount)]
    #[case("1,255", AmountError::PastTheCent)]
    #[case("1 25", AmountError::Figure(FigureError::Grouping))]
    fn all_else_is_refused(#[case] text: &str, #[case] error: AmountError) {
        assert_eq!(parse(text), Err(error));
    }

    #[test]
    fn amounts_are_french() {
        assert_eq!(parse(""), Ok(None));
        assert_eq!(show_euros(decimal("1946400")), "1\u{202f}946\u{202f}400\u{202f}€");
        assert_eq!(show_euros(decimal("1250.5")), "1\u{202f}250,50\u{202f}€");
        assert_eq!(show_euros(decimal("-0.004")), "0\u{202f}€");
        assert_eq!(show_euros(decimal("1250.999")), "1\u{202f}251\u{202f}€");
        // Line B1 of the UCA contract: asked 389 280 €, printed 390 k€. They are two figures.
        assert_eq!(show_keur(decimal("389280")), "389\u{202f}k€");
        assert_eq!(show_keur(decimal("606500")), "607\u{202f}k€");
        assert_eq!(show_keur(decimal("-500")), "−1\u{202f}k€");
    }

    proptest! {
        #[test]
        fn parsing_never_panics(text in ".*") {
            let _ = parse(&text);
        }

        #[test]
        fn what_is_shown_reads_back(cents in -99_999_999_999_999_999_i64..=99_999_999_999_999_999) {
            let euros = Decimal::new(cents, 2).normalize();
            prop_assert_eq!(parse(&show_euros(euros)), Ok(Some(Amount::Euros(euros))));
        }
    }
}
