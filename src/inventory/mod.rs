//! Places and units: the network of locations, what stands where, what is reserved for whom, and every movement.
//!
//! **no-oversell**: `0 <= reserved <= on_hand` for every SKU at every location; safety stock is never promised.
//! **stock-ledger**: `on_hand` is the sum of the movements, `reserved` the sum of the open reservations. This area alone writes them.

use self::backorders::{LaterKind, LaterTerms};
use self::calendar::Calendar;
use self::levels::Levels;
use self::rules::{Keeping, StockRules};
use crate::carriers::Delivery;
use crate::catalog::KitPart;
use crate::geo::{Bearing, GeoPoint};
use crate::ids::{LocationId, SkuId};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::OnceLock;

text_enum! {
    /// What a location is.
    pub enum LocationKind {
        Warehouse = "warehouse",
        Store = "store",
        /// Ships for us from its own stock (drop-ship).
        Vendor = "vendor",
        ThirdParty = "third_party",
    }
}

impl LocationKind {
    pub const fn label(self) -> &'static str {
        match self {
            Self::Warehouse => "Warehouse",
            Self::Store => "Store",
            Self::Vendor => "Vendor",
            Self::ThirdParty => "Third party",
        }
    }
}

text_enum! {
    /// Why units came or went.
    pub enum MovementReason {
        Opening = "opening",
        Receipt = "receipt",
        Shipment = "shipment",
        Collection = "collection",
        Return = "return",
        Adjustment = "adjustment",
        Damage = "damage",
        Transfer = "transfer",
        Count = "count",
        /// Set aside, or fit to be sold again.
        Condition = "condition",
        /// Thrown away, sent back, lost: units that could not be sold are gone.
        WriteOff = "write_off",
        /// Another system has said how many there are.
        Reading = "reading",
    }
}

text_enum! {
    /// Whether units can be sold.
    pub enum Condition {
        Sellable = "sellable",
        /// Set aside until somebody has looked at them.
        Quarantined = "quarantined",
        Damaged = "damaged",
    }
}

impl Condition {
    /// For people.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Sellable => "Sellable",
            Self::Quarantined => "Quarantined",
            Self::Damaged => "Damaged",
        }
    }

    /// As the ledger says it: nothing where they can be sold.
    #[cfg(feature = "postgres")]
    const fn in_ledger(self) -> Option<&'static str> {
        match self {
            Self::Sellable => None,
            other => Some(other.as_str()),
        }
    }
}

impl MovementReason {
    /// For people.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Opening => "Opening stock",
            Self::Receipt => "Received",
            Self::Shipment => "Sent",
            Self::Collection => "Collected",
            Self::Return => "Came back",
            Self::Adjustment => "Adjusted",
            Self::Damage => "Damaged",
            Self::Transfer => "Moved",
            Self::Count => "Counted",
            Self::Condition => "Set aside or back",
            Self::WriteOff => "Written off",
            Self::Reading => "Reported",
        }
    }
}

text_enum! {
    /// How a reservation ended.
    pub enum ReservationOutcome {
        /// The units left the building.
        Consumed = "consumed",
        Released = "released",
        Moved = "moved",
        Expired = "expired",
    }
}

/// A location as it was at one moment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Location {
    pub id: LocationId,
    pub code: String,
    pub name: String,
    pub kind: LocationKind,
    pub city: String,
    pub postcode: String,
    pub country: String,
    pub point: GeoPoint,
    /// When it works, and by which clocks.
    pub calendar: Calendar,
    pub ships: bool,
    pub offers_pickup: bool,
    /// Lower is preferred.
    pub priority: i32,
    pub handling_minutes: i32,
    /// Orders a day; none is no limit.
    pub daily_order_capacity: Option<i32>,
    /// Closed right now, and why.
    pub closed: Option<String>,
    /// The names of the groups that it is in.
    pub groups: Vec<String>,
    pub tags: Vec<String>,
    /// Licences, insurances and whatever else rules ask about, each as `name=value`.
    pub attributes: Vec<String>,
    /// What packing a parcel costs, and each unit in it, minor units.
    pub handling_order_minor: i64,
    pub handling_unit_minor: i64,
    /// How it has been doing; none where nobody has measured it.
    pub measured: Option<Measured>,
}

/// How a location has been doing, as it was last measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Measured {
    /// Of the work that it was given in four weeks, in thousandths, what it turned down.
    pub refused_permille: i32,
    /// Fulfilment orders that it was given in a week.
    pub work_week: i32,
}

impl Location {
    /// What packing a parcel with so many units costs, minor units.
    pub fn handling_cost(&self, units: i64) -> i64 {
        self.handling_order_minor.saturating_add(self.handling_unit_minor.saturating_mul(units))
    }

    /// The day it is at the location.
    pub fn day(&self, at: DateTime<Utc>) -> chrono::NaiveDate {
        self.calendar.day(at)
    }
}

/// Whether a SKU may ship from, or be collected at, a location.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Allowed {
    pub ship: bool,
    pub pickup: bool,
}

/// Who asks what can be had. Nobody in particular has no channel and no group.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Buyer<'a> {
    pub channel: Option<&'a str>,
    pub group: Option<&'a str>,
}

impl<'a> Buyer<'a> {
    pub const fn in_channel(channel: &'a str) -> Self {
        Self { channel: Some(channel), group: None }
    }
}

/// The places and their rules at one moment: all that [`crate::routing::plan`] reads but stock.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Network {
    /// In the order of their codes, so that ties fall the same way every time.
    pub locations: Vec<Location>,
    pub rules: StockRules,
    /// Only where something is forbidden.
    pub flags: BTreeMap<SkuId, Vec<(LocationId, Allowed)>>,
    /// What may be sold before it is there; of each SKU, what is expected first before the others.
    pub later: BTreeMap<SkuId, Vec<LaterTerms>>,
    /// Kits have no stock of their own: they are what their parts are.
    pub kits: BTreeMap<SkuId, Vec<KitPart>>,
    /// How parcels get to customers.
    pub delivery: Delivery,
    /// ISO 3166-1 alpha-2: where the company is.
    pub home_country: String,
    /// The clocks by which its days begin.
    pub clock: chrono_tz::Tz,
    #[serde(skip)]
    pub positions: Positions,
    #[serde(skip)]
    pub bearings: Bearings,
}

/// Where in a network's list each location is, in the order of their ids: worked out when it is first asked for.
#[derive(Clone, Debug, Default)]
pub struct Positions(OnceLock<Vec<(LocationId, usize)>>);

/// It follows from the list.
impl PartialEq for Positions {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

/// Where in a network's list locations are that are asked for in the order of their ids.
#[derive(Debug)]
pub struct Walk<'a> {
    network: &'a Network,
    ahead: &'a [(LocationId, usize)],
}

impl Walk<'_> {
    /// None where the network has no such location. Those before it are not found any more.
    pub fn position(&mut self, id: LocationId) -> Option<usize> {
        // Twice as far each time: the next is mostly near.
        let mut step = 1;
        while let Some((there, _)) = self.ahead.get(step)
            && *there < id
        {
            self.ahead = &self.ahead[step..];
            step *= 2;
        }
        let near = &self.ahead[..self.ahead.len().min(step + 1)];
        self.ahead = &self.ahead[near.partition_point(|(there, _)| *there < id)..];
        self.network.checked(id, self.ahead.first().filter(|(there, _)| *there == id).map(|(_, at)| *at))
    }
}

/// Where on the globe each location of a network's list is: worked out when it is first asked for.
#[derive(Clone, Debug, Default)]
pub struct Bearings(OnceLock<Vec<(GeoPoint, Bearing)>>);

/// It follows from the list.
impl PartialEq for Bearings {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Network {
    /// Where on the globe each location is, in their order.
    pub fn bearings(&self) -> impl Iterator<Item = Bearing> + '_ {
        let known = self.bearings.0.get_or_init(|| self.locations.iter().map(|l| (l.point, l.point.bearing())).collect());
        self.locations.iter().enumerate().map(|(at, l)| match known.get(at) {
            Some((point, bearing)) if *point == l.point => *bearing,
            // Whoever changed the list of a network of their own has moved it.
            _ => l.point.bearing(),
        })
    }

    pub fn location(&self, id: LocationId) -> Option<&Location> {
        self.locations.get(self.position(id)?)
    }

    /// Where in the list a location is.
    pub fn position(&self, id: LocationId) -> Option<usize> {
        let known = self.known_positions();
        self.checked(id, known.binary_search_by_key(&id, |(there, _)| *there).ok().map(|at| known[at].1))
    }

    /// For those who look for many, in the order of their ids.
    pub fn walk(&self) -> Walk<'_> {
        Walk { network: self, ahead: self.known_positions() }
    }

    fn known_positions(&self) -> &[(LocationId, usize)] {
        self.positions.0.get_or_init(|| {
            let mut known: Vec<_> = self.locations.iter().enumerate().map(|(at, l)| (l.id, at)).collect();
            known.sort_unstable();
            known
        })
    }

    /// Where a location is of which it was known: whoever changed the list of a network of their own has moved it.
    fn checked(&self, id: LocationId, known: Option<usize>) -> Option<usize> {
        match known {
            Some(at) if self.locations.get(at).is_some_and(|l| l.id == id) => known,
            None if self.known_positions().len() == self.locations.len() => None,
            _ => self.locations.iter().position(|l| l.id == id),
        }
    }

    /// True while a SKU is not on sale yet: it is not sent, wherever it is.
    pub fn is_preorder(&self, sku: SkuId, at: DateTime<Utc>) -> bool {
        self.later.get(&sku).is_some_and(|terms| terms.iter().any(|t| t.kind == LaterKind::Preorder && at < t.expected_at))
    }

    pub fn allowed(&self, sku: SkuId, location: LocationId) -> Allowed {
        allowed_at(self.flags.get(&sku).map(Vec::as_slice).unwrap_or_default(), location)
    }
}

/// Units on the shelf and units spoken for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct StockLevel {
    pub on_hand: i32,
    pub reserved: i32,
    /// Owed to orders that wait.
    pub backordered: i32,
    /// Of these, to those who are served before whoever asks: all of it for a new order.
    pub ahead: i32,
    /// Units sold in a day, in thousandths; read only where a rule asks for days of cover.
    pub per_day_milli: i32,
    /// The day on which the oldest of them came, in days since 1 January 1970; 0 where nobody has measured it. Read with what is sold in a day.
    pub came_day: i32,
}

/// Stock at one moment, for the SKUs that were asked for.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct StockView {
    pub levels: Levels,
    /// Orders each location has taken on its own today, where its capacity is limited.
    pub capacity_taken: BTreeMap<LocationId, i32>,
}

impl StockView {
    /// Frees units that whoever asks kept itself: what is free without them goes to those who are owed some, but they do not. Returns how many of
    /// those it goes before.
    pub fn bring(&mut self, sku: SkuId, location: LocationId, units: i32) -> i32 {
        let Some(level) = self.levels.get_mut(sku, location) else { return 0 };
        let passed = level.ahead - level.ahead.min((level.on_hand - level.reserved).max(0));
        level.reserved -= units;
        level.ahead -= passed;
        passed
    }

    /// Units that are owed where some may be sold before they are there.
    pub fn owed_on_terms(&self, network: &Network) -> BTreeMap<(SkuId, LocationId), i32> {
        let has_terms = |sku, location| network.later.get(&sku).is_some_and(|terms| terms.iter().any(|t| t.location == location));
        let known = self.levels.iter().filter(|(sku, location, _)| has_terms(*sku, *location));
        known.map(|(sku, location, level)| ((sku, location), level.backordered)).collect()
    }

    /// Says anew what is owed, in all and to those who come first.
    pub fn set_owed(&mut self, owed: &BTreeMap<(SkuId, LocationId), (i32, i32)>) {
        for (.., level) in self.levels.iter_mut() {
            (level.backordered, level.ahead) = (0, 0);
        }
        for ((sku, location), (all, ahead)) in owed {
            let level = self.levels.entry(*sku, *location);
            (level.backordered, level.ahead) = (*all, *ahead);
        }
    }
}

/// A SKU as a buyer sees it: what does not depend on where it is.
#[derive(Clone, Debug)]
pub struct Availability<'a> {
    is_preorder: bool,
    pub keeping: Keeping<'a>,
    /// Only where something is forbidden.
    flags: &'a [(LocationId, Allowed)],
}

impl Availability<'_> {
    /// See [`Snapshot::available`].
    pub fn at(&self, location: LocationId, level: StockLevel) -> i32 {
        if self.is_preorder {
            return 0;
        }
        (level.on_hand - level.reserved - level.ahead - self.keeping.units_at(location, level.per_day_milli)).max(0)
    }

    pub fn allowed(&self, location: LocationId) -> Allowed {
        allowed_at(self.flags, location)
    }
}

/// What is not forbidden is allowed.
fn allowed_at(flags: &[(LocationId, Allowed)], location: LocationId) -> Allowed {
    flags.iter().find(|(place, _)| *place == location).map_or(Allowed { ship: true, pickup: true }, |(_, allowed)| *allowed)
}

/// What [`crate::routing::plan`] sees: one moment of the network and the stock.
#[derive(Clone, Debug)]
pub struct Snapshot<'a> {
    pub at: DateTime<Utc>,
    pub network: &'a Network,
    pub stock: &'a StockView,
}

impl Snapshot<'_> {
    /// Available to promise to somebody: on hand, less reserved, less what is owed to those who come first, less what rules keep back; never below
    /// zero, and nothing of what is not on sale yet.
    pub fn available(&self, buyer: Buyer<'_>, sku: SkuId, location: LocationId) -> i32 {
        self.availability(buyer, sku).at(location, self.stock.levels.get(sku, location))
    }

    /// What is available of a SKU wherever it is, for those who look at many places.
    pub fn availability(&self, buyer: Buyer<'_>, sku: SkuId) -> Availability<'_> {
        let flags = self.network.flags.get(&sku).map(Vec::as_slice).unwrap_or_default();
        Availability { is_preorder: self.network.is_preorder(sku, self.at), keeping: self.network.rules.keeping(buyer, sku), flags }
    }

    /// The same of a kit: as many as its scarcest part makes at one location.
    pub fn available_kits(&self, buyer: Buyer<'_>, parts: &[KitPart], location: LocationId) -> i32 {
        parts.iter().map(|part| self.available(buyer, part.sku, location) / part.quantity.max(1)).min().unwrap_or(0)
    }

    /// Units that rules keep back from somebody.
    pub fn kept_back(&self, buyer: Buyer<'_>, sku: SkuId, location: LocationId) -> i32 {
        let per_day = self.stock.levels.get(sku, location).per_day_milli;
        self.network.rules.kept_back(buyer, sku, location, per_day)
    }

    /// Orders the location can still take today; none is no limit.
    pub fn capacity_left(&self, location: &Location) -> Option<i32> {
        location.daily_order_capacity.map(|limit| limit - self.stock.capacity_taken.get(&location.id).copied().unwrap_or(0))
    }
}

/// More of one thing than anybody books at once.
pub(crate) const MOST_UNITS: i32 = 1_000_000;

pub mod backorders;
pub mod calendar;
pub mod counts;
pub mod disruptions;
pub mod levels;
pub mod places;
pub mod receipts;
pub mod rules;
pub mod scans;
pub mod transfers;
pub mod views;

#[cfg(feature = "postgres")]
mod claim_stock;
#[cfg(feature = "postgres")]
mod close_month;
#[cfg(feature = "postgres")]
mod list;
#[cfg(feature = "postgres")]
mod post_movements;
#[cfg(feature = "postgres")]
mod read_shelves;
#[cfg(feature = "postgres")]
mod release_stock;
#[cfg(feature = "postgres")]
mod snapshot;
/// Where the company has its clock: the days of rules begin and end at midnight here, and what is planned in the browser is meant in this time.
#[cfg(feature = "postgres")]
pub const COMPANY_TIME: chrono_tz::Tz = chrono_tz::Europe::London;

#[cfg(feature = "postgres")]
pub use crate::planning_state::touch_network;
#[cfg(feature = "postgres")]
pub(crate) use post_movements::make_rows;
#[cfg(feature = "postgres")]
pub(crate) use post_movements::{StockChange, add_to_stock};
#[cfg(feature = "postgres")]
pub use {
    claim_stock::{CapacityClaim, CapacityDay, Claim, Claims, Holder, Returned, claim_stock, lock_for_claim},
    close_month::{close_month, forget_closings, stock_of_all},
    list::{
        availability_of_product, explain_availability, is_free_anywhere, list_locations, list_stock, location_by_code, movements_of_sku,
        offered_units, sku_name, stock_of_sku,
    },
    post_movements::{NewMovement, check_adjustment, post_movements},
    read_shelves::{Reading, Shelf, keep_readings, lock_shelves, read_shelves},
    release_stock::{Held, consume_reservations, give_back_capacity, let_go, release_reservations},
    snapshot::{NetworkCache, add_demand, measure_demand, network_at, network_changes, stock_as_of, stock_now},
};
