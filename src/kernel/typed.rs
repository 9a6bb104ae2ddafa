//! What a person types in a form: a text, an amount, a day. Read, or refused by a French sentence.

use chrono::NaiveDate;
use rust_decimal::Decimal;

use super::money::{self, Amount};

/// The earliest day that a form takes: before it, a year was mistyped.
const EARLIEST: NaiveDate = NaiveDate::from_ymd_opt(1990, 1, 1).unwrap();

/// A text as it was shown: browsers post `\r\n` where it had `\n`.
pub fn plain(typed: &str) -> String {
    typed.replace("\r\n", "\n").trim().to_owned()
}

/// A text as a document accepts it again: line ends are one character, nothing else is a control character. Empty is
/// `None`.
///
/// # Errors
/// The sentence that refuses it.
pub fn text(typed: &str, max: usize) -> Result<Option<String>, String> {
    let text = typed.replace("\r\n", "\n").replace('\r', "\n");
    let text = text.trim();
    if text.chars().any(|c| c.is_control() && c != '\n' && c != '\t') {
        return Err("Ce texte contient un caractère qui ne peut pas être conservé : retapez-le.".into());
    }
    if text.chars().nth(max).is_some() {
        return Err(format!("Ce texte dépasse {max} caractères."));
    }
    Ok((!text.is_empty()).then(|| text.to_owned()))
}

/// A text that must say something; `otherwise` is the sentence when it does not.
///
/// # Errors
/// The sentence that refuses it.
pub fn required(typed: &str, max: usize, otherwise: &str) -> Result<String, String> {
    text(typed, max)?.ok_or_else(|| otherwise.to_owned())
}

/// Euros: a plain positive amount, or nothing.
///
/// # Errors
/// The sentence that refuses it.
pub fn euros(typed: &str) -> Result<Option<Decimal>, String> {
    match money::parse(typed) {
        Ok(None) => Ok(None),
        Ok(Some(Amount::Euros(euros))) if euros.is_sign_negative() && !euros.is_zero() => {
            Err("Un montant ne peut pas être négatif.".into())
        }
        Ok(Some(Amount::Euros(euros))) => Ok(Some(euros.abs())),
        Ok(Some(Amount::Memo)) => Err("Un montant en euros est attendu ici, par exemple 389 280.".into()),
        Err(error) => Err(error.to_string()),
    }
}

/// A day that has come; `what` begins the sentence: « La date de la séance ».
///
/// # Errors
/// The sentence that refuses it.
pub fn past_day(typed: &str, today: NaiveDate, what: &str) -> Result<NaiveDate, String> {
    match typed.trim().parse::<NaiveDate>() {
        Ok(day) if day > today => Err(format!("{what} ne peut pas être à venir.")),
        Ok(day) if day < EARLIEST => Err(format!("{what} est trop ancienne.")),
        Ok(day) => Ok(day),
        Err(_) => Err(format!("{what} est obligatoire, par exemple 2025-03-14.")),
    }
}

/// Takes a value out of a result, keeping its refusal at its place.
pub fn kept<T>(read: Result<T, String>, refusal: &mut String) -> Option<T> {
    match read {
        Ok(value) => Some(value),
        Err(sentence) => {
            *refusal = sentence;
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_comes_back_as_a_document_takes_it() {
        assert_eq!(text("  un\r\ndeux ", 20), Ok(Some("un\ndeux".into())));
        assert_eq!(text(" \n ", 20), Ok(None));
        assert!(text("abc", 2).unwrap_err().contains("2 caractères"));
        assert!(text("a\u{7}", 9).is_err());
        assert_eq!(required(" ", 9, "Dites-le."), Err("Dites-le.".into()));
    }

    #[test]
    fn a_day_has_come_and_an_amount_is_not_negative() {
        let today = "2025-09-12".parse().unwrap();
        let day = |typed| past_day(typed, today, "La date");
        assert!(day("2025-09-12").is_ok());
        assert!(day("2025-09-13").unwrap_err().contains("à venir"));
        assert!(day("0205-09-12").unwrap_err().contains("ancienne"));
        assert!(day("").unwrap_err().contains("obligatoire"));
        assert_eq!(euros("1 250,50"), Ok(Some("1250.50".parse().unwrap())));
        assert!(euros("-1").is_err() && euros("p.m.").is_err() && euros("390 k€").is_err());
    }
}
