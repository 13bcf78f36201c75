//! Read models of orders.

use super::{HoldKind, Method, OrderStatus};
use crate::events::Event;
use crate::fulfilment::views::{FulfilmentView, WishView};
use crate::geo::GeoPoint;
use crate::ids::OrderId;
use crate::inventory::disruptions::views::DisruptionRow;
use crate::money::{Money, UnitPrice};
use crate::page::Page;
use crate::payments::PaymentState;
use crate::routing::Queue;
use crate::routing::views::{DecisionRow, Explanation};
use crate::slots::SlotView;
use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use serde::{Deserialize, Serialize};

/// An order in a list.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OrderRow {
    pub order_id: OrderId,
    pub number: String,
    pub channel: String,
    pub customer: String,
    pub city: String,
    pub method: Method,
    pub status: OrderStatus,
    pub units: i32,
    pub total: Money,
    pub placed_at: DateTime<Utc>,
}

/// An order as it stands, for those who look after it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OrderDetail {
    pub order_id: OrderId,
    pub number: String,
    pub external_id: Option<String>,
    pub channel: String,
    pub status: OrderStatus,
    pub method: Method,
    pub placed_at: DateTime<Utc>,
    /// Until when unpaid stock is kept.
    pub held_until: Option<DateTime<Utc>>,
    pub customer: ContactView,
    pub pickup_location: Option<String>,
    /// What the customer calls the way of delivery.
    pub delivery: Option<String>,
    /// When it becomes its locations' work, where it waits for that.
    pub release_at: Option<DateTime<Utc>>,
    /// Words that staff, other systems and rules have put on it.
    pub tags: Vec<String>,
    /// What kind of order it is; `standard` where nothing was said.
    pub order_type: String,
    /// By when its channel wants it handed to the carrier.
    pub ship_by: Option<DateTime<Utc>>,
    /// What it is held for at the moment, the first first.
    pub holds: Vec<OrderHold>,
    pub can_hold: bool,
    /// What is written on the card that goes with a gift.
    pub gift_message: Option<String>,
    pub lines: Vec<LineView>,
    pub fulfilments: Vec<FulfilmentView>,
    pub goods: Money,
    pub shipping: Money,
    pub tax: Money,
    pub total: Money,
    pub payment: Option<PaymentView>,
    pub can_cancel: bool,
    /// What the customer is asked about.
    pub missing: Vec<Missing>,
    /// The customer's own page.
    pub tracking_path: String,
}

/// Something that an order is held for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderHold {
    pub kind: HoldKind,
    pub reason: String,
    pub placed_at: DateTime<Utc>,
}

/// How an order came to be as it is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OrderHistory {
    /// In the order in which it happened.
    pub timeline: Vec<Event>,
    /// Every time that it was decided where something of it goes, the first first.
    pub decisions: Vec<DecisionRow>,
    /// Of one of them; none where it was not routed here.
    pub explanation: Option<Explanation>,
    pub returns: Vec<ReturnView>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ContactView {
    pub name: String,
    pub email: Option<String>,
    pub phone: Option<String>,
    pub street: String,
    pub city: String,
    pub postcode: String,
    pub country: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LineView {
    pub line_no: i32,
    pub sku: String,
    pub name: String,
    pub quantity: i32,
    pub cancelled: i32,
    pub open: i32,
    pub shipped: i32,
    pub collected: i32,
    /// Of a service: 1 once it was done.
    pub performed: i32,
    pub unit_price: String,
    pub amount: Money,
    pub queue: Option<Queue>,
    /// On which day what waits is expected, where that was promised.
    pub expected_on: Option<NaiveDate>,
    /// When the last of it is there, where that was promised.
    pub promised: Option<PromisedView>,
    pub wish: WishView,
    /// What wrapping a unit costs on top of its price; none where that is in the price.
    pub gift_wrap_price: Option<String>,
    /// The kit that it is a part of.
    pub kit: Option<KitView>,
    /// Of a service: when it is done, or was.
    pub appointment: Option<AppointmentView>,
    /// The number and the name of the line in whose place it is.
    pub instead_of: Option<(i32, String)>,
}

/// When a service is done, and by whom.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AppointmentView {
    pub starts_at: DateTime<Utc>,
    pub ends_at: DateTime<Utc>,
    /// By the clocks of the customer's address.
    pub local_from: NaiveDateTime,
    pub local_until: NaiveDateTime,
    /// Name of the location whose people come.
    pub location: String,
}

/// An appointment as those who go there see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AppointmentRow {
    pub order_id: OrderId,
    pub order_number: String,
    pub line_no: i32,
    pub service: String,
    pub skill: String,
    pub starts_at: DateTime<Utc>,
    pub ends_at: DateTime<Utc>,
    /// By the clocks of the customer's address.
    pub local_from: NaiveDateTime,
    pub local_until: NaiveDateTime,
    /// Its time is over, and nobody has said that it was done.
    pub is_over: bool,
    pub customer: String,
    pub phone: Option<String>,
    pub street: String,
    pub city: String,
    pub postcode: String,
}

/// An appointment that is to come, and the times that it could be moved to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AppointmentChoice {
    pub line_no: i32,
    pub service: String,
    pub starts_at: DateTime<Utc>,
    pub slots: Vec<SlotView>,
}

/// What a customer was promised.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PromisedView {
    /// The day, and the beginning and end of the window, by the clocks of the place where it is received.
    pub day: NaiveDate,
    pub local_from: NaiveDateTime,
    pub local_by: NaiveDateTime,
    pub from: DateTime<Utc>,
    /// The moment by which it is on time.
    pub by: DateTime<Utc>,
    /// The day that was promised first, where another is promised now.
    pub first_day: Option<NaiveDate>,
}

impl PromisedView {
    /// The later of two.
    fn later(self, other: Self) -> Self {
        if other.by > self.by { other } else { self }
    }

    /// What is promised of some lines together: the last of it. Appointments are no part of it.
    pub fn of_all(lines: &[LineView]) -> Option<Self> {
        lines
            .iter()
            .filter(|l| l.appointment.is_none() && l.open + l.shipped + l.collected > 0)
            .filter_map(|l| l.promised.clone())
            .reduce(Self::later)
    }
}

impl LineView {
    /// What wrapping a unit costs on top of its price, rounded to what can be paid, for the eye; none where that is in the price.
    pub fn wrap_price(&self) -> Option<Money> {
        self.gift_wrap_price.as_ref()?.parse::<UnitPrice>().ok()?.amount(1, self.amount.currency)
    }
}

/// What was ordered: a line of its own, or a kit with the lines of its parts.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Ordered<'a> {
    Line(&'a LineView),
    Kit(&'a KitView, &'a [LineView]),
}

/// An order's lines as the customer named them.
pub fn as_ordered(lines: &[LineView]) -> impl Iterator<Item = Ordered<'_>> {
    let kit_no = |line: &LineView| line.kit.as_ref().map(|kit| kit.no);
    let things = lines.chunk_by(move |a, b| kit_no(a).is_some() && kit_no(a) == kit_no(b));
    things.filter_map(|lines| match lines.first() {
        Some(LineView { kit: Some(kit), .. }) => Some(Ordered::Kit(kit, lines)),
        Some(line) => Some(Ordered::Line(line)),
        None => None,
    })
}

/// What the parts of a kit come to together.
pub fn kit_amount(parts: &[LineView]) -> Option<Money> {
    let first = parts.first()?.amount;
    Some(Money::new(parts.iter().map(|part| part.amount.minor).sum(), first.currency))
}

/// A kit that was ordered.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct KitView {
    /// From 1, within the order.
    pub no: i32,
    pub code: String,
    pub name: String,
    pub quantity: i32,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PaymentView {
    pub state: PaymentState,
    pub amount: Money,
    pub authorised: Money,
    pub captured: Money,
    pub refunded: Money,
    pub failure: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ReturnView {
    pub external_id: String,
    pub sku: String,
    pub quantity: i32,
    pub amount: Money,
    pub returned_at: DateTime<Utc>,
}

/// What a customer sees of an order. No ids, no staff words.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TrackingView {
    pub number: String,
    /// Whom live changes are about; knowing it opens nothing.
    pub live_topic: String,
    pub status: OrderStatus,
    pub method: Method,
    pub placed_at: DateTime<Utc>,
    pub first_name: String,
    pub city: String,
    pub destination: GeoPoint,
    pub pickup_location: Option<String>,
    /// Shown to the customer when the goods are ready.
    pub pickup_code: Option<String>,
    pub delivery: Option<String>,
    /// When the last of it is there.
    pub promised: Option<PromisedView>,
    pub parcels: Vec<FulfilmentView>,
    pub lines: Vec<LineView>,
    /// What is written on the card that goes with a gift.
    pub gift_message: Option<String>,
    pub shipping: Money,
    pub total: Money,
    pub payment_failure: Option<String>,
    pub timeline: Vec<Event>,
    pub can_cancel: bool,
    /// What the customer is asked about: whether to wait for it.
    pub missing: Vec<Missing>,
}

/// Units of a line that nobody has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Missing {
    pub line_no: i32,
    pub name: String,
    pub units: i32,
    /// What can be sent in their place at the same price: code and name of the SKU.
    pub instead: Option<(String, String)>,
}

impl Missing {
    /// What is missing, and what can be sent in its place.
    pub fn with_offer(&self) -> String {
        match &self.instead {
            None => self.to_string(),
            Some((_, name)) => format!("{self}, or {} × {name} instead", self.units),
        }
    }
}

impl std::fmt::Display for Missing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} × {}", self.units, self.name)
    }
}

/// A basket with prices.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BasketQuote {
    pub lines: Vec<BasketLine>,
    pub goods: Money,
    /// The address that it was asked for: a country (ISO 3166-1 alpha-2), and what is known of the postcode.
    pub country: String,
    pub postcode: String,
    pub deliveries: Vec<DeliveryOption>,
    /// The nearest first.
    pub pickups: Vec<PickupOption>,
    /// The services in it, each with the times to choose from.
    pub appointments: Vec<AppointmentOption>,
    /// What wrapping a unit as a gift costs; none where it is not offered.
    pub gift_wrap: Option<Money>,
}

impl BasketQuote {
    /// False of services alone: nothing is sent or collected, and nothing is paid for that.
    pub fn is_sent(&self) -> bool {
        !self.deliveries.is_empty() || self.appointments.is_empty()
    }
}

/// A service of a basket.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AppointmentOption {
    pub sku: String,
    pub name: String,
    /// The times that are free, once the basket's things are there by the first way of delivery.
    pub slots: Vec<SlotView>,
    /// Why there are none.
    pub problem: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BasketLine {
    pub code: String,
    pub name: String,
    pub handle: String,
    pub quantity: i32,
    pub amount: Money,
    pub wish: WishView,
    /// The day on which the last of it is expected, where not all of it is there now.
    pub expected_on: Option<NaiveDate>,
    /// What stands in the way of ordering it, and what to do.
    pub problem: Option<String>,
}

/// A way of delivery for a basket.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DeliveryOption {
    pub code: String,
    pub name: String,
    /// None where it has no price for this.
    pub price: Option<Money>,
    /// When it is there; none where it cannot be had, or nobody can say.
    pub promise: Option<PromiseView>,
    /// Why not.
    pub problem: Option<String>,
    /// A person decides about it first: it can be taken at the desk, and nobody can say when it is there.
    pub for_a_person: bool,
    /// Each of its carrier services by itself, where that was asked for.
    pub services: Vec<ServiceOption>,
    /// The slots of which one is to be chosen; none where it comes at any time.
    pub slots: Option<Vec<SlotView>>,
}

/// A carrier service for a basket.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ServiceOption {
    pub code: String,
    pub name: String,
    pub carrier: String,
    pub promise: Option<PromiseView>,
    pub problem: Option<String>,
}

/// A store for a basket. It costs nothing.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PickupOption {
    pub code: String,
    pub name: String,
    pub city: String,
    pub distance_km: f64,
    pub promise: Option<PromiseView>,
    pub problem: Option<String>,
    /// A person decides about it first: it can be taken at the desk, and nobody can say when it is ready.
    pub for_a_person: bool,
    /// Units there, of a basket of one thing.
    pub left: Option<i32>,
    /// The windows of which one is to be chosen; none where it can be collected at any time.
    pub slots: Option<Vec<SlotView>>,
}

/// When a basket would be there.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PromiseView {
    pub day: NaiveDate,
    /// The window of the last parcel. Of a pickup: ready from then on.
    pub from: DateTime<Utc>,
    pub until: DateTime<Utc>,
    /// The moment by which it is on time.
    pub by: DateTime<Utc>,
    /// The window by the clocks of the place where it is received, and the day that it is there now.
    pub local_from: NaiveDateTime,
    pub local_until: NaiveDateTime,
    pub today: NaiveDate,
    /// IANA name of those clocks.
    pub time_zone: String,
    /// When this was asked.
    pub asked_at: DateTime<Utc>,
    /// Until when it can be ordered for that; none where it makes no difference.
    pub cut_off: Option<DateTime<Utc>>,
    pub parcels: Vec<ParcelOption>,
}

/// A parcel of a basket.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ParcelOption {
    /// Code of the location.
    pub location: String,
    pub location_name: String,
    /// Code of the carrier service; none where it is collected.
    pub service: Option<String>,
    pub service_name: Option<String>,
    pub units: i32,
    /// Where it is not there yet.
    pub expected_on: Option<NaiveDate>,
    pub day: NaiveDate,
    /// When the carrier collects it, or it is ready.
    pub hand_over_at: DateTime<Utc>,
}

/// A promise in danger.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AlertRow {
    pub order_number: String,
    pub customer: String,
    /// None: units that wait for stock.
    pub fulfilment_no: Option<i32>,
    /// Where the work is.
    pub location: Option<String>,
    pub method: Method,
    /// The step that is late: `release`, `pick`, `pack`, `hand_over`, `delivery`; or `waiting`.
    pub step: String,
    pub due_by: DateTime<Utc>,
    pub promised_by: DateTime<Utc>,
    /// When it will be there if nothing is done; none where nobody knows.
    pub expected_by: Option<DateTime<Utc>>,
    pub raised_at: DateTime<Utc>,
}

impl AlertRow {
    /// Why it is in danger, in a sentence.
    pub fn reason(&self) -> &'static str {
        match self.step.as_str() {
            "release" => "Not released in time.",
            "pick" => "Nobody has begun to pick it.",
            "pack" => "Picking takes too long.",
            "hand_over" => "Packed, and the carrier has not collected it.",
            "delivery" => "On its way, and not there yet.",
            _ => "No place has what it waits for.",
        }
    }
}

/// What readings did.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReadingsTaken {
    pub corrected: usize,
    /// The books said the same.
    pub agreed: usize,
    /// SKUs, by code, of which something newer was known.
    pub stale: Vec<String>,
    /// Orders that lose units by it: they are routed anew.
    pub rerouted: usize,
    /// SKUs, by code, whose units are packed and about to leave: report them again once they have.
    pub not_taken: Vec<String>,
}

/// What would become of an order that nobody has placed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TriedOrder {
    pub parcels: Vec<TriedParcel>,
    /// (SKU, units, why they wait, when they are expected)
    pub waiting: Vec<(String, i32, String, Option<DateTime<Utc>>)>,
    /// ISO 4217.
    pub currency: String,
    pub explanation: Explanation,
    /// False where it would be refused: there is too little.
    pub is_taken: bool,
    /// It would come later than was shown.
    pub is_late: bool,
}

/// What one place would send.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TriedParcel {
    pub location: String,
    /// (SKU, units)
    pub lines: Vec<(String, i32)>,
    /// When it would be there at the latest; none where that is not known.
    pub there_by: Option<DateTime<Utc>>,
    /// What its carriage costs, minor units; none where that is not known.
    pub cost_minor: Option<i64>,
}

text_enum! {
    /// What became of work that counted on what is out of order.
    pub enum DisruptedOutcome {
        /// It is sent from elsewhere, or by another service.
        Moved = "moved",
        /// It is worked on where it was, and leaves with another carrier service.
        OtherService = "other_service",
        /// Nobody else could have it there sooner.
        Stays = "stays",
        /// A part of it at least waits.
        Waits = "waits",
        /// It had left, or was called off, before anybody looked at it.
        Gone = "gone",
        /// It is sent from where it came before, or by the service that it had, or is promised sooner again.
        Back = "back",
    }
}

impl DisruptedOutcome {
    /// For people.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Moved => "Sent otherwise",
            Self::OtherService => "Other carrier",
            Self::Stays => "Stays",
            Self::Waits => "Waits for stock",
            Self::Gone => "Not affected",
            Self::Back => "Brought back",
        }
    }
}

/// Where units come from, and by which carrier service.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Whence {
    pub location: String,
    pub units: i32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service: Option<String>,
}

/// Work as it was before it was planned anew, and as it is then.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Replanned {
    pub from: Whence,
    /// Empty where all of it waits.
    pub to: Vec<Whence>,
    /// The order's fulfilment orders that do it now.
    pub numbers: Vec<i32>,
    /// By when the last of it was promised; none where nothing was.
    pub promised_by: Option<DateTime<Utc>>,
    pub now_by: Option<DateTime<Utc>>,
    /// Carriage in minor units, as far as it is known.
    pub cost_before_minor: Option<i64>,
    pub cost_after_minor: Option<i64>,
}

/// How far a disruption's work is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DisruptionCounts {
    /// Fulfilment orders.
    pub work: i32,
    pub orders: i32,
    pub to_do: i32,
    pub moved: i32,
    pub other_service: i32,
    pub stays: i32,
    pub waits: i32,
    pub gone: i32,
    pub back: i32,
    /// What is there later than was promised.
    pub later: i32,
    /// What carriage costs more, in minor units, of what is sent otherwise and is known on both sides.
    pub extra_minor: i64,
}

/// One piece of a disruption's work.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DisruptedRow {
    pub no: i32,
    pub order: OrderId,
    pub number: String,
    /// None until it was looked at.
    pub outcome: Option<DisruptedOutcome>,
    pub told: Option<Replanned>,
}

/// A disruption and what it does to orders.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DisruptionView {
    pub row: DisruptionRow,
    pub counts: DisruptionCounts,
    /// ISO 4217: what amounts are in.
    pub currency: String,
    pub orders: Page<DisruptedRow>,
    pub may_manage: bool,
}
