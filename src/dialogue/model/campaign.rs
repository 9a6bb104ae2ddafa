//! A campaign: its window, its threshold, what it asks otherwise than by the rule.

use chrono::NaiveDate;
use rust_decimal::Decimal;

use crate::kernel::date;
use crate::kernel::figure::{self, Answer};
use crate::kernel::typed::plain;
use crate::record;

use super::machine::REASON_MAX;

record! {
    /// A campaign, as the journal keeps it.
    pub struct Campaign {
        /// Its year.
        pub year: i32,
        /// Opening day.
        pub opens_on: NaiveDate,
        /// Closing day.
        pub closes_on: NaiveDate,
        /// Deviation that asks for an explanation, in percent of the way to go; each contract's own when there is none.
        pub deviation_threshold: Option<Decimal>,
    }
}

/// A cell asked, or not asked, otherwise than by the rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Adjustment {
    /// Code of the plan.
    pub plan: String,
    /// `13.a/2023-2024`.
    pub cell: String,
    /// Asked; otherwise exempted.
    pub is_added: bool,
    /// Why.
    pub reason: String,
}

/// The window of a campaign, as typed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Typed {
    /// Its year.
    pub year: String,
    /// Opening day.
    pub opens_on: String,
    /// Closing day.
    pub closes_on: String,
    /// Threshold; empty for each contract's own.
    pub threshold: String,
}

/// What is wrong with each field; empty for nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Refused {
    /// Of the year.
    pub year: String,
    /// Of the opening day.
    pub opens_on: String,
    /// Of the closing day.
    pub closes_on: String,
    /// Of the threshold.
    pub threshold: String,
}

impl Typed {
    /// Reads a window.
    ///
    /// # Errors
    /// A sentence beside each field that does not hold.
    pub fn read(&self) -> Result<Campaign, Refused> {
        let mut refused = Refused::default();
        let year = self.year.trim().parse::<i32>().ok().filter(|year| (1990..=2100).contains(year));
        if year.is_none() {
            refused.year = "Une année, comme 2026, est attendue.".into();
        }
        let day = |text: &str| text.trim().parse::<NaiveDate>().ok();
        let (opens_on, closes_on) = (day(&self.opens_on), day(&self.closes_on));
        if opens_on.is_none() {
            refused.opens_on = "Indiquez le jour d’ouverture.".into();
        }
        refused.closes_on = match (opens_on, closes_on) {
            (_, None) => "Indiquez le jour de clôture.".into(),
            (Some(opens_on), Some(closes_on)) if closes_on < opens_on => {
                format!("La clôture vient après l’ouverture, le {}.", date::short(opens_on))
            }
            _ => String::new(),
        };
        let deviation_threshold = threshold(&self.threshold).unwrap_or_else(|sentence| {
            refused.threshold = sentence;
            None
        });
        match (year, opens_on, closes_on) {
            (Some(year), Some(opens_on), Some(closes_on)) if refused == Refused::default() => {
                Ok(Campaign { year, opens_on, closes_on, deviation_threshold })
            }
            _ => Err(refused),
        }
    }
}

/// Reads a threshold; nothing typed leaves each contract its own.
///
/// # Errors
/// A sentence.
pub fn threshold(text: &str) -> Result<Option<Decimal>, String> {
    if text.trim().is_empty() {
        return Ok(None);
    }
    match figure::parse(text) {
        Ok(Some(Answer::Value(value))) if value > Decimal::ZERO && value <= Decimal::ONE_HUNDRED => Ok(Some(value)),
        _ => Err("Un pourcentage entre 0 et 100 est attendu, comme 10 ou 12,5.".into()),
    }
}

/// Reads the reason of an adjustment or of an extension.
///
/// # Errors
/// A sentence.
pub fn reason(text: &str) -> Result<String, String> {
    let text = plain(text);
    match text.chars().count() {
        0 => Err("Donnez le motif : il reste au journal.".into()),
        count if count > REASON_MAX => Err(format!("Ce motif dépasse {REASON_MAX} caractères.")),
        _ if text.chars().any(|c| c.is_control() && c != '\n' && c != '\t') => {
            Err("Ce motif contient un caractère qui ne peut pas être conservé.".into())
        }
        _ => Ok(text),
    }
}

/// Reads the end of an extension: after the closing day, not yet past.
///
/// # Errors
/// A sentence.
pub fn extension(text: &str, closes_on: NaiveDate, today: NaiveDate) -> Result<NaiveDate, String> {
    match text.trim().parse::<NaiveDate>() {
        Err(_) => Err("Indiquez le dernier jour du délai.".into()),
        Ok(day) if day <= closes_on => {
            Err(format!("Un délai va au-delà de la clôture de la campagne, le {}.", date::short(closes_on)))
        }
        Ok(day) if day < today => Err("Ce jour est déjà passé.".into()),
        Ok(day) if (day - closes_on).num_days() > 366 => Err("Un délai dure au plus un an.".into()),
        Ok(day) => Ok(day),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(year: &str, opens_on: &str, closes_on: &str, threshold: &str) -> Typed {
        Typed { year: year.into(), opens_on: opens_on.into(), closes_on: closes_on.into(), threshold: threshold.into() }
    }

    #[test]
    fn a_window_opens_before_it_closes() {
        let campaign = typed(" 2026 ", "2026-09-01", "2026-09-30", "12,5").read().unwrap();
        assert_eq!((campaign.year, campaign.deviation_threshold), (2026, Some("12.5".parse().unwrap())));
        assert_eq!(typed("2026", "2026-09-01", "2026-09-01", "").read().unwrap().deviation_threshold, None);
        let refused = typed("26", "", "2026-09-31", "zéro").read().unwrap_err();
        assert!([refused.year, refused.opens_on, refused.closes_on, refused.threshold].iter().all(|it| !it.is_empty()));
        let refused = typed("2026", "2026-09-02", "2026-09-01", "0").read().unwrap_err();
        assert!(refused.closes_on.contains("2 sept. 2026") && !refused.threshold.is_empty());
        assert_eq!(refused.year, "");
    }

    #[test]
    fn an_extension_goes_past_the_closing_day_and_is_not_past() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        let until = |text| extension(text, day("2025-09-30"), day("2025-10-10"));
        assert_eq!(until("2025-10-31"), Ok(day("2025-10-31")));
        for refused in ["", "demain", "2025-09-30", "2025-10-09", "2027-01-01"] {
            assert!(until(refused).is_err(), "{refused}");
        }
        assert!(reason(" ").is_err() && reason("x").is_ok());
    }
}
