//! Periods, their columns in a contract, and when their figures fall due (docs/regles.md §3).

use std::fmt;
use std::str::FromStr;

use chrono::NaiveDate;

use crate::words;

words! {
    /// Civil or academic year.
    pub enum PeriodKind {
        /// 1 January to 31 December.
        Civil = "civile",
        /// 1 September to 31 August.
        Academic = "universitaire",
    }
}

impl PeriodKind {
    /// As shown: « année civile ».
    pub const fn label(self) -> &'static str {
        match self {
            Self::Civil => "année civile",
            Self::Academic => "année universitaire",
        }
    }
}

/// A year of one kind. Two periods compare by kind, then by time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Period {
    /// Civil or academic.
    pub kind: PeriodKind,
    /// The calendar year in which it starts.
    pub start_year: i32,
}

/// The text is not `2023` nor `2022-2023`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("une période s’écrit 2023 ou 2022-2023")]
pub struct NoPeriod;

/// A day of the calendar; the years of a period are bounded, so the day exists.
fn date(year: i32, month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, month, day).unwrap_or(NaiveDate::MAX)
}

impl Period {
    /// A civil year.
    pub const fn civil(year: i32) -> Self {
        Self { kind: PeriodKind::Civil, start_year: year }
    }

    /// The academic year that starts in September of `year`.
    pub const fn academic(year: i32) -> Self {
        Self { kind: PeriodKind::Academic, start_year: year }
    }

    /// First day, included.
    pub fn first_day(self) -> NaiveDate {
        match self.kind {
            PeriodKind::Civil => date(self.start_year, 1, 1),
            PeriodKind::Academic => date(self.start_year, 9, 1),
        }
    }

    /// Last day, included.
    pub fn last_day(self) -> NaiveDate {
        match self.kind {
            PeriodKind::Civil => date(self.start_year, 12, 31),
            PeriodKind::Academic => date(self.start_year + 1, 8, 31),
        }
    }

    /// The one before.
    #[must_use]
    pub const fn previous(self) -> Self {
        Self { start_year: self.start_year - 1, ..self }
    }
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind {
            PeriodKind::Civil => write!(f, "{}", self.start_year),
            PeriodKind::Academic => write!(f, "{}-{}", self.start_year, self.start_year + 1),
        }
    }
}

impl FromStr for Period {
    type Err = NoPeriod;

    fn from_str(text: &str) -> Result<Self, NoPeriod> {
        let year = |text: &str| {
            Some(text)
                .filter(|text| text.len() == 4 && text.bytes().all(|byte| byte.is_ascii_digit()))
                .and_then(|text| text.parse::<i32>().ok())
                .ok_or(NoPeriod)
        };
        match text.split_once('-') {
            None => Ok(Self::civil(year(text)?)),
            Some((first, second)) => {
                let first = year(first)?;
                if year(second)? == first + 1 { Ok(Self::academic(first)) } else { Err(NoPeriod) }
            }
        }
    }
}

/// The columns of a contract: civil Y1…Yn, academic Y1-(Y1+1)…(Yn−1)-Yn.
pub fn columns(kind: PeriodKind, first_year: i32, last_year: i32) -> Vec<Period> {
    let last = match kind {
        PeriodKind::Civil => last_year,
        PeriodKind::Academic => last_year - 1,
    };
    (first_year..=last).map(|start_year| Period { kind, start_year }).collect()
}

/// The period before the contract, which its references describe.
pub const fn reference(kind: PeriodKind, first_year: i32) -> Period {
    Period { kind, start_year: first_year - 1 }
}

words! {
    /// When the figure of a period can be had, as the fiches print it.
    pub enum Availability {
        /// « 4ème trimestre N pour l'année N-1/N ».
        FourthQuarter = "quatrieme_trimestre",
        /// « 1er trimestre N+1 pour l'année N ».
        NextFirstQuarter = "premier_trimestre_suivant",
        /// « Deuxième semestre de l'année universitaire N+1 ».
        NextSecondHalf = "second_semestre_suivant",
        /// « Fin d'année universitaire ».
        EndOfAcademicYear = "fin_annee_universitaire",
    }
}

/// The days between which a figure is due, both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DueWindow {
    /// First day.
    pub opens: NaiveDate,
    /// Last day.
    pub closes: NaiveDate,
}

impl Availability {
    /// As shown when the document prints nothing.
    pub const fn label(self) -> &'static str {
        match self {
            Self::FourthQuarter => "quatrième trimestre qui suit la rentrée",
            Self::NextFirstQuarter => "premier trimestre de l’année suivante",
            Self::NextSecondHalf => "deuxième semestre de l’année universitaire suivante",
            Self::EndOfAcademicYear => "fin de l’année universitaire",
        }
    }

    /// When the figure of a period is due (docs/regles.md §3). A rule written for one kind of year serves the other by
    /// the year in which the period ends.
    pub fn due_window(self, period: Period) -> DueWindow {
        let end = match period.kind {
            PeriodKind::Civil => period.start_year,
            PeriodKind::Academic => period.start_year + 1,
        };
        let (opens, closes) = match (self, period.kind) {
            (Self::FourthQuarter, PeriodKind::Academic) => (date(end, 10, 1), date(end, 12, 31)),
            (Self::FourthQuarter, PeriodKind::Civil) => (date(end + 1, 10, 1), date(end + 1, 12, 31)),
            (Self::NextFirstQuarter, _) => (date(end + 1, 1, 1), date(end + 1, 3, 31)),
            (Self::NextSecondHalf, _) => (date(end + 1, 2, 1), date(end + 1, 8, 31)),
            (Self::EndOfAcademicYear, _) => (date(end, 7, 1), date(end, 9, 30)),
        };
        DueWindow { opens, closes }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case(Availability::FourthQuarter, "2021-2022", "2022-10-01", "2022-12-31")]
    #[case(Availability::NextFirstQuarter, "2021", "2022-01-01", "2022-03-31")]
    #[case(Availability::NextSecondHalf, "2024-2025", "2026-02-01", "2026-08-31")]
    #[case(Availability::EndOfAcademicYear, "2021-2022", "2022-07-01", "2022-09-30")]
    fn figures_fall_due(
        #[case] availability: Availability,
        #[case] period: Period,
        #[case] opens: NaiveDate,
        #[case] closes: NaiveDate,
    ) {
        assert_eq!(availability.due_window(period), DueWindow { opens, closes });
    }

    #[test]
    fn a_contract_has_one_more_civil_column() {
        let shown = |kind| columns(kind, 2021, 2026).iter().map(Period::to_string).collect::<Vec<_>>();
        assert_eq!(shown(PeriodKind::Civil), ["2021", "2022", "2023", "2024", "2025", "2026"]);
        assert_eq!(shown(PeriodKind::Academic), ["2021-2022", "2022-2023", "2023-2024", "2024-2025", "2025-2026"]);
        assert_eq!(reference(PeriodKind::Academic, 2021).to_string(), "2020-2021");
    }

    #[rstest]
    #[case("2023", Some(Period::civil(2023)))]
    #[case("2022-2023", Some(Period::academic(2022)))]
    #[case("2022-2024", None)]
    #[case("22-23", None)]
    #[case("+023", None)]
    #[case("2022-", None)]
    fn a_period_is_read(#[case] text: &str, #[case] period: Option<Period>) {
        assert_eq!(text.parse().ok(), period);
    }

    #[test]
    fn a_period_has_its_days() {
        assert_eq!(Period::academic(2022).first_day().to_string(), "2022-09-01");
        assert_eq!(Period::academic(2022).last_day().to_string(), "2023-08-31");
        assert_eq!(Period::civil(2022).last_day().to_string(), "2022-12-31");
    }
}
