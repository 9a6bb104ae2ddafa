//! Time, from one place: tests and the demo fix it, nothing else reads the machine's.

use chrono::{DateTime, NaiveDate, Utc};
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_day_is_that_of_paris() {
        let clock = Clock::fixed("2026-11-21T23:30:00Z".parse().unwrap());
        assert_eq!(clock.today().to_string(), "2026-11-22");
    }
}
