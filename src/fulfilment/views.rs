//! Read models for the people at a location.

use super::{FulfilmentState, RejectReason, Way};
use crate::geo::GeoPoint;
use crate::ids::{LocationId, OrderId};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// What a customer wants done to each unit of a line.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct WishView {
    /// Text to be put on it.
    pub personalisation: Option<String>,
    pub gift_wrap: bool,
    /// The kits that the units are parts of, such as `2 × Breakfast for two`, where whoever packs them is to know: each is wrapped whole.
    pub kit: Option<String>,
}

impl WishView {
    /// For people, in a line; none where nothing is wanted.
    pub fn words(&self) -> Option<String> {
        let text = self.personalisation.as_ref().map(|text| format!("Text: “{text}”"));
        let together = match (&self.kit, self.gift_wrap) {
            (Some(kit), true) => Some(format!("For {kit}, each wrapped whole as a gift")),
            (Some(kit), false) => Some(format!("For {kit}")),
            (None, true) => Some("Gift-wrapped".to_owned()),
            (None, false) => None,
        };
        let all: Vec<String> = text.into_iter().chain(together).collect();
        (!all.is_empty()).then(|| all.join(" · "))
    }
}

/// One card of a location's work.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct WorkCard {
    pub order_id: OrderId,
    pub fulfilment_no: i32,
    pub order_number: String,
    pub location_id: LocationId,
    /// The location that it comes from.
    pub from: String,
    pub way: Way,
    /// The store that it is sent to, where it is not the customer.
    pub to_store: Option<String>,
    pub state: FulfilmentState,
    pub customer: String,
    pub street: String,
    pub city: String,
    pub postcode: String,
    pub country: String,
    pub released_at: Option<DateTime<Utc>>,
    /// By then the next step keeps what the customer was promised.
    pub due_by: Option<DateTime<Utc>>,
    /// What is written on the card that goes with a gift.
    pub gift_message: Option<String>,
    /// Its order is held: nothing of it moves on.
    pub is_held: bool,
    pub lines: Vec<WorkLine>,
    pub why: Why,
}

/// Why work is with a location.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Why {
    /// The name of the rule that sent it there.
    pub rule: Option<String>,
    /// Locations that send a part of what was decided about; 0 where nothing is known of that.
    pub places: i32,
    /// The location that it was with before, and why it is not any more.
    pub before: Option<(String, String)>,
}

impl Why {
    /// For those who work there, in a sentence or three; none where nothing is known.
    pub fn words(&self) -> Option<String> {
        let rule = self.rule.as_ref().map(|rule| format!("The rule “{rule}” sent it here."));
        let alone = match self.places {
            0 => None,
            1 => Some("Everything that was to be sent comes from one place.".to_owned()),
            n => Some(format!("{n} places send a part each.")),
        };
        let before = self.before.as_ref().map(|(place, reason)| match reason.parse::<RejectReason>() {
            Ok(reason) => format!("{place} turned it down: {}.", reason.label().to_lowercase()),
            Err(_) => format!("{place} had it before."),
        });
        let all: Vec<String> = before.into_iter().chain(rule).chain(alone).collect();
        (!all.is_empty()).then(|| all.join(" "))
    }
}

/// Work that a location is asked for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OfferCard {
    pub order_id: OrderId,
    pub fulfilment_no: i32,
    pub order_number: String,
    /// Where it goes.
    pub city: String,
    pub country: String,
    /// When it is given to one of those who were asked.
    pub until: DateTime<Utc>,
    pub promised_by: Option<DateTime<Utc>>,
    pub gift_message: Option<String>,
    /// Other locations that may still take it.
    pub others: i32,
    pub lines: Vec<WorkLine>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct WorkLine {
    pub line_no: i32,
    pub sku: String,
    pub name: String,
    pub quantity: i32,
    pub wish: WishView,
}

/// Where a fulfilment order stands after a step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepDone {
    pub state: FulfilmentState,
    /// On the label that the step made.
    pub tracking_number: Option<String>,
}

/// How much work waits in each state.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WorkCount {
    pub state: FulfilmentState,
    pub count: i64,
}

/// A parcel, or a bag behind a store's counter.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FulfilmentView {
    pub fulfilment_no: i32,
    pub location_id: LocationId,
    pub location: String,
    pub city: String,
    pub point: GeoPoint,
    pub way: Way,
    /// The store that it is sent to, where it is not the customer.
    pub to_store: Option<String>,
    pub state: FulfilmentState,
    pub carrier: Option<String>,
    pub tracking_number: Option<String>,
    pub fulfilled_at: Option<DateTime<Utc>>,
    /// Code of the carrier service that it is to go by.
    pub service: Option<String>,
    pub promised_by: Option<DateTime<Utc>>,
    /// By then the next step keeps that; none where nothing more can be late.
    pub due_by: Option<DateTime<Utc>>,
    /// Until then several locations are asked for it; none where they are not, or not any more.
    pub offered_until: Option<DateTime<Utc>>,
    pub lines: Vec<FulfilmentLineView>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FulfilmentLineView {
    pub line_no: i32,
    pub sku: String,
    pub name: String,
    pub quantity: i32,
    pub wish: WishView,
}
