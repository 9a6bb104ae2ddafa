//! Earlier days of a plan (docs/regles.md §10): the day an address asks for, and what is said when there is none to show.

use chrono::{Datelike, NaiveDate};
use serde::Deserialize;

use super::store::Past;
use crate::kernel::date;

/// Title of a page that shows no state.
pub const TITLE: &str = "État à une date passée";

/// What the address asks: `?on=2025-09-12`.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct Asked {
    /// As typed.
    #[serde(default)]
    pub on: String,
}

/// Why a text is no day of the past.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unread {
    /// Not a date.
    NotADay,
    /// A day that has not begun.
    ToCome,
}

impl Unread {
    /// A sentence.
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::NotADay => "Cette date ne se lit pas : écrivez-la comme 12/09/2025.",
            Self::ToCome => "Cette date est dans le futur : choisissez une date passée.",
        }
    }
}

/// Reads a day, as a date field sends it or as a person types it; `None` for the present day, which is not over, and for
/// nothing typed.
///
/// # Errors
/// What is wrong with it.
pub fn day(typed: &str, today: NaiveDate) -> Result<Option<NaiveDate>, Unread> {
    let typed = typed.trim();
    if typed.is_empty() {
        return Ok(None);
    }
    let read = typed.parse().or_else(|_| NaiveDate::parse_from_str(typed, "%d/%m/%Y"));
    match read {
        Ok(day) if day > today => Err(Unread::ToCome),
        Ok(day) if day == today => Ok(None),
        // Before our era nothing is compared: PostgreSQL's own calendar ends there.
        Ok(day) if day.year() > 0 => Ok(Some(day)),
        _ => Err(Unread::NotADay),
    }
}

/// What a page of a plan shows.
#[derive(Debug, Clone)]
pub enum Shown {
    /// The present.
    Present,
    /// The end of an earlier day.
    Past(Box<Past>),
    /// Nothing: the sentence says why.
    Nothing(String),
}

/// Before the first entry of a plan's journal.
pub fn not_yet(day: NaiveDate, beginning: Option<NaiveDate>) -> String {
    let first = beginning.map(|first| format!(" Son journal commence le {}.", date::short(first))).unwrap_or_default();
    format!("Le {}, ce contrat n’était pas encore dans l’application.{first}", date::short(day))
}

/// The plan was being written, and this reader sees none that is.
pub fn still_a_draft(day: NaiveDate) -> String {
    format!("Le {}, ce contrat n’était encore qu’un brouillon.", date::short(day))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_past_present_to_come_or_none() {
        let today = "2025-09-12".parse().unwrap();
        let read = |typed| day(typed, today).map(|day| day.map(|day| day.to_string()));
        assert_eq!(read(""), Ok(None));
        assert_eq!(read("2025-09-12"), Ok(None));
        assert_eq!(read("2025-09-11"), Ok(Some("2025-09-11".into())));
        assert_eq!(read(" 11/09/2025 "), Ok(Some("2025-09-11".into())));
        assert_eq!(read("2025-09-13"), Err(Unread::ToCome));
        assert_eq!(read("13/09/2025"), Err(Unread::ToCome));
        for typed in ["hier", "2025-02-30", "12/2025", "-0044-03-15", "0000-01-01", "\0"] {
            assert_eq!(read(typed), Err(Unread::NotADay), "{typed}");
        }
    }

    #[test]
    fn the_beginning_is_told_when_it_is_known() {
        let told = not_yet("2020-01-01".parse().unwrap(), Some("2025-09-12".parse().unwrap()));
        assert_eq!(
            told,
            "Le 1er janv. 2020, ce contrat n’était pas encore dans l’application. Son journal commence le 12 sept. 2025."
        );
        assert!(not_yet("2020-01-01".parse().unwrap(), None).ends_with("l’application."));
    }
}
