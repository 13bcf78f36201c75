//! Times that customers choose: windows of delivery and of collection, each with room for so many.

use super::{Delivery, Destination, Weekdays};
use crate::clock::moment_in;
use chrono::{DateTime, Days, NaiveTime, TimeDelta, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

text_enum! {
    /// What is done in a slot.
    pub enum SlotUse {
        /// It is brought then, by the ways of delivery that name the plan.
        Delivery = "delivery",
        /// It is collected then, at the plan's location.
        Pickup = "pickup",
        /// A service is done then, at the customer's, by people with the plan's skill.
        Appointment = "appointment",
    }
}

impl SlotUse {
    /// For people.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Delivery => "Delivery slots",
            Self::Pickup => "Pickup windows",
            Self::Appointment => "Appointments",
        }
    }
}

/// Slots of a region or a store, week after week.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SlotPlan {
    pub name: String,
    pub serves: SlotUse,
    /// Code of the location that does it, whose clocks count.
    pub location: String,
    /// Code of the zone map of `zones`; empty where it serves everywhere.
    pub zone_map: String,
    /// The region; empty is all of the map.
    pub zones: Vec<String>,
    pub windows: Vec<SlotWindow>,
    /// It is booked so many hours before it begins at the latest, 0 to 720.
    pub lead_hours: i32,
    /// It is booked so many days ahead at most, 1 to 90.
    pub horizon_days: i32,
    /// An appointment's: what those who come can do, as SKUs name it.
    pub skill: String,
    /// An appointment's: those who come bring the order's parcels, too; else they come once these are there.
    pub brings_goods: bool,
}

impl Default for SlotPlan {
    fn default() -> Self {
        Self {
            name: String::new(),
            serves: SlotUse::Delivery,
            location: String::new(),
            zone_map: String::new(),
            zones: Vec::new(),
            windows: Vec::new(),
            lead_hours: 24,
            horizon_days: 14,
            skill: String::new(),
            brings_goods: false,
        }
    }
}

/// A window of some weekdays.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SlotWindow {
    pub weekdays: Weekdays,
    pub from: NaiveTime,
    /// Later than `from`, on the same day.
    pub until: NaiveTime,
    /// So many fit in.
    pub capacity: i32,
}

/// One window of one day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Slot {
    pub starts_at: DateTime<Utc>,
    pub ends_at: DateTime<Utc>,
    pub capacity: i32,
}

impl SlotPlan {
    /// The slots that can be booked at a moment, in order. `country` is where they are: its public holidays have none.
    pub fn slots(&self, clock: Tz, country: &str, delivery: &Delivery, now: DateTime<Utc>) -> Vec<Slot> {
        let first = now.with_timezone(&clock).date_naive();
        let earliest = now + TimeDelta::hours(self.lead_hours.into());
        let mut slots: Vec<Slot> = (0..=u64::try_from(self.horizon_days).unwrap_or(0))
            .filter_map(|n| first.checked_add_days(Days::new(n)))
            .filter(|day| !delivery.is_holiday(country, *day))
            .flat_map(|day| {
                let windows = self.windows.iter().filter(move |w| w.weekdays.has(day));
                windows.map(move |w| Slot { starts_at: moment_in(clock, day, w.from), ends_at: moment_in(clock, day, w.until), capacity: w.capacity })
            })
            .filter(|slot| slot.starts_at >= earliest)
            .collect();
        slots.sort_unstable();
        slots.dedup_by_key(|slot| slot.starts_at);
        slots
    }

    /// True where it serves a destination, seen from the country of its location.
    pub fn reaches(&self, delivery: &Delivery, from: &str, to: &Destination<'_>) -> bool {
        if self.zone_map.is_empty() {
            return true;
        }
        let zone = delivery.zone_maps.get(&self.zone_map).and_then(|map| map.zone(from, to));
        zone.is_some_and(|zone| self.zones.is_empty() || self.zones.iter().any(|z| z == zone))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geo::locate;

    fn at(text: &str) -> DateTime<Utc> {
        DateTime::parse_from_rfc3339(text).unwrap().with_timezone(&Utc)
    }

    fn plan() -> SlotPlan {
        let time = |h| NaiveTime::from_hms_opt(h, 0, 0).unwrap();
        let window = |from, until, capacity| SlotWindow { weekdays: Weekdays::monday_to(5), from: time(from), until: time(until), capacity };
        SlotPlan { windows: vec![window(13, 17, 2), window(8, 12, 3)], horizon_days: 4, ..SlotPlan::default() }
    }

    #[test]
    fn slots_are_those_of_the_days_to_come() {
        let mut delivery = Delivery::default();
        // A Thursday, ten in London: Friday is too soon before ten, and the weekend has none.
        let starts = |delivery: &Delivery| -> Vec<DateTime<Utc>> {
            plan().slots(Tz::Europe__London, "GB", delivery, at("2027-06-10T09:00:00Z")).iter().map(|s| s.starts_at).collect()
        };
        assert_eq!(starts(&delivery), [at("2027-06-11T12:00:00Z"), at("2027-06-14T07:00:00Z"), at("2027-06-14T12:00:00Z")]);
        delivery.holidays.insert("GB".into(), ["2027-06-14".parse().unwrap()].into());
        assert_eq!(starts(&delivery), [at("2027-06-11T12:00:00Z")]);
    }

    #[test]
    fn a_region_is_some_zones_of_a_map() {
        let place = |zone: &str, postcode: &str| crate::carriers::ZonePlace {
            zone: zone.into(),
            to: "GB".into(),
            postcode: postcode.into(),
            ..Default::default()
        };
        let mut delivery = Delivery::default();
        let map = crate::carriers::ZoneMap { name: "All".into(), places: vec![place("leeds", "LS"), place("rest", "")] };
        delivery.zone_maps.insert("all".into(), map);
        let local = SlotPlan { zone_map: "all".into(), zones: vec!["leeds".into()], ..plan() };
        let reaches = |plan: &SlotPlan, postcode: &str| {
            plan.reaches(&delivery, "GB", &Destination { country: "GB", postcode, point: locate("GB", postcode).unwrap() })
        };
        assert!(reaches(&local, "LS1 4AP") && !reaches(&local, "M1 1AE") && reaches(&plan(), "M1 1AE"));
    }
}
