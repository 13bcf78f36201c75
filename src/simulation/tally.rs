//! What decisions about an order come to.

use super::views::{Outcome, Totals};
use crate::fulfilment::Method;
use crate::ids::LocationId;
use crate::inventory::{Network, Snapshot};
use crate::routing::{Plan, PlanOrder, parcel_of, promise};
use chrono::{DateTime, Utc};

/// The parcels of an order, and what nobody has.
#[derive(Clone, Debug, Default)]
pub(super) struct Tally {
    pub parcels: Vec<Sent>,
    pub units_short: i32,
    pub lines_short: u32,
    /// When the last of what is yet to come is promised.
    promised: Option<DateTime<Utc>>,
    /// When the last of it was first said to be there.
    pub first_told: Option<DateTime<Utc>>,
}

/// One parcel, or what is collected at a store.
#[derive(Clone, Debug)]
pub(super) struct Sent {
    pub location: LocationId,
    pub at: DateTime<Utc>,
    pub units: i32,
    pub has_left: bool,
    /// None where it is not known.
    carriage_minor: Option<i64>,
    handling_minor: i64,
    metres: i64,
    gram_km: i64,
    there_by: Option<DateTime<Utc>>,
}

impl Tally {
    /// Adds a decision: what waited before it is decided about anew.
    pub fn add(&mut self, order: &PlanOrder, plan: &Plan, snapshot: &Snapshot<'_>) {
        let promise = promise(order, plan, snapshot);
        let mut places: Vec<LocationId> = Vec::new();
        for assignment in &plan.assignments {
            if !places.contains(&assignment.location) {
                places.push(assignment.location);
            }
        }
        for location in places {
            let Some(place) = snapshot.network.location(location) else { continue };
            let lines: Vec<(i32, i32)> = plan.assignments.iter().filter(|a| a.location == location).map(|a| (a.line_no, a.quantity)).collect();
            let units: i32 = lines.iter().map(|(_, units)| units).sum();
            let promised = promise.at(location);
            let store = order.brought_to(location).and_then(|store| snapshot.network.location(store));
            let to = store.map(|store| store.point).or_else(|| (order.method == Method::Ship).then_some(order.destination));
            let km = to.map_or(0.0, |to| place.point.distance_km(to));
            self.parcels.push(Sent {
                location,
                at: snapshot.at,
                units,
                has_left: false,
                // Nobody brings what is collected where it was.
                carriage_minor: if to.is_some() { promised.and_then(|p| p.cost_minor) } else { Some(0) },
                handling_minor: place.handling_cost(units.into()),
                metres: (km * 1_000.0).round() as i64,
                gram_km: (km * parcel_of(order, &lines).grams as f64).round() as i64,
                there_by: promised.map(|p| p.schedule.by()),
            });
        }
        let to_come = promise.parcels.iter().filter(|parcel| parcel.expected_at.is_some());
        self.promised = to_come.map(|parcel| parcel.schedule.by()).max();
        let short = plan.waiting.iter().filter(|w| w.location.is_none());
        self.units_short = short.clone().map(|w| w.quantity).sum();
        self.lines_short = u32::try_from(short.count()).unwrap_or(u32::MAX);
        self.first_told = self.first_told.or_else(|| self.there_by());
    }

    /// A location will not send so many units that it was given: the parcels that are not sent.
    pub fn turned_down(&mut self, location: LocationId, units: i32) -> Vec<Sent> {
        let is_it = |parcel: &Sent| !parcel.has_left && parcel.location == location;
        // It turned one parcel down where it has one of just these units, else whatever it has.
        if let Some(at) = self.parcels.iter().rposition(|parcel| is_it(parcel) && parcel.units == units) {
            return vec![self.parcels.remove(at)];
        }
        self.parcels.extract_if(.., |parcel| is_it(parcel)).collect()
    }

    /// A location has so many units fewer for it than it was given.
    pub fn lose(&mut self, location: LocationId, units: i32) {
        let mut missing = units;
        for parcel in self.parcels.iter_mut().rev().filter(|parcel| !parcel.has_left && parcel.location == location) {
            let lost = parcel.units.min(missing);
            parcel.units -= lost;
            missing -= lost;
        }
        self.parcels.retain(|parcel| parcel.units > 0);
    }

    /// Nothing more is sent: the parcels that are not.
    pub fn call_off(&mut self) -> Vec<Sent> {
        (self.units_short, self.lines_short, self.promised) = (0, 0, None);
        self.parcels.extract_if(.., |parcel| !parcel.has_left).collect()
    }

    /// When the last of it is there; none where that is not known.
    fn there_by(&self) -> Option<DateTime<Utc>> {
        let dates: Option<Vec<_>> = self.parcels.iter().map(|parcel| parcel.there_by).collect();
        dates?.into_iter().chain(self.promised).max()
    }

    /// Adds the order to a total. `placed_at` is its placing, `told` when it was first said to be there.
    pub fn count(&self, totals: &mut Totals, placed_at: DateTime<Utc>, told: Option<DateTime<Utc>>) {
        totals.orders += 1;
        totals.split += u32::from(self.parcels.len() > 1);
        totals.short += u32::from(self.units_short > 0);
        totals.units_short += i64::from(self.units_short);
        totals.lines_short += self.lines_short;
        for parcel in &self.parcels {
            totals.parcels += 1;
            totals.units += i64::from(parcel.units);
            totals.carriage_minor += parcel.carriage_minor.unwrap_or(0);
            totals.carriage_unknown += u32::from(parcel.carriage_minor.is_none());
            totals.handling_minor += parcel.handling_minor;
            totals.metres += parcel.metres;
            totals.gram_km += parcel.gram_km;
        }
        if let Some(there) = self.there_by().filter(|_| self.units_short == 0) {
            totals.dated += 1;
            totals.minutes += (there - placed_at).num_minutes();
            totals.in_time += u32::from(told.is_none_or(|told| there <= told));
        }
    }

    pub fn outcome(&self, network: &Network) -> Outcome {
        let name = |id| network.location(id).map_or_else(|| "a location that is gone".to_owned(), |place| place.name.clone());
        Outcome {
            places: self.parcels.iter().map(|parcel| (name(parcel.location), parcel.units)).collect(),
            units_short: self.units_short,
            cost_minor: self.parcels.iter().map(|parcel| parcel.carriage_minor.unwrap_or(0) + parcel.handling_minor).sum(),
            there_by: self.there_by(),
        }
    }

    /// Where it comes from: (location, units), the same for the same.
    pub fn places(&self) -> Vec<(LocationId, i32)> {
        let mut places: Vec<(LocationId, i32)> = Vec::new();
        for parcel in &self.parcels {
            match places.iter_mut().find(|(location, _)| *location == parcel.location) {
                Some((_, units)) => *units += parcel.units,
                None => places.push((parcel.location, parcel.units)),
            }
        }
        places.sort_unstable();
        places
    }
}
