//! Time comes from here, never from the system directly, so that tests and a sandbox can choose it.

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, TimeZone as _, Utc};
use chrono_tz::Tz;

/// A moment in a sentence, such as `1 Dec 2026, 08:00 UTC`.
#[cfg(feature = "postgres")]
pub fn moment_words(at: DateTime<Utc>) -> String {
    at.format("%-d %b %Y, %H:%M UTC").to_string()
}

/// What the clocks of a zone show at a moment.
pub fn shown_at(zone: Tz, at: DateTime<Utc>) -> NaiveDateTime {
    at.with_timezone(&zone).naive_local()
}

/// When the clocks of a zone show a date and time: the first time where they show it twice, an hour later where they skip it.
pub fn moment_in(zone: Tz, date: NaiveDate, time: NaiveTime) -> DateTime<Utc> {
    let local = date.and_time(time);
    let found = zone.from_local_datetime(&local).earliest();
    // No clock skips more than an hour or two; after those it shows the time again.
    let found = found.or_else(|| (1..=3).find_map(|hours| zone.from_local_datetime(&(local + TimeDelta::hours(hours))).earliest()));
    found.map_or_else(|| local.and_utc(), |at| at.with_timezone(&Utc))
}

/// When a day begins that somebody wrote as `2026-12-01`, or so many days after it, by the clocks of a zone; none where nothing was written.
pub fn day_begins(text: &str, days_after: u64, zone: Tz) -> Result<Option<DateTime<Utc>>, &'static str> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    let day = text.parse::<NaiveDate>().ok().and_then(|day| day.checked_add_days(chrono::Days::new(days_after)));
    day.map(|day| Some(moment_in(zone, day, NaiveTime::MIN))).ok_or("Write a day as 2026-12-01.")
}

/// Where a process gets the time from.
#[derive(Clone, Copy, Debug)]
pub enum Clock {
    #[cfg(feature = "postgres")]
    System,
    Fixed(DateTime<Utc>),
}

impl Clock {
    pub fn now(&self) -> DateTime<Utc> {
        match self {
            // Postgres keeps microseconds; what we compare with what we read back must not carry more.
            #[cfg(feature = "postgres")]
            Self::System => {
                let micros = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).map_or(0, |d| d.as_micros());
                i64::try_from(micros).ok().and_then(DateTime::from_timestamp_micros).unwrap_or_default()
            }
            Self::Fixed(at) => *at,
        }
    }
}
