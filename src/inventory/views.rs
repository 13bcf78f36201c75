//! Read models of stock.

use crate::ids::{LocationId, SkuId};
use crate::inventory::{Condition, LocationKind, MovementReason};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// How many of a SKU a location can give a customer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AvailabilityRow {
    pub sku: SkuId,
    pub location_id: LocationId,
    pub location: String,
    pub kind: LocationKind,
    /// The SKU can be sent from there, and collected there.
    pub ships: bool,
    pub offers_pickup: bool,
    pub available: i32,
}

/// One step on the way to a number.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    pub words: String,
    pub units: i32,
}

/// What a location contributes to the number that somebody sees, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlaceExplained {
    pub location: String,
    pub on_hand: i32,
    pub reserved: i32,
    /// Owed to orders that wait.
    pub backordered: i32,
    /// By rule.
    pub kept_back: Vec<Step>,
    /// What is left to be sent, and to be collected.
    pub to_send: i32,
    pub to_collect: i32,
    pub notes: Vec<String>,
}

/// A part of a kit, and how much of it is offered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PartExplained {
    pub sku: String,
    pub name: String,
    /// Units of it in one kit.
    pub quantity: i32,
    pub offered: i64,
}

/// How the number comes about that somebody sees of a SKU.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AvailabilityExplained {
    /// What a kit is made of: it has no stock of its own.
    pub parts: Vec<PartExplained>,
    pub places: Vec<PlaceExplained>,
    /// The most that is offered, where there is such a rule.
    pub cap: Option<Step>,
    /// Units offered to be sent.
    pub offered: i64,
}

/// One SKU at one location, with every number that makes up what can be promised.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StockRow {
    pub location_id: LocationId,
    pub location: String,
    pub on_hand: i32,
    pub reserved: i32,
    pub backordered: i32,
    pub safety: i32,
    pub available: i32,
    /// On their way here: from other locations, or bought.
    pub incoming: i32,
    /// Stand here, but cannot be sold: to be looked at, or broken.
    pub quarantined: i32,
    pub damaged: i32,
}

/// One SKU over all locations.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StockSummary {
    pub code: String,
    pub name: String,
    pub on_hand: i64,
    pub reserved: i64,
    pub backordered: i64,
    pub available: i64,
    /// Locations that have some on hand.
    pub locations: i64,
}

/// Units that came or went.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MovementRow {
    pub movement_id: i64,
    pub location: String,
    /// Negative where they went.
    pub quantity: i32,
    pub reason: MovementReason,
    pub condition: Condition,
    /// The order that caused it.
    pub order_number: Option<String>,
    /// The transfer, count or purchase order that it belongs to.
    pub transfer_number: Option<String>,
    pub count_number: Option<String>,
    pub purchase_number: Option<String>,
    pub return_number: Option<String>,
    pub who: String,
    pub occurred_at: DateTime<Utc>,
}

/// A place to choose from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LocationChoice {
    pub location_id: LocationId,
    pub code: String,
    pub name: String,
    pub city: String,
    pub kind: LocationKind,
    pub offers_pickup: bool,
    /// Why it is closed now.
    pub closed: Option<String>,
}
