//! One parcel or one pickup on its way through time.

use crate::carriers::{Delivery, Destination, Service, ZonePlace, zone_among};
use crate::clock::moment_in;
use crate::fulfilment::Milestones;
use crate::inventory::Location;
use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

/// How a parcel comes, or an order to be collected is made ready: every moment of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Schedule {
    /// Code of the carrier service; none where the customer collects.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub zone: Option<String>,
    pub released_at: DateTime<Utc>,
    /// Handled.
    pub ready_at: DateTime<Utc>,
    /// Collected by the carrier, or ready for the customer.
    pub handed_over_at: DateTime<Utc>,
    #[serde(default)]
    pub transit_days: i32,
    /// Days that are promised on top.
    #[serde(default)]
    pub padding_days: i32,
    /// The day it is promised for, where it arrives.
    pub day: NaiveDate,
    /// The window that is promised. Of a pickup: from when on, and until when it can be collected on that day.
    pub from: DateTime<Utc>,
    pub until: DateTime<Utc>,
    /// The end of the window without what is promised on top.
    pub expected_by: DateTime<Utc>,
    /// The latest release that is still promised the same day.
    pub cut_off: DateTime<Utc>,
    /// The slot that the customer chose is over before it is there.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub slot_missed: bool,
}

impl Schedule {
    /// The moment by which it is on time: the end of the window; of a pickup, its beginning.
    pub const fn by(&self) -> DateTime<Utc> {
        if self.service.is_some() { self.until } else { self.from }
    }
}

/// Why a service cannot bring something from somewhere.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CannotSend {
    /// No service goes there.
    NotThere,
    /// It has no collections at the location.
    NotCollected,
    TooHeavy,
    TooLong,
    /// The location is not open long enough as far as is known.
    NotOpen,
}

impl CannotSend {
    /// In words that follow a location's name.
    pub const fn words(&self) -> &'static str {
        match self {
            Self::NotThere => "has no carrier that goes there",
            Self::NotCollected => "has no carrier that collects there",
            Self::TooHeavy => "has no carrier that takes anything so heavy",
            Self::TooLong => "has no carrier that takes anything so long",
            Self::NotOpen => "is not open as far as is known",
        }
    }
}

/// The most cumbersome thing that goes into a parcel.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Piece {
    pub grams: i32,
    /// 0 where it is not known.
    pub longest_mm: i32,
}

/// A service, and how it sees one destination: worked out once for all locations.
#[derive(Clone, Debug)]
pub struct Reach<'a> {
    pub code: &'a str,
    pub service: &'a Service,
    delivery: &'a Delivery,
    to: Destination<'a>,
    places: Vec<&'a ZonePlace>,
    /// The time that the customer chose: what is there by its day is brought then.
    slot: Option<Span>,
}

/// From a moment until another.
pub type Span = (DateTime<Utc>, DateTime<Utc>);

/// The services of some codes that know a destination and take parcels at the moment. Codes that are not known are passed over.
pub fn reaches<'a>(delivery: &'a Delivery, codes: &'a [String], to: Destination<'a>) -> Vec<Reach<'a>> {
    codes.iter().filter(|code| !delivery.stopped.contains_key(*code)).filter_map(|code| reach(delivery, code, to)).collect()
}

/// A service that knows a destination, whether it takes parcels at the moment or not.
pub fn reach<'a>(delivery: &'a Delivery, code: &'a str, to: Destination<'a>) -> Option<Reach<'a>> {
    let service = delivery.services.get(code)?;
    let places = delivery.zone_maps.get(&service.zone_map)?.reaching(&to);
    Some(Reach { code, service, delivery, to, places, slot: None })
}

/// Nobody looks further for a collection of a location that fits.
const MOST_DAYS: usize = 60;

impl<'a> Reach<'a> {
    /// The same for somebody who chose a time, where they did.
    pub fn in_slot(self, slot: Option<Span>) -> Self {
        Self { slot, ..self }
    }

    /// The window of a parcel that arrives on a day of the destination: the service's; that of the slot where it is there by the slot's day.
    fn window(&self, day: NaiveDate) -> (NaiveDate, Span) {
        let zone = self.to.time_zone();
        let of_slot = self.slot.map(|slot| (slot.0.with_timezone(&zone).date_naive(), slot)).filter(|(its_day, _)| day <= *its_day);
        of_slot.unwrap_or_else(|| (day, (moment_in(zone, day, self.service.delivers_from), moment_in(zone, day, self.service.delivers_until))))
    }

    /// The zone of the destination and the days that it takes there; or why it cannot be sent, whatever the calendar.
    pub fn zone(&self, location: &Location, piece: Piece) -> Result<(&'a str, i32), CannotSend> {
        let zone = zone_among(&self.places, &location.country).ok_or(CannotSend::NotThere)?;
        let days = self.service.transit_days(zone).ok_or(CannotSend::NotThere)?;
        if self.service.max_grams.is_some_and(|most| piece.grams > most) {
            return Err(CannotSend::TooHeavy);
        }
        if self.service.max_mm.is_some_and(|most| piece.longest_mm > most) {
            return Err(CannotSend::TooLong);
        }
        if self.service.collections_at(&location.code).next().is_none() {
            return Err(CannotSend::NotCollected);
        }
        Ok((zone, days))
    }

    /// The collections at a location on a day, in order.
    fn collections_on(&self, location: &Location, day: NaiveDate) -> Vec<DateTime<Utc>> {
        let rests = !self.service.works_on_holidays && self.delivery.is_holiday(&location.country, day);
        let times = self.service.collections_at(&location.code).filter(|c| !rests && c.weekdays.has(day));
        let mut moments: Vec<DateTime<Utc>> = times.filter_map(|c| location.calendar.hand_over(day, c.at)).collect();
        moments.sort_unstable();
        moments.dedup();
        moments
    }

    /// The collections at a location from a moment on, in order.
    fn collections(&self, location: &Location, after: DateTime<Utc>) -> impl Iterator<Item = DateTime<Utc>> {
        let days = location.day(after).iter_days().take(MOST_DAYS);
        days.flat_map(move |day| self.collections_on(location, day)).filter(move |at| *at >= after)
    }

    /// How a parcel comes that is released at a moment.
    pub fn schedule(&self, location: &Location, piece: Piece, released_at: DateTime<Utc>) -> Result<Schedule, CannotSend> {
        self.zone(location, piece)?;
        let begins = location.calendar.parcel_begins(released_at).ok_or(CannotSend::NotOpen)?;
        let schedule = self.worked_on(location, piece, begins, location.handling_minutes)?;
        Ok(Schedule { released_at, cut_off: schedule.cut_off.max(released_at), ..schedule })
    }

    /// How a parcel comes that so many minutes of work are left on at a moment, whatever the cut-off: that is the one of a parcel that was not begun yet.
    pub fn worked_on(&self, location: &Location, piece: Piece, at: DateTime<Utc>, minutes: i32) -> Result<Schedule, CannotSend> {
        let (zone, transit_days) = self.zone(location, piece)?;
        let padding_days = self.service.padding_days;
        let arrival = |collected, days| self.service.arrives_on(collected, &self.to, days, self.delivery).ok_or(CannotSend::NotThere);
        let ready_at = location.calendar.work_from(at, minutes).ok_or(CannotSend::NotOpen)?;
        let handed_over_at = self.collections(location, ready_at).next().ok_or(CannotSend::NotOpen)?;
        let day = arrival(handed_over_at, transit_days + padding_days)?;
        let (promised_day, (from, until)) = self.window(day);
        // What is collected later and still promised for the same day sets the cut-off.
        let same_day = |at: &DateTime<Utc>| arrival(*at, transit_days + padding_days) == Ok(day);
        let last = self.collections(location, handed_over_at).take_while(same_day).last().unwrap_or(handed_over_at);
        let latest_begin = location.calendar.work_until(last, location.handling_minutes).unwrap_or(at);
        Ok(Schedule {
            service: Some(self.code.to_owned()),
            zone: Some(zone.to_owned()),
            released_at: at,
            ready_at,
            handed_over_at,
            transit_days,
            padding_days,
            day: promised_day,
            from,
            until,
            expected_by: self.window(arrival(handed_over_at, transit_days)?).1.1,
            cut_off: location.calendar.latest_release(latest_begin),
            slot_missed: self.slot.is_some_and(|slot| until != slot.1),
        })
    }

    /// The latest moments at which the steps of a parcel keep a promise, by what is known of the service, nothing on top; none where it was not to be
    /// kept for as long as anybody looks back.
    pub fn milestones(&self, location: &Location, promised_by: DateTime<Utc>) -> Option<Milestones> {
        let (_, days) = self.zone(location, Piece::default()).ok()?;
        let in_time = |at: &DateTime<Utc>| {
            let arrives = self.service.arrives_on(*at, &self.to, days, self.delivery);
            arrives.is_some_and(|day| self.window(day).1.1 <= promised_by)
        };
        let last = location.day(promised_by);
        let days = (0..MOST_DAYS as u64).filter_map(|n| last.checked_sub_days(Days::new(n)));
        let hand_over_by = days.flat_map(|day| self.collections_on(location, day).into_iter().rev()).find(in_time)?;
        Some(milestones(location, hand_over_by))
    }

    /// When a parcel that is on its way and late may come: the next day on which it could.
    pub fn late_arrival(&self, now: DateTime<Utc>) -> Option<(DateTime<Utc>, DateTime<Utc>)> {
        let day = self.service.arrives_on(now, &self.to, 1, self.delivery)?;
        Some(self.window(day).1)
    }
}

fn milestones(location: &Location, hand_over_by: DateTime<Utc>) -> Milestones {
    let start = |minutes| location.calendar.work_until(hand_over_by, minutes).unwrap_or(hand_over_by);
    Milestones { release_by: start(location.handling_minutes), pick_by: start(location.handling_minutes / 2), pack_by: hand_over_by, hand_over_by }
}

/// Customers are told quarters of an hour.
const QUARTER: i64 = 15 * 60;

/// When an order to be collected at a location is ready there that is released at a moment.
pub fn collect(location: &Location, released_at: DateTime<Utc>) -> Result<Schedule, CannotSend> {
    collect_worked_on(location, released_at, location.handling_minutes)
}

/// The same of one that so many minutes of work are left on.
pub fn collect_worked_on(location: &Location, released_at: DateTime<Utc>, minutes: i32) -> Result<Schedule, CannotSend> {
    let calendar = &location.calendar;
    let ready_at = calendar.work_from(released_at, minutes).ok_or(CannotSend::NotOpen)?;
    let past = ready_at.timestamp().rem_euclid(QUARTER);
    let rounded = if past == 0 && ready_at.timestamp_subsec_nanos() == 0 {
        ready_at
    } else {
        ready_at - TimeDelta::nanoseconds(ready_at.timestamp_subsec_nanos().into()) + TimeDelta::seconds(QUARTER - past)
    };
    // Not after closing time: then from when it opens again.
    let from = calendar.open_from(rounded).ok_or(CannotSend::NotOpen)?;
    Ok(Schedule {
        service: None,
        zone: None,
        released_at,
        ready_at,
        handed_over_at: from,
        transit_days: 0,
        padding_days: 0,
        day: calendar.day(from),
        from,
        until: calendar.closes_after(from).unwrap_or(from),
        expected_by: ready_at,
        cut_off: last_of_the_day(location, from).max(released_at),
        slot_missed: false,
    })
}

/// The latest release that is ready on the same day as `from`.
fn last_of_the_day(location: &Location, from: DateTime<Utc>) -> DateTime<Utc> {
    let closes = location.calendar.closes_after(from).unwrap_or(from);
    // A quarter before closing time is the last that is promised.
    let last = (closes - TimeDelta::seconds(QUARTER)).max(from);
    location.calendar.work_until(last, location.handling_minutes).unwrap_or(from)
}

/// The latest moments at which the steps of an order to be collected keep its promise.
pub fn collect_milestones(location: &Location, promised_from: DateTime<Utc>) -> Milestones {
    milestones(location, promised_from)
}

#[cfg(test)]
mod tests;
