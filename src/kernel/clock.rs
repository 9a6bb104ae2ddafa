//! Time, from one place: tests and the demo fix it, nothing else reads the machine's.

use chrono::{DateTime, Days, Duration, NaiveDate, NaiveTime, TimeZone, Utc};
use chrono_tz::Europe::Paris;

/// Where « now » comes from.
#[derive(Debug, Clone)]
pub struct Clock(Option<DateTime<Utc>>);

impl Clock {
    /// The machine's.
    pub const fn system() -> Self {
        Self(None)
    }

    /// Stopped at an instant.
    pub const fn fixed(instant: DateTime<Utc>) -> Self {
        Self(Some(instant))
    }

    /// The instant.
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the machine's clock")]
    pub fn now(&self) -> DateTime<Utc> {
        self.0.unwrap_or_else(Utc::now)
    }

    /// The day in Paris: deadlines are the establishment's, not the server's.
    pub fn today(&self) -> NaiveDate {
        day(self.now())
    }
}

/// The day of an instant, in Paris.
pub fn day(instant: DateTime<Utc>) -> NaiveDate {
    instant.with_timezone(&Paris).date_naive()
}

/// The last instant of a day, in Paris.
pub fn end_of(day: NaiveDate) -> DateTime<Utc> {
    let midnight = (day + Days::new(1)).and_time(NaiveTime::MIN);
    // Paris changes its hour at night, never at midnight; were it to, UTC's midnight is close enough for a day.
    let next = Paris.from_local_datetime(&midnight).earliest().map_or_else(|| midnight.and_utc(), |it| it.to_utc());
    next - Duration::microseconds(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_ends_at_midnight_in_paris() {
        assert_eq!(end_of("2026-07-14".parse().unwrap()).to_string(), "2026-07-14 21:59:59.999999 UTC");
        assert_eq!(end_of("2026-11-21".parse().unwrap()).to_string(), "2026-11-21 22:59:59.999999 UTC");
    }

    #[test]
    fn the_day_is_that_of_paris() {
        let clock = Clock::fixed("2026-11-21T23:30:00Z".parse().unwrap());
        assert_eq!(clock.today().to_string(), "2026-11-22");
    }
}
