//! When a location works: its weekly hours, what is known of closures to come, and the holidays it keeps. All of it in its own time.

use crate::clock::moment_in;
use chrono::{DateTime, Datelike as _, Days, NaiveDate, NaiveTime, TimeDelta, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Nobody looks further ahead for a day on which a location is open.
pub const HORIZON_DAYS: u64 = 60;

/// The hours of one weekday.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hours {
    pub opens: NaiveTime,
    /// Later than it opens, on the same day.
    pub closes: NaiveTime,
    /// Parcels released before this leave the same day.
    pub cut_off: NaiveTime,
}

/// Weekly hours, in force from a moment on until the next.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Week {
    pub from: DateTime<Utc>,
    /// Monday first; none is a day it is closed.
    pub days: [Option<Hours>; 7],
}

/// A time for which a location is closed against its hours.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Closure {
    pub from: DateTime<Utc>,
    /// None: until further notice.
    pub until: Option<DateTime<Utc>>,
}

/// All that is known of when a location works.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Calendar {
    pub zone: Tz,
    /// The earliest first.
    pub weeks: Vec<Week>,
    pub closures: Vec<Closure>,
    /// Days on which it is closed whatever the weekday.
    pub holidays: BTreeSet<NaiveDate>,
}

impl Default for Calendar {
    /// Never open.
    fn default() -> Self {
        Self { zone: Tz::UTC, weeks: Vec::new(), closures: Vec::new(), holidays: BTreeSet::new() }
    }
}

/// The times of one day in which a location works, and its cut-off.
#[derive(Clone, Debug, PartialEq, Eq)]
struct OpenDay {
    /// Apart from each other and in order.
    spans: Vec<(DateTime<Utc>, DateTime<Utc>)>,
    cut_off: DateTime<Utc>,
}

impl Calendar {
    /// The day it is there.
    pub fn day(&self, at: DateTime<Utc>) -> NaiveDate {
        at.with_timezone(&self.zone).date_naive()
    }

    fn open_day(&self, date: NaiveDate) -> Option<OpenDay> {
        if self.holidays.contains(&date) {
            return None;
        }
        let noon = moment_in(self.zone, date, NaiveTime::from_hms_opt(12, 0, 0)?);
        // Before the first week that is known, it is as it will be.
        let week = self.weeks.iter().rev().find(|w| w.from <= noon).or(self.weeks.first())?;
        let hours = week.days[date.weekday().num_days_from_monday() as usize]?;
        let at = |time| moment_in(self.zone, date, time);
        let mut spans = vec![(at(hours.opens), at(hours.closes))];
        for closure in &self.closures {
            let until = closure.until.unwrap_or(DateTime::<Utc>::MAX_UTC);
            spans = spans
                .into_iter()
                .flat_map(|(from, to)| [(from, to.min(closure.from)), (from.max(until), to)])
                .filter(|(from, to)| from < to)
                .collect();
        }
        spans.sort_unstable();
        (!spans.is_empty()).then(|| OpenDay { spans, cut_off: at(hours.cut_off) })
    }

    /// The open days from a moment's day on.
    fn open_days(&self, from: DateTime<Utc>) -> impl Iterator<Item = OpenDay> {
        let first = self.day(from);
        (0..HORIZON_DAYS).filter_map(move |n| self.open_day(first.checked_add_days(Days::new(n))?))
    }

    /// When it opens on the day of a moment, which is no later than that; the moment itself where it is closed all day.
    pub fn opens_on_day_of(&self, at: DateTime<Utc>) -> DateTime<Utc> {
        self.open_day(self.day(at)).and_then(|day| day.spans.first().map(|(from, _)| *from)).map_or(at, |from| from.min(at))
    }

    /// When so many minutes of work are done that begin at a moment or as soon as it opens. None where it does not open long enough in the next
    /// [`HORIZON_DAYS`] days.
    pub fn work_from(&self, start: DateTime<Utc>, minutes: i32) -> Option<DateTime<Utc>> {
        let mut left = TimeDelta::minutes(minutes.max(0).into());
        for (from, to) in self.open_days(start).flat_map(|day| day.spans) {
            let from = from.max(start);
            if from > to || (from == to && from != start) {
                continue;
            }
            if to - from >= left {
                return Some(from + left);
            }
            left -= to - from;
        }
        None
    }

    /// The latest moment at which so many minutes of work can begin that are done by `end`; none where they would have had to begin more than
    /// [`HORIZON_DAYS`] days before.
    pub fn work_until(&self, end: DateTime<Utc>, minutes: i32) -> Option<DateTime<Utc>> {
        let mut left = TimeDelta::minutes(minutes.max(0).into());
        let last = self.day(end);
        for day in (0..HORIZON_DAYS).filter_map(|n| self.open_day(last.checked_sub_days(Days::new(n))?)) {
            for (from, to) in day.spans.into_iter().rev() {
                let to = to.min(end);
                if from > to {
                    continue;
                }
                if to - from >= left {
                    return Some(to - left);
                }
                left -= to - from;
            }
        }
        None
    }

    /// When the work on a parcel begins that is released at a moment: at once while it is open and before its cut-off, else when it opens next.
    pub fn parcel_begins(&self, released: DateTime<Utc>) -> Option<DateTime<Utc>> {
        self.open_days(released).find_map(|day| {
            let begins = day.spans.iter().map(|(from, to)| ((*from).max(released), *to)).find(|(from, to)| from < to)?.0;
            (released <= day.cut_off).then_some(begins)
        })
    }

    /// The latest release of a parcel whose work begins no later than `begin`: then, or its day's cut-off.
    pub fn latest_release(&self, begin: DateTime<Utc>) -> DateTime<Utc> {
        self.open_day(self.day(begin)).map_or(begin, |day| begin.min(day.cut_off))
    }

    /// The last moment, no later than a time of a day, at which somebody is there to hand things over that day; none where it is closed until then.
    pub fn hand_over(&self, date: NaiveDate, time: NaiveTime) -> Option<DateTime<Utc>> {
        let at = moment_in(self.zone, date, time);
        self.open_day(date)?.spans.into_iter().filter(|(from, _)| *from <= at).map(|(_, to)| to.min(at)).next_back()
    }

    /// The first moment from another on at which it is open.
    pub fn open_from(&self, at: DateTime<Utc>) -> Option<DateTime<Utc>> {
        self.open_days(at).flat_map(|day| day.spans).find(|(_, to)| *to > at).map(|(from, _)| from.max(at))
    }

    /// When it closes that is open at a moment.
    pub fn closes_after(&self, at: DateTime<Utc>) -> Option<DateTime<Utc>> {
        self.open_day(self.day(at))?.spans.into_iter().find(|(from, to)| *from <= at && at <= *to).map(|(_, to)| to)
    }

    /// True while it is open.
    pub fn is_open(&self, at: DateTime<Utc>) -> bool {
        self.closes_after(at).is_some_and(|closes| at < closes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(text: &str) -> DateTime<Utc> {
        DateTime::parse_from_rfc3339(text).unwrap().with_timezone(&Utc)
    }

    fn hours(opens: u32, closes: u32, cut_off: u32) -> Option<Hours> {
        let time = |h| NaiveTime::from_hms_opt(h, 0, 0).unwrap();
        Some(Hours { opens: time(opens), closes: time(closes), cut_off: time(cut_off) })
    }

    /// Monday to Friday, nine to six, cut-off at two.
    fn office(zone: Tz) -> Calendar {
        let day = hours(9, 18, 14);
        Calendar { zone, weeks: vec![Week { from: DateTime::UNIX_EPOCH, days: [day, day, day, day, day, None, None] }], ..Calendar::default() }
    }

    #[test]
    fn work_goes_on_where_it_stopped() {
        let london = office(Tz::Europe__London);
        // A Thursday in December.
        assert_eq!(london.work_from(at("2026-12-03T16:30:00Z"), 120), Some(at("2026-12-04T09:30:00Z")));
        assert_eq!(london.work_from(at("2026-12-04T17:00:00Z"), 120), Some(at("2026-12-07T10:00:00Z")), "over the weekend");
        assert_eq!(london.work_from(at("2026-12-05T12:00:00Z"), 0), Some(at("2026-12-07T09:00:00Z")), "nothing is done while it is closed");
        assert_eq!(london.work_until(at("2026-12-07T10:00:00Z"), 120), Some(at("2026-12-04T17:00:00Z")));
        assert_eq!(Calendar::default().work_from(at("2026-12-03T16:30:00Z"), 1), None);
    }

    #[test]
    fn a_parcel_waits_for_the_next_day_after_the_cut_off() {
        let london = office(Tz::Europe__London);
        assert_eq!(london.parcel_begins(at("2026-12-03T14:00:00Z")), Some(at("2026-12-03T14:00:00Z")));
        assert_eq!(london.parcel_begins(at("2026-12-03T14:01:00Z")), Some(at("2026-12-04T09:00:00Z")));
        assert_eq!(london.parcel_begins(at("2026-12-03T03:00:00Z")), Some(at("2026-12-03T09:00:00Z")));
        assert_eq!(london.latest_release(at("2026-12-03T16:00:00Z")), at("2026-12-03T14:00:00Z"));
    }

    #[test]
    fn holidays_and_closures_count() {
        let mut london = office(Tz::Europe__London);
        london.holidays.insert(NaiveDate::from_ymd_opt(2026, 12, 25).unwrap());
        london.closures.push(Closure { from: at("2026-12-24T12:00:00Z"), until: Some(at("2026-12-29T11:00:00Z")) });
        assert_eq!(london.work_from(at("2026-12-24T11:30:00Z"), 60), Some(at("2026-12-29T11:30:00Z")));
        london.closures.push(Closure { from: at("2026-12-29T11:15:00Z"), until: None });
        assert_eq!(london.work_from(at("2026-12-24T11:30:00Z"), 60), None);
    }

    #[test]
    fn clocks_change() {
        // At one on 29 March 2026 they show two.
        let mut night = office(Tz::Europe__London);
        night.weeks[0].days[6] = hours(0, 6, 5);
        assert_eq!(night.work_from(at("2026-03-29T00:00:00Z"), 120), Some(at("2026-03-29T02:00:00Z")), "at three on the clock");
        assert_eq!(
            moment_in(Tz::Europe__London, NaiveDate::from_ymd_opt(2026, 3, 29).unwrap(), NaiveTime::from_hms_opt(1, 30, 0).unwrap()),
            at("2026-03-29T01:30:00Z")
        );
        assert_eq!(
            moment_in(Tz::Europe__London, NaiveDate::from_ymd_opt(2026, 10, 25).unwrap(), NaiveTime::from_hms_opt(1, 30, 0).unwrap()),
            at("2026-10-25T00:30:00Z")
        );
    }

    #[test]
    fn new_hours_begin_on_their_day() {
        let mut london = office(Tz::Europe__London);
        london.weeks.push(Week { from: at("2026-12-07T00:00:00Z"), days: [hours(7, 10, 8); 7] });
        assert_eq!(london.work_from(at("2026-12-04T17:30:00Z"), 60), Some(at("2026-12-07T07:30:00Z")));
    }

    proptest! {
        /// Forward and back again: what begins at the latest is done in time, and what begins later is not.
        #[test]
        fn the_latest_start_is_the_latest(zone in prop::sample::select(vec![Tz::Europe__London, Tz::America__New_York, Tz::Australia__Sydney]),
            minutes in 0i32..2_000, seconds in 0i64..63_072_000) {
            let calendar = office(zone);
            let end = at("2027-01-01T00:00:00Z") + TimeDelta::seconds(seconds);
            let start = calendar.work_until(end, minutes).unwrap();
            prop_assert!(calendar.work_from(start, minutes).unwrap() <= end);
            let late = start + TimeDelta::minutes(1);
            if calendar.is_open(start) && minutes > 0 {
                prop_assert!(calendar.work_from(late, minutes).unwrap() > end.min(start + TimeDelta::minutes(minutes.into())));
            }
        }
    }
}
