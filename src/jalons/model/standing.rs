//! Where a jalon stands on a day, or a group of them: its state, or its lateness.

use chrono::NaiveDate;

use super::{Jalon, State};
use crate::reserves::Dates;

/// What lateness is read from: a day, and the dates that the réserves of the plan give to its jalons.
#[derive(Debug, Clone)]
pub struct Calendar {
    /// The day.
    pub today: NaiveDate,
    /// What the réserves say.
    pub dates: Dates,
}

impl Calendar {
    /// On a day, with these dates.
    pub const fn new(today: NaiveDate, dates: Dates) -> Self {
        Self { today, dates }
    }
}

/// Where a jalon stands on a day: its state, or its lateness.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Standing {
    /// Reached.
    Reached,
    /// Past its date, however the document is read.
    Late,
    /// Past the date of one reading, and not of another: nobody settled which one holds.
    LateByReading,
    /// Begun.
    InProgress,
    /// Put off, and not past its new date.
    Postponed,
    /// Nothing yet.
    ToCome,
    /// Given up.
    Abandoned,
}

impl Standing {
    /// In the order in which they are counted.
    pub const ALL: [Self; 7] = [
        Self::Reached,
        Self::Late,
        Self::LateByReading,
        Self::InProgress,
        Self::Postponed,
        Self::ToCome,
        Self::Abandoned,
    ];

    /// As shown.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Late => "En retard",
            Self::LateByReading => "En retard selon la lecture",
            Self::Reached => State::Reached.label(),
            Self::InProgress => State::InProgress.label(),
            Self::Postponed => State::Postponed.label(),
            Self::ToCome => State::ToCome.label(),
            Self::Abandoned => State::Abandoned.label(),
        }
    }

    /// Name of its pill and icon.
    pub const fn slug(self) -> &'static str {
        match self {
            Self::Reached => "atteinte",
            Self::Late => "en-retard",
            Self::LateByReading => "selon-lecture",
            Self::InProgress => "en-cours",
            Self::Postponed => "reporte",
            Self::ToCome => "a-venir",
            Self::Abandoned => "abandonne",
        }
    }

    /// « 2 atteints », « 1 en retard ».
    pub fn counted(self, count: usize) -> String {
        let plural = match self {
            Self::Reached | Self::Postponed | Self::Abandoned if count > 1 => "s",
            _ => "",
        };
        format!("{count} {}{plural}", self.label().to_lowercase())
    }
}

impl Jalon {
    /// [`Standing::Late`] or [`Standing::LateByReading`] when it is past its date, and neither reached nor given up.
    fn lateness(&self, calendar: &Calendar) -> Option<Standing> {
        if self.is_group || self.state().is_over() {
            return None;
        }
        let is_past = |day: &NaiveDate| *day < calendar.today;
        let readings = self.readings(&calendar.dates);
        match (readings.first(), readings.last()) {
            (Some(earliest), Some(latest)) if is_past(earliest) && !is_past(latest) => Some(Standing::LateByReading),
            (Some(_), Some(latest)) => is_past(latest).then_some(Standing::Late),
            _ => self.due(&calendar.dates).filter(is_past).map(|_| Standing::Late),
        }
    }

    /// Past its date, at least by one reading.
    pub fn is_late(&self, calendar: &Calendar) -> bool {
        self.lateness(calendar).is_some()
    }

    /// Where it stands on a day.
    pub fn standing(&self, calendar: &Calendar) -> Standing {
        let late = self.lateness(calendar);
        match self.state() {
            State::Reached => Standing::Reached,
            State::Abandoned => Standing::Abandoned,
            state => late.unwrap_or(match state {
                State::InProgress => Standing::InProgress,
                State::Postponed => Standing::Postponed,
                _ => Standing::ToCome,
            }),
        }
    }
}

/// Where a group stands: reached when every leaf is reached or given up and one at least is reached.
pub fn group_standing<'a>(leaves: impl Iterator<Item = &'a Jalon>, calendar: &Calendar) -> Standing {
    let all: Vec<Standing> = leaves.map(|leaf| leaf.standing(calendar)).collect();
    let any = |standing| all.contains(&standing);
    match () {
        () if any(Standing::Late) => Standing::Late,
        () if any(Standing::LateByReading) => Standing::LateByReading,
        () if !all.is_empty() && all.iter().all(|it| matches!(it, Standing::Reached | Standing::Abandoned)) => {
            if any(Standing::Reached) { Standing::Reached } else { Standing::Abandoned }
        }
        () if any(Standing::InProgress) || any(Standing::Reached) => Standing::InProgress,
        () if any(Standing::Postponed) => Standing::Postponed,
        () => Standing::ToCome,
    }
}

#[cfg(test)]
mod tests {
    use super::super::signed::{TODAY, calendar, day, jalon, plan, read};
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("J3", "2022-12-31", false)]
    #[case("J3", "2023-01-01", true)]
    #[case("J17.a", "2023-12-31", false)]
    #[case("J17.a", "2024-01-01", true)]
    #[case("J17.b", "2022-09-30", false)]
    #[case("J17.b", "2022-10-01", true)]
    #[case("J10", "2099-01-01", false)]
    #[case("J16", "2099-01-01", false)]
    fn lateness_is_read_from_the_clock(#[case] code: &str, #[case] today: &str, #[case] late: bool) {
        assert_eq!(jalon(code).is_late(&calendar(today)), late);
    }

    #[rstest]
    // J19 : 2024 au texte, déc. 2026 à l’annexe. J21 : 2023 et déc. 2026. J17.b : sept. 2022 et 2023.
    #[case("J19", "2024-12-31", Standing::ToCome)]
    #[case("J19", "2025-01-01", Standing::LateByReading)]
    #[case("J19", "2026-12-31", Standing::LateByReading)]
    #[case("J19", "2027-01-01", Standing::Late)]
    #[case("J21", "2024-01-01", Standing::LateByReading)]
    #[case("J17.b", "2022-10-01", Standing::LateByReading)]
    #[case("J17.b", "2024-01-01", Standing::Late)]
    #[case("J17.a", "2023-06-01", Standing::LateByReading)]
    #[case("J18", "2025-01-01", Standing::ToCome)]
    fn lateness_says_by_which_reading(#[case] code: &str, #[case] today: &str, #[case] standing: Standing) {
        assert_eq!(jalon(code).standing(&read(today)), standing);
    }

    #[test]
    fn a_group_follows_its_leaves() {
        let (plan, today) = (plan(), day("2021-10-01"));
        let leaf = jalon("J16.a");
        let reached = leaf.close(&plan, today, Some(today), "Preuve").unwrap();
        let given_up = leaf.abandon("Non").unwrap();
        let begun = leaf.progress(Some(State::InProgress), "").unwrap();
        let of = |leaves: &[&Jalon]| group_standing(leaves.iter().copied(), &calendar("2021-10-01"));
        assert_eq!(of(&[&reached, &given_up]), Standing::Reached);
        assert_eq!(of(&[&given_up, &given_up]), Standing::Abandoned);
        assert_eq!(of(&[&reached, &leaf]), Standing::InProgress);
        assert_eq!(of(&[&begun, &leaf]), Standing::InProgress);
        assert_eq!(of(&[&leaf, &leaf]), Standing::ToCome);
        assert_eq!(group_standing([&reached, &leaf].into_iter(), &calendar(TODAY)), Standing::Late);
        let (b, c) = (jalon("J17.b"), jalon("J17.a"));
        assert_eq!(group_standing([&b, &c].into_iter(), &read("2023-06-01")), Standing::LateByReading);
        assert_eq!(group_standing([&b, &c].into_iter(), &read(TODAY)), Standing::Late);
    }

    #[test]
    fn standings_are_counted_in_french() {
        assert_eq!(Standing::Reached.counted(2), "2 atteints");
        assert_eq!(Standing::Late.counted(2), "2 en retard");
        assert_eq!(Standing::Abandoned.counted(1), "1 abandonné");
    }
}
