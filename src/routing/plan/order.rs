//! An order as planning sees it.

use super::Waiting;
use crate::catalog::{Size, SkuTraits};
use crate::fulfilment::Method;
use crate::geo::GeoPoint;
use crate::ids::{LocationId, SkuId};
use crate::inventory::{Buyer, Location, LocationKind, Snapshot};
use crate::payments::PaymentState;
use crate::promising::Span;
use crate::routing;
use crate::routing::{NotBefore, Queue};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// What `plan` needs to know of an order.
#[derive(Clone, Debug, PartialEq)]
pub struct PlanOrder {
    pub channel: String,
    /// The group of customers that it is from.
    pub customer_group: Option<String>,
    pub method: Method,
    pub pickup_location: Option<LocationId>,
    /// ISO 3166-1 alpha-2.
    pub country: String,
    pub destination: GeoPoint,
    /// What is known of it of the address.
    pub postcode: String,
    /// Codes of the carrier services that may bring it; none: whatever the location has.
    pub services: Option<Vec<String>>,
    /// When it becomes a location's work; none is at once.
    pub release_at: Option<DateTime<Utc>>,
    /// The slot that the customer chose: from, until. It moves what is promised, not what is planned.
    pub slot: Option<Span>,
    pub value_minor: i64,
    pub lines: Vec<PlanLine>,
    /// Locations that would do none of it.
    pub excluded: Vec<LocationId>,
    /// What locations said they do not have of it.
    pub not_before: Vec<NotBefore>,
    /// The location that has taken it of those who were asked: no other is looked at.
    pub taken_by: Option<LocationId>,
    /// Somebody has chosen that location, whatever the rules say.
    pub by_hand: bool,
    /// Units that it was promised before they are there: they are not promised anew.
    pub promised: Vec<Waiting>,
    pub traits: OrderTraits,
}

impl PlanOrder {
    pub fn buyer(&self) -> Buyer<'_> {
        Buyer { channel: Some(&self.channel), group: self.customer_group.as_deref() }
    }

    /// The store that a parcel from a location is sent to; none where the customer gets it from there.
    pub fn brought_to(&self, from: LocationId) -> Option<LocationId> {
        self.pickup_location.filter(|store| self.method == Method::Pickup && *store != from)
    }

    /// The same order as whoever sends it to the store sees it, by whatever service goes there: what was promised says by when it has to have come.
    pub(in crate::routing) fn sent_to(&self, store: &Location, snapshot: &Snapshot<'_>) -> Self {
        // What a supplier sends goes to the customer.
        let vendors = snapshot.network.locations.iter().filter(|l| l.kind == LocationKind::Vendor).map(|l| l.id);
        let line = |line: &PlanLine| PlanLine { promised_by: line.promised_by.map(|by| routing::come_by(store, by)), ..line.clone() };
        Self {
            method: Method::Ship,
            pickup_location: None,
            country: store.country.clone(),
            destination: store.point,
            postcode: store.postcode.clone(),
            services: Some(snapshot.network.delivery.services.keys().cloned().collect()),
            slot: None,
            lines: self.lines.iter().map(line).collect(),
            excluded: self.excluded.iter().copied().chain(vendors).chain([store.id]).collect(),
            ..self.clone()
        }
    }

    /// The earliest moment that any of it was promised by.
    pub fn promised_by(&self) -> Option<DateTime<Utc>> {
        self.lines.iter().filter_map(|line| line.promised_by).min()
    }

    /// By when what comes at a moment has to come: by when it was promised, where that is later. What is placed only now was promised nothing before, and
    /// only shown a date: it comes by then, and is promised for when it comes.
    pub(crate) fn kept_to(&self, promised_by: Option<DateTime<Utc>>, comes: DateTime<Utc>) -> DateTime<Utc> {
        promised_by.filter(|by| self.traits.attempts > 0 && *by > comes).unwrap_or(comes)
    }
}

/// The open units of one line.
#[derive(Clone, Debug, PartialEq)]
pub struct PlanLine {
    pub line_no: i32,
    pub sku: SkuId,
    pub quantity: i32,
    pub size: Size,
    /// The customer was promised it by then, or was shown that it comes by then when it was ordered. No location is asked that would be later, unless nobody can
    /// keep it.
    pub promised_by: Option<DateTime<Utc>>,
    /// What these units come to, minor units.
    pub amount_minor: i64,
    /// Why they wait so far, where they do.
    pub queue: Option<Queue>,
    pub traits: Arc<SkuTraits>,
}

impl PlanLine {
    /// The same line with so many units, and what they come to.
    pub fn of_units(&self, quantity: i32) -> Self {
        let mut line = self.clone();
        line.shrink_to(quantity);
        line
    }

    /// Leaves so many of its units, and what they come to.
    pub(super) fn shrink_to(&mut self, quantity: i32) {
        self.amount_minor = self.amount_minor.saturating_mul(i64::from(quantity)) / i64::from(self.quantity.max(1));
        self.quantity = quantity;
    }
}

/// What rules may ask about an order and nothing else needs to know.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct OrderTraits {
    /// `shop`, `phone`, `api` or `import`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub origin: String,
    /// ISO 4217.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub currency: String,
    /// The code of the way of delivery that was chosen.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delivery_method: Option<String>,
    /// 0 is ordinary, more is more urgent.
    #[serde(skip_serializing_if = "is_zero")]
    pub priority: i32,
    /// What kind of order it is; empty is the same as `standard`.
    #[serde(skip_serializing_if = "is_standard")]
    pub order_type: String,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub gift: bool,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub customer_tags: Vec<String>,
    /// Each as `name=value`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub attributes: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub placed_at: Option<DateTime<Utc>>,
    /// When the carrier has to have it: as its channel wants it, or for what was promised.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ship_by: Option<DateTime<Utc>>,
    /// How often it was routed before.
    #[serde(skip_serializing_if = "is_zero")]
    pub attempts: i32,
    /// Who turned a part of it down, and when.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub rejections: Vec<(LocationId, DateTime<Utc>)>,
    /// The [`PaymentState`] of its payment.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub payment: String,
    /// What it is held for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub holds: Vec<String>,
}

impl OrderTraits {
    /// The type of an order of which nothing else is said.
    pub const STANDARD: &str = "standard";

    /// Those of an order that is placed at a moment: its payment is asked for in the same breath.
    pub fn new_at(placed_at: DateTime<Utc>) -> Self {
        Self { placed_at: Some(placed_at), payment: PaymentState::Pending.to_string(), ..Self::default() }
    }
}

#[cfg(feature = "postgres")]
impl OrderTraits {
    /// Traits that were kept when a payment that was about to be asked for was said to be none.
    pub(in crate::routing) fn said_as_now(self) -> Self {
        if self.payment == "none" { Self { payment: PaymentState::Pending.to_string(), ..self } } else { self }
    }
}

fn is_standard(order_type: &str) -> bool {
    matches!(order_type, "" | OrderTraits::STANDARD)
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for it")]
const fn is_zero(number: &i32) -> bool {
    *number == 0
}
