//! Time comes from here, never from the system directly, so that tests and a sandbox can choose it.

use chrono::{DateTime, Utc};

/// A moment in a sentence, such as `1 Dec 2026, 08:00 UTC`.
#[cfg(feature = "postgres")]
pub fn moment_words(at: DateTime<Utc>) -> String {
    at.format("%-d %b %Y, %H:%M UTC").to_string()
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
