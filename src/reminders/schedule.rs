//! When a reminder leaves: how far from its deadline, on which days, at which hours (docs/regles.md §9).

use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveTime, TimeDelta, TimeZone, Utc, Weekday};
use chrono_tz::Europe::Paris;

use crate::words;

/// Days before the deadline at which a first reminder leaves.
pub const FAR_BEFORE: i64 = 14;
/// Days before the deadline at which a second one leaves.
pub const JUST_BEFORE: i64 = 3;
/// Days after the deadline at which the last one leaves.
pub const AFTER: i64 = 7;
/// Days after the deadline from which nothing leaves any more: what is that old is for the inbox alone.
pub const TOO_OLD: i64 = 30;
/// First hour of the day, in Paris.
pub const FIRST_HOUR: u32 = 8;
/// The hour from which nothing leaves any more.
pub const LAST_HOUR: u32 = 18;
/// Between two rounds.
pub const EVERY: TimeDelta = TimeDelta::minutes(10);
/// Tries of one message, the first included.
pub const TRIES: i32 = 3;
/// How long a message may be in the hands of a server before it is doubtful: far beyond what sending takes.
pub const DOUBTFUL_AFTER: TimeDelta = TimeDelta::minutes(15);

words! {
    /// How far a deadline is when its reminder leaves; each leaves once at most.
    pub enum Stage {
        /// A fortnight before.
        FarBefore = "avant_14",
        /// Some days before.
        JustBefore = "avant_3",
        /// On the day, or on the first working day after it.
        OnTheDay = "jour",
        /// A week after.
        After = "apres_7",
    }
}

/// The reminder that a deadline calls for on a day; the one before it is then too late to leave.
pub fn stage(deadline: NaiveDate, today: NaiveDate) -> Option<Stage> {
    match (deadline - today).num_days() {
        left if left > FAR_BEFORE => None,
        left if left > JUST_BEFORE => Some(Stage::FarBefore),
        left if left > 0 => Some(Stage::JustBefore),
        left if left > -AFTER => Some(Stage::OnTheDay),
        left if left > -TOO_OLD => Some(Stage::After),
        _ => None,
    }
}

/// When a message refused for now is tried again, after so many tries; `None` when it is given up.
pub fn again(tries: i32, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    // Greylisting lets in after some minutes; a full mailbox or a machine that restarts takes longer.
    let delay = match tries {
        ..=1 => TimeDelta::minutes(20),
        _ => TimeDelta::hours(3),
    };
    (tries < TRIES).then(|| now + delay)
}

/// Mail leaves at this instant: office hours of a working day.
pub fn is_open(now: DateTime<Utc>) -> bool {
    next_opening(now) == now
}

/// The first instant, this one included, at which mail leaves.
pub fn next_opening(now: DateTime<Utc>) -> DateTime<Utc> {
    let local = now.with_timezone(&Paris);
    let (day, hour) = (local.date_naive(), chrono::Timelike::hour(&local));
    if is_working(day) && (FIRST_HOUR..LAST_HOUR).contains(&hour) {
        return now;
    }
    let first = if hour < FIRST_HOUR { day } else { day + Days::new(1) };
    let next = first.iter_days().find(|day| is_working(*day)).unwrap_or(first);
    let opening = next.and_time(NaiveTime::from_hms_opt(FIRST_HOUR, 0, 0).unwrap_or_default());
    // Paris changes its hour at night: at eight, local time is never missing nor double.
    Paris.from_local_datetime(&opening).earliest().map_or(now, |it| it.to_utc())
}

/// Neither a weekend nor a public holiday (Code du travail, article L. 3133-1).
pub fn is_working(day: NaiveDate) -> bool {
    const FIXED: [(u32, u32); 8] = [(1, 1), (5, 1), (5, 8), (7, 14), (8, 15), (11, 1), (11, 11), (12, 25)];
    // Easter Monday, Ascension, Whit Monday.
    const AFTER_EASTER: [u64; 3] = [1, 39, 50];
    let weekend = matches!(day.weekday(), Weekday::Sat | Weekday::Sun);
    let holiday = FIXED.contains(&(day.month(), day.day()))
        || easter(day.year()).is_some_and(|easter| AFTER_EASTER.iter().any(|after| easter + Days::new(*after) == day));
    !weekend && !holiday
}

/// Easter Sunday, by the anonymous Gregorian algorithm (Meeus, *Astronomical Algorithms*, chapter 8).
#[expect(clippy::many_single_char_names, reason = "the letters of the published algorithm")]
fn easter(year: i32) -> Option<NaiveDate> {
    let (a, b, c) = (year % 19, year / 100, year % 100);
    let h = (19 * a + b - b / 4 - (b - (b + 8) / 25 + 1) / 3 + 15) % 30;
    let l = (32 + 2 * (b % 4) + 2 * (c / 4) - h - c % 4) % 7;
    let m = (a + 11 * h + 22 * l) / 451;
    let place = h + l - 7 * m + 114;
    NaiveDate::from_ymd_opt(year, u32::try_from(place / 31).ok()?, u32::try_from(place % 31 + 1).ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[rstest]
    #[case("2025-09-15", None)]
    #[case("2025-09-16", Some(Stage::FarBefore))]
    #[case("2025-09-26", Some(Stage::FarBefore))]
    #[case("2025-09-27", Some(Stage::JustBefore))]
    #[case("2025-09-29", Some(Stage::JustBefore))]
    #[case("2025-09-30", Some(Stage::OnTheDay))]
    #[case("2025-10-06", Some(Stage::OnTheDay))]
    #[case("2025-10-07", Some(Stage::After))]
    #[case("2025-10-29", Some(Stage::After))]
    #[case("2025-10-30", None)]
    fn a_deadline_calls_for_one_reminder_at_a_time(#[case] today: &str, #[case] expected: Option<Stage>) {
        assert_eq!(stage(day("2025-09-30"), day(today)), expected);
    }

    #[test]
    fn every_stage_but_a_bridged_one_has_a_working_day() {
        // Deadlines of three years: the day's own reminder, the first one and the last one always find a day to leave.
        for deadline in day("2025-01-01").iter_days().take(1100) {
            for wanted in [Stage::FarBefore, Stage::OnTheDay, Stage::After] {
                let leaves = (deadline - Days::new(15))
                    .iter_days()
                    .take(45)
                    .any(|today| is_working(today) && stage(deadline, today) == Some(wanted));
                assert!(leaves, "{deadline} {wanted:?}");
            }
        }
    }

    #[test]
    fn holidays_are_those_of_the_law() {
        let holidays = |year: i32| -> Vec<String> {
            let first = NaiveDate::from_ymd_opt(year, 1, 1).unwrap();
            let weekday = |day: &NaiveDate| !matches!(day.weekday(), Weekday::Sat | Weekday::Sun);
            let all = first.iter_days().take_while(|day| day.year() == year);
            all.filter(|day| weekday(day) && !is_working(*day)).map(|day| day.format("%m-%d").to_string()).collect()
        };
        let year = ["01-01", "04-21", "05-01", "05-08", "05-29", "06-09", "07-14", "08-15", "11-11", "12-25"];
        assert_eq!(holidays(2025), year);
        assert_eq!(holidays(2026), ["01-01", "04-06", "05-01", "05-08", "05-14", "05-25", "07-14", "11-11", "12-25"]);
    }

    #[rstest]
    // A Friday of summer time: eight in Paris is six in UTC.
    #[case("2025-09-12T05:59:00Z", "2025-09-12T06:00:00Z")]
    #[case("2025-09-12T06:00:00Z", "2025-09-12T06:00:00Z")]
    #[case("2025-09-12T15:59:59Z", "2025-09-12T15:59:59Z")]
    #[case("2025-09-12T16:00:00Z", "2025-09-15T06:00:00Z")]
    #[case("2025-09-13T09:00:00Z", "2025-09-15T06:00:00Z")]
    // The night of Christmas, in winter time.
    #[case("2025-12-24T20:00:00Z", "2025-12-26T07:00:00Z")]
    // The clocks change on the Sunday.
    #[case("2025-10-24T16:00:00Z", "2025-10-27T07:00:00Z")]
    fn mail_leaves_in_office_hours(#[case] now: DateTime<Utc>, #[case] opening: DateTime<Utc>) {
        assert_eq!(next_opening(now), opening);
        assert_eq!(is_open(now), now == opening);
    }

    #[test]
    fn a_message_is_tried_three_times_and_each_wait_is_longer() {
        let now = "2025-09-12T08:00:00Z".parse().unwrap();
        let waits: Vec<i64> = (1..=2).map(|tries| (again(tries, now).unwrap() - now).num_minutes()).collect();
        assert_eq!(waits, [20, 180]);
        assert_eq!(again(TRIES, now), None);
    }
}
