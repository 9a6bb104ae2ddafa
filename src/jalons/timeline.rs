//! The timeline of a plan's jalons by half-year, drawn by the server: where each mark and label goes. Coordinates are
//! pixels of a view box 960 wide; the list beside it says the same in words.

use chrono::{Datelike, NaiveDate};

use super::model::{Calendar, Jalon, Standing};
use crate::kernel::date;

/// Width of the view box.
const WIDTH: i64 = 960;
/// Height of a mark with its label.
const STEP: i64 = 22;
/// Height of the two lines of heading.
const TOP: i64 = 48;

/// A half-year.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Half {
    /// Its left side.
    pub x: i64,
    /// Middle of the column.
    pub middle: i64,
    /// « S1 ».
    pub label: String,
}

/// A year over its two halves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Year {
    /// Its left side.
    pub x: i64,
    /// Its middle.
    pub middle: i64,
    /// The year.
    pub label: String,
}

/// A jalon.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark {
    /// Left side of its shape.
    pub x: i64,
    /// Top of its shape.
    pub y: i64,
    /// Left side of its label.
    pub text_x: i64,
    /// Base line of its label.
    pub text_y: i64,
    /// Its code.
    pub code: String,
    /// Where it stands.
    pub standing: Standing,
    /// Its date depends on the reading.
    pub by_reading: bool,
}

/// What the template draws.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Timeline {
    /// Height of the view box.
    pub height: i64,
    /// Where columns end.
    pub bottom: i64,
    /// Years.
    pub years: Vec<Year>,
    /// Half-years.
    pub halves: Vec<Half>,
    /// Jalons.
    pub marks: Vec<Mark>,
    /// Where today is, when it is within.
    pub today: Option<i64>,
    /// All of it in words.
    pub description: String,
}

/// Number of a half-year since the year 0.
fn half(day: NaiveDate) -> i64 {
    i64::from(day.year()) * 2 + i64::from(day.month() > 6)
}

/// « 31 déc. 2024 ou 31 déc. 2026 ».
pub fn either(readings: &[NaiveDate]) -> String {
    let readings: Vec<String> = readings.iter().copied().map(date::short).collect();
    readings.join(" ou ")
}

impl Timeline {
    /// A date depends on the reading.
    pub fn is_doubtful(&self) -> bool {
        self.marks.iter().any(|mark| mark.by_reading)
    }

    /// Draws the dated jalons of a plan; `None` when there is none. Years are the plan's, and any further one that a
    /// date asks for.
    pub fn of<'a>(
        jalons: impl IntoIterator<Item = &'a Jalon>,
        first_year: i32,
        last_year: i32,
        calendar: &Calendar,
    ) -> Option<Self> {
        let Calendar { today, dates } = calendar;
        let mut dated: Vec<(NaiveDate, &Jalon)> =
            jalons.into_iter().filter(|it| it.is_leaf()).filter_map(|it| Some((it.due(dates)?, it))).collect();
        dated.sort_by_key(|(due, _)| *due);
        let (earliest, latest) = (dated.first()?.0, dated.last()?.0);
        let first_year = first_year.min(earliest.year());
        let last_year = last_year.max(latest.year());
        let first = i64::from(first_year) * 2;
        let count = (i64::from(last_year) + 1) * 2 - first;
        let x = |place: i64| place * WIDTH / count;
        let mut stacks = vec![0_i64; usize::try_from(count).ok()?];
        let marks: Vec<Mark> = dated
            .iter()
            .filter_map(|(due, jalon)| {
                let place = half(*due) - first;
                let stack = stacks.get_mut(usize::try_from(place).ok()?)?;
                let y = TOP + 8 + *stack * STEP;
                *stack += 1;
                Some(Mark {
                    x: x(place) + 8,
                    y,
                    text_x: x(place) + 26,
                    text_y: y + 12,
                    code: jalon.code.to_string(),
                    standing: jalon.standing(calendar),
                    by_reading: !jalon.readings(dates).is_empty(),
                })
            })
            .collect();
        let bottom = TOP + 8 + stacks.iter().max().copied().unwrap_or(0) * STEP + 4;
        let years = (first_year..=last_year)
            .map(|year| {
                let place = i64::from(year) * 2 - first;
                Year { x: x(place), middle: x(place + 1), label: year.to_string() }
            })
            .collect();
        let halves = (0..count)
            .map(|place| Half {
                x: x(place),
                middle: i64::midpoint(x(place), x(place + 1)),
                label: format!("S{}", place % 2 + 1),
            })
            .collect();
        let start = i64::from(NaiveDate::from_ymd_opt(first_year, 1, 1)?.num_days_from_ce());
        let end = i64::from(NaiveDate::from_ymd_opt(last_year + 1, 1, 1)?.num_days_from_ce());
        let now = i64::from(today.num_days_from_ce());
        let today_at = (start..end).contains(&now).then(|| (now - start) * WIDTH / (end - start));
        let told: Vec<String> = dated
            .iter()
            .map(|(due, jalon)| {
                let readings = jalon.readings(dates);
                let due = if readings.is_empty() { date::short(*due) } else { either(&readings) };
                format!("{} {} ({due})", jalon.code, jalon.standing(calendar).label().to_lowercase())
            })
            .collect();
        Some(Self {
            height: bottom + 8,
            bottom,
            years,
            halves,
            marks,
            today: today_at,
            description: format!("{}.", told.join(", ")),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::canonical;
    use crate::reserves::Dates;

    fn signed() -> Vec<Jalon> {
        let document: serde_json::Value = serde_json::from_str(include_str!("../../demo/contrat-signe.json")).unwrap();
        canonical::from_text(&document["jalons"].to_string()).unwrap()
    }

    fn calendar(today: &str) -> Calendar {
        let dates = Dates::of(&crate::reserves::model::tests::signed());
        Calendar::new(today.parse().unwrap(), dates)
    }

    #[test]
    fn every_dated_jalon_has_its_mark_in_its_half_year() {
        let all = signed();
        let timeline = Timeline::of(&all, 2021, 2026, &calendar("2025-09-12")).unwrap();
        assert_eq!((timeline.halves.len(), timeline.years.len(), timeline.marks.len()), (12, 6, 22));
        let mark = |code: &str| timeline.marks.iter().find(|mark| mark.code == code).unwrap();
        assert_eq!((mark("J16.c").x, mark("J17.b").x, mark("J3").x), (88, 248, 248));
        assert_ne!(mark("J17.b").y, mark("J3").y);
        assert!(timeline.marks.iter().all(|mark| mark.y + 14 <= timeline.bottom));
        assert_eq!(timeline.today, Some(751));
        let doubtful: Vec<&str> = timeline.marks.iter().filter(|it| it.by_reading).map(|it| it.code.as_str()).collect();
        assert_eq!(doubtful, ["J17.b", "J17.a", "J19", "J21"]);
        assert!(timeline.description.contains("J19 en retard selon la lecture (31 déc. 2024 ou 31 déc. 2026)"));
    }

    #[test]
    fn a_later_date_makes_room_for_itself_and_no_date_draws_nothing() {
        let mut all = signed();
        all[0].postponed_to = "2028-06-30".parse().ok();
        let timeline = Timeline::of(&all, 2021, 2026, &calendar("2030-01-01")).unwrap();
        assert_eq!((timeline.halves.len(), timeline.today), (16, None));
        all.retain(Jalon::is_conditional);
        assert_eq!(Timeline::of(&all, 2021, 2026, &calendar("2025-09-12")), None);
    }
}
