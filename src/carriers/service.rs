//! Carrier services: when parcels are collected, how many days they take, and when they are delivered.

use super::{Delivery, Destination};
use crate::clock::moment_in;
use chrono::{DateTime, Datelike as _, NaiveDate, NaiveTime, Utc};
use serde::{Deserialize, Serialize};

/// Some days of the week. In JSON a list of ISO 8601 numbers, Monday being 1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Vec<u8>", into = "Vec<u8>")]
pub struct Weekdays(u8);

impl Weekdays {
    /// Monday to the day so numbered.
    pub const fn monday_to(last: u8) -> Self {
        Self(((1u16 << last) - 1) as u8)
    }

    pub fn has(self, day: NaiveDate) -> bool {
        self.0 & 1 << day.weekday().num_days_from_monday() != 0
    }

    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }
}

impl TryFrom<Vec<u8>> for Weekdays {
    type Error = &'static str;

    fn try_from(numbers: Vec<u8>) -> Result<Self, &'static str> {
        let bit = |n: &u8| if (1..=7).contains(n) { Ok(1u8 << (n - 1)) } else { Err("weekdays are numbered from 1, Monday, to 7, Sunday") };
        numbers.iter().map(bit).try_fold(0, |days, bit| Ok(days | bit?)).map(Self)
    }
}

impl From<Weekdays> for Vec<u8> {
    fn from(days: Weekdays) -> Self {
        (1..=7).filter(|n| days.0 & 1 << (n - 1) != 0).collect()
    }
}

impl std::fmt::Display for Weekdays {
    /// As people write it: `Mon to Fri, Sun`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        const SHORT: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
        let mut runs: Vec<(usize, usize)> = Vec::new();
        for day in Vec::<u8>::from(*self).into_iter().map(|n| usize::from(n) - 1) {
            match runs.last_mut() {
                Some((_, last)) if *last + 1 == day => *last = day,
                _ => runs.push((day, day)),
            }
        }
        let run = |(first, last): &(usize, usize)| match last - first {
            0 => SHORT[*first].to_owned(),
            1 => format!("{}, {}", SHORT[*first], SHORT[*last]),
            _ => format!("{} to {}", SHORT[*first], SHORT[*last]),
        };
        let words: Vec<String> = runs.iter().map(run).collect();
        f.write_str(if words.is_empty() { "never".to_owned() } else { words.join(", ") }.as_str())
    }
}

/// What a carrier offers: `Next day`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Service {
    pub carrier: String,
    pub name: String,
    /// Code of the zone map that `transit` goes by.
    pub zone_map: String,
    /// Zones that it does not name, it does not go to.
    pub transit: Vec<Transit>,
    pub collections: Vec<Collection>,
    /// Days on which parcels move and are delivered.
    pub delivers: Weekdays,
    /// The window in which they are delivered, the destination's own time.
    pub delivers_from: NaiveTime,
    pub delivers_until: NaiveTime,
    /// It collects and delivers on public holidays, too.
    pub works_on_holidays: bool,
    /// Days that customers are promised on top of what it takes, 0 to 30.
    pub padding_days: i32,
    /// Code of the rate card that says what it costs us; empty where that is not known.
    pub rate_card: String,
    /// The heaviest thing that it takes.
    pub max_grams: Option<i32>,
    /// The longest thing that it takes.
    pub max_mm: Option<i32>,
}

/// How long it takes to a zone.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Transit {
    pub zone: String,
    /// Days on which parcels move, the one on which it is collected not counted; 0 is the same day.
    pub days: i32,
}

/// When parcels are collected.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Collection {
    /// Code of a location, whose times these are in place of the general ones; empty is every location that has none of its own.
    pub location: String,
    pub weekdays: Weekdays,
    /// The location's own time.
    pub at: NaiveTime,
}

/// Nobody waits longer for a day on which parcels are delivered.
const LONGEST_DAYS: usize = 120;

impl Service {
    /// When it collects at a location.
    pub fn collections_at<'a>(&'a self, location: &'a str) -> impl Iterator<Item = &'a Collection> {
        let own = self.collections.iter().any(|c| c.location == location);
        let wanted = if own { location } else { "" };
        self.collections.iter().filter(move |c| c.location == wanted)
    }

    /// Days it takes to a zone; none where it does not go there.
    pub fn transit_days(&self, zone: &str) -> Option<i32> {
        self.transit.iter().find(|t| t.zone == zone).map(|t| t.days)
    }

    /// True where parcels are delivered on a day in a country.
    pub fn delivers_on(&self, day: NaiveDate, country: &str, delivery: &Delivery) -> bool {
        self.delivers.has(day) && (self.works_on_holidays || !delivery.is_holiday(country, day))
    }

    /// The day on which what is collected at a moment arrives, by the destination's calendar and clocks. Days are counted from the date that it is
    /// there at the moment of collection.
    pub fn arrives_on(&self, collected: DateTime<Utc>, to: &Destination<'_>, days: i32, delivery: &Delivery) -> Option<NaiveDate> {
        let zone = to.time_zone();
        let first = collected.with_timezone(&zone).date_naive();
        let mut left = days;
        if left <= 0 {
            if self.delivers_on(first, to.country, delivery) && collected <= moment_in(zone, first, self.delivers_until) {
                return Some(first);
            }
            left = 1;
        }
        let mut moving = first.iter_days().skip(1).take(LONGEST_DAYS).filter(|day| self.delivers_on(*day, to.country, delivery));
        moving.nth(usize::try_from(left - 1).ok()?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geo::locate;

    fn at(text: &str) -> DateTime<Utc> {
        DateTime::parse_from_rfc3339(text).unwrap().with_timezone(&Utc)
    }

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn service() -> Service {
        let time = |h| NaiveTime::from_hms_opt(h, 0, 0).unwrap();
        Service { delivers: Weekdays::monday_to(5), delivers_from: time(8), delivers_until: time(18), ..Service::default() }
    }

    fn arrives(service: &Service, collected: &str, country: &str, days: i32, delivery: &Delivery) -> Option<NaiveDate> {
        let to = Destination { country, postcode: "", point: locate(country, "").unwrap() };
        service.arrives_on(at(collected), &to, days, delivery)
    }

    #[test]
    fn days_are_those_on_which_parcels_move() {
        let none = Delivery::default();
        let arrives = |collected, country, days| arrives(&service(), collected, country, days, &none);
        assert_eq!(arrives("2026-12-03T17:00:00Z", "GB", 1), Some(day("2026-12-04")));
        assert_eq!(arrives("2026-12-04T17:00:00Z", "GB", 1), Some(day("2026-12-07")), "Friday to Monday");
        assert_eq!(arrives("2026-12-04T12:00:00Z", "GB", 0), Some(day("2026-12-04")), "the same day");
        assert_eq!(arrives("2026-12-04T19:00:00Z", "GB", 0), Some(day("2026-12-07")), "too late for the same day");
        assert_eq!(arrives("2028-02-28T12:00:00Z", "GB", 1), Some(day("2028-02-29")), "a leap day is a day");
    }

    #[test]
    fn holidays_of_the_destination_count() {
        let mut delivery = Delivery::default();
        delivery.holidays.insert("GB".into(), [day("2026-12-25"), day("2026-12-28")].into());
        assert_eq!(arrives(&service(), "2026-12-24T12:00:00Z", "GB", 1, &delivery), Some(day("2026-12-29")));
        assert_eq!(arrives(&service(), "2026-12-24T12:00:00Z", "ES", 1, &delivery), Some(day("2026-12-25")));
        let never_rests = Service { works_on_holidays: true, ..service() };
        assert_eq!(arrives(&never_rests, "2026-12-24T12:00:00Z", "GB", 1, &delivery), Some(day("2026-12-25")));
    }

    #[test]
    fn it_is_tomorrow_already_in_sydney() {
        let none = Delivery::default();
        // Five in the afternoon of a Monday in London is four in the morning of Tuesday in Sydney.
        assert_eq!(arrives(&service(), "2026-12-07T17:00:00Z", "AU", 1, &none), Some(day("2026-12-09")));
        assert_eq!(arrives(&service(), "2026-12-07T17:00:00Z", "US", 1, &none), Some(day("2026-12-08")));
    }

    #[test]
    fn weekdays_are_written_as_people_do() {
        assert_eq!(Weekdays::monday_to(5).to_string(), "Mon to Fri");
        assert_eq!(Weekdays::try_from(vec![1, 2, 6]).unwrap().to_string(), "Mon, Tue, Sat");
        assert_eq!(Weekdays::default().to_string(), "never");
        assert_eq!(Vec::<u8>::from(Weekdays::monday_to(7)), [1, 2, 3, 4, 5, 6, 7]);
        assert!(Weekdays::try_from(vec![8]).is_err());
    }

    #[test]
    fn a_location_may_have_times_of_its_own() {
        let time = |h| NaiveTime::from_hms_opt(h, 0, 0).unwrap();
        let times = |location: &str, h| Collection { location: location.into(), weekdays: Weekdays::monday_to(5), at: time(h) };
        let service = Service { collections: vec![times("", 17), times("WH-1", 12), times("WH-1", 20)], ..service() };
        let hours = |location: &str| service.collections_at(location).map(|c| c.at).collect::<Vec<_>>();
        assert_eq!(hours("ST-1"), [time(17)]);
        assert_eq!(hours("WH-1"), [time(12), time(20)]);
    }
}
