//! The network as one order sees it: what every rule asks of a location is worked out once, before the first of them.

use super::{PlanOrder, Removal};
use crate::fulfilment::Method;
use crate::geo::Bearing;
use crate::ids::{LocationId, SkuId};
use crate::inventory::{Allowed, Location, Snapshot, StockLevel};
use crate::promising::CannotSend;
use crate::routing::sending::Sending;
use chrono::{DateTime, Utc};
use std::cell::OnceCell;

/// So few places are asked one by one; a store that the customer collects in is one.
const FEW: usize = 8;

/// See the module.
#[derive(Debug)]
pub(in crate::routing) struct Seen<'a> {
    /// The SKUs that it is about, each once.
    pub skus: Vec<SkuId>,
    /// In the network's order.
    pub places: Vec<Place<'a>>,
    /// What each place could give of each SKU, place by place in one piece of memory.
    free: Vec<i32>,
}

/// A location with what does not depend on any rule.
#[derive(Debug)]
pub(in crate::routing) struct Place<'a> {
    pub location: &'a Location,
    pub distance_km: f64,
    /// Why it cannot serve an order of this kind, whatever the rules say.
    pub out: Option<Removal>,
    /// When the fastest service would have it there; worked out when it is first asked for.
    earliest: OnceCell<Result<DateTime<Utc>, CannotSend>>,
}

impl<'a> Seen<'a> {
    /// With all SKUs of the order.
    pub fn of(order: &PlanOrder, snapshot: &Snapshot<'a>, sending: Option<&Sending<'_>>) -> Self {
        Self::with(order, order.lines.iter().map(|line| line.sku).collect(), snapshot, sending)
    }

    /// With some SKUs only.
    pub fn with(order: &PlanOrder, mut skus: Vec<SkuId>, snapshot: &Snapshot<'a>, sending: Option<&Sending<'_>>) -> Self {
        let network = snapshot.network;
        skus.sort_unstable();
        skus.dedup();
        let destination = order.destination.bearing();
        let look_at = |(location, bearing): (&'a Location, Bearing)| Place {
            location,
            distance_km: bearing.distance_km(destination),
            out: out_of_the_question(order, sending, location),
            earliest: OnceCell::new(),
        };
        let places: Vec<Place<'a>> = network.locations.iter().zip(network.bearings()).map(look_at).collect();
        let mut free = vec![0; places.len() * skus.len()];
        let able: Vec<usize> = (0..places.len()).filter(|at| places[*at].out.is_none()).collect();
        for (column, sku) in skus.iter().enumerate() {
            let availability = snapshot.availability(order.buyer(), *sku);
            let mut note = |at: usize, location: LocationId, level: StockLevel| {
                if level.on_hand > level.reserved && may_leave(order, availability.allowed(location)) && order.may_ask(location, *sku, snapshot.at) {
                    free[at * skus.len() + column] = availability.at(location, level);
                }
            };
            if able.len() <= FEW {
                for at in &able {
                    let location = places[*at].location.id;
                    note(*at, location, snapshot.stock.levels.get(*sku, location));
                }
                continue;
            }
            // Where nothing stands, nothing is available: only what stands somewhere is asked about.
            let mut walk = network.walk();
            for (location, level) in snapshot.stock.levels.of(*sku) {
                if let Some(at) = walk.position(*location).filter(|at| places[*at].out.is_none()) {
                    note(at, *location, *level);
                }
            }
        }
        Self { skus, places, free }
    }

    /// What an order, which may be a part of the one that this was made for, wants of each SKU over all its lines.
    pub fn wanted_by(&self, order: &PlanOrder) -> Vec<i32> {
        let mut wanted = vec![0i32; self.skus.len()];
        for line in &order.lines {
            if let Some(column) = self.column(line.sku) {
                wanted[column] = wanted[column].saturating_add(line.quantity);
            }
        }
        wanted
    }

    /// What the place at a position could give of each SKU.
    pub fn row(&self, place: usize) -> &[i32] {
        &self.free[place * self.skus.len()..(place + 1) * self.skus.len()]
    }

    /// When the fastest of an order's services would have it there from a place; or why none can.
    pub fn earliest(&self, place: usize, sending: Option<&Sending<'a>>) -> Result<DateTime<Utc>, CannotSend> {
        let place = &self.places[place];
        let sending = sending.ok_or(CannotSend::NotThere)?;
        place.earliest.get_or_init(|| sending.earliest(place.location)).clone()
    }

    pub fn column(&self, sku: SkuId) -> Option<usize> {
        self.skus.binary_search(&sku).ok()
    }

    /// Units of a SKU that are there for the order, wherever, before any rule is asked.
    pub fn present(&self, sku: SkuId) -> i64 {
        let Some(column) = self.column(sku) else { return 0 };
        let able = self.places.iter().enumerate().filter(|(_, place)| place.out.is_none());
        able.map(|(at, _)| i64::from(self.row(at)[column])).sum()
    }
}

fn out_of_the_question(order: &PlanOrder, sending: Option<&Sending<'_>>, location: &Location) -> Option<Removal> {
    if order.excluded.contains(&location.id) {
        return Some(Removal::TurnedItDown);
    }
    if order.taken_by.is_some_and(|taker| taker != location.id) {
        return Some(Removal::TakenByAnother);
    }
    match (&location.closed, order.method) {
        (Some(reason), _) => Some(Removal::Closed(reason.clone())),
        (None, Method::Ship) if !location.ships => Some(Removal::DoesNotShip),
        (None, Method::Pickup) if order.pickup_location != Some(location.id) || !location.offers_pickup => Some(Removal::NotTheChosenStore),
        (None, Method::Ship) => sending.and_then(|sending| sending.reaches(location).err()).map(Removal::CannotSend),
        (None, Method::Pickup) => None,
    }
}

/// True where a SKU may leave a location in the way the order wants.
pub(super) fn is_allowed(order: &PlanOrder, snapshot: &Snapshot<'_>, sku: SkuId, location: LocationId) -> bool {
    may_leave(order, snapshot.network.allowed(sku, location))
}

fn may_leave(order: &PlanOrder, allowed: Allowed) -> bool {
    match order.method {
        Method::Ship => allowed.ship,
        Method::Pickup => allowed.pickup,
    }
}
