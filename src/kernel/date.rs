//! Dates as French readers write them: « 31 déc. 2026 », Paris time.
//!
//! Twelve abbreviations and four shapes: a locale crate would bring its whole table for them.

use chrono::{DateTime, Datelike, NaiveDate, Timelike, Utc};
use chrono_tz::Europe::Paris;

const SHORT: [&str; 12] =
    ["janv.", "févr.", "mars", "avr.", "mai", "juin", "juil.", "août", "sept.", "oct.", "nov.", "déc."];
const LONG: [&str; 12] = [
    "janvier",
    "février",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "août",
    "septembre",
    "octobre",
    "novembre",
    "décembre",
];

fn month(names: [&'static str; 12], date: NaiveDate) -> &'static str {
    names[date.month0() as usize]
}

fn day(date: NaiveDate) -> String {
    if date.day() == 1 { "1er".into() } else { date.day().to_string() }
}

/// « 31 déc. 2026 ».
pub fn short(date: NaiveDate) -> String {
    format!("{} {} {}", day(date), month(SHORT, date), date.year())
}

/// « 31 décembre 2026 ».
pub fn long(date: NaiveDate) -> String {
    format!("{} {} {}", day(date), month(LONG, date), date.year())
}

/// « 12 sept. 2025, 10:42 », in Paris.
pub fn time(instant: DateTime<Utc>) -> String {
    format!("{}, {}", short(instant.with_timezone(&Paris).date_naive()), clock_time(instant))
}

/// « 10:42 », in Paris.
pub fn clock_time(instant: DateTime<Utc>) -> String {
    let local = instant.with_timezone(&Paris);
    format!("{:02}:{:02}", local.hour(), local.minute())
}

/// For `<time datetime>`: the instant with Paris's offset.
pub fn machine(instant: DateTime<Utc>) -> String {
    instant.with_timezone(&Paris).format("%Y-%m-%dT%H:%M:%S%:z").to_string()
}

/// « dans 9 jours », « demain », « aujourd’hui », « hier », « il y a 3 jours ».
pub fn relative(date: NaiveDate, today: NaiveDate) -> String {
    match (date - today).num_days() {
        0 => "aujourd’hui".into(),
        1 => "demain".into(),
        -1 => "hier".into(),
        days if days > 0 => format!("dans {days} jours"),
        days => format!("il y a {} jours", -days),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn dates_are_french() {
        assert_eq!(short(date("2026-12-31")), "31 déc. 2026");
        assert_eq!(long(date("2022-09-01")), "1er septembre 2022");
        assert_eq!(time("2025-09-12T08:42:00Z".parse().unwrap()), "12 sept. 2025, 10:42");
        assert_eq!(machine("2025-01-12T08:42:00Z".parse().unwrap()), "2025-01-12T09:42:00+01:00");
    }

    #[test]
    fn days_are_counted_from_today() {
        let today = date("2026-11-21");
        let shown = ["2026-11-30", "2026-11-22", "2026-11-21", "2026-11-20", "2026-11-18"]
            .map(|text| relative(date(text), today));
        assert_eq!(shown, ["dans 9 jours", "demain", "aujourd’hui", "hier", "il y a 3 jours"]);
    }
}
