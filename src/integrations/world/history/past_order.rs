//! An order that happened, and the rows that it left behind.

use super::super::network::TAX_RATE_BP;
use super::super::{draw, mix};
use super::Writer;
use super::copy::Table;
use super::course::Course;
use crate::events::EventKind;
use crate::fulfilment::{FulfilmentState, Method, s10_tracking_number};
use crate::geo::GeoPoint;
use crate::ids::{ContactId, CustomerId, LocationId, OperationId, OrderId, ReservationId, SkuId, new_uuid};
use crate::jobs::Job;
use crate::money::{UnitPrice, included_tax, share};
use crate::orders::{UNPAID_HOLD_MINUTES, new_number};
use crate::routing::{DecisionRecord, ENGINE_VERSION, Plan, PlanOrder};
use chrono::{DateTime, TimeDelta, Utc};

/// An order that happened.
#[derive(Clone, Debug)]
pub(in super::super) struct PastOrder {
    pub channel: &'static str,
    pub external_id: Option<String>,
    pub customer: Option<CustomerId>,
    pub contact: ContactId,
    pub destination: GeoPoint,
    pub country: String,
    pub postcode: String,
    pub method: Method,
    pub pickup_location: Option<LocationId>,
    pub lines: Vec<PastLine>,
    pub shipping_minor: i64,
    pub placed_at: DateTime<Utc>,
    pub fate: Fate,
    /// Decides how long each step took.
    pub seed: u64,
}

impl PastOrder {
    pub(super) fn goods_minor(&self) -> i64 {
        self.lines.iter().map(|l| l.amount_minor).sum()
    }

    pub(super) fn total_minor(&self) -> i64 {
        self.goods_minor() + self.shipping_minor
    }

    /// Cancelled orders are called off this soon: before anybody has picked.
    pub(super) fn cancelled_at(&self) -> Option<DateTime<Utc>> {
        (self.fate == Fate::Cancelled).then(|| self.placed_at + TimeDelta::minutes(10))
    }
}

#[derive(Clone, Debug)]
pub(in super::super) struct PastLine {
    pub sku: SkuId,
    pub code: String,
    pub name: String,
    pub quantity: i32,
    pub unit_price: UnitPrice,
    pub amount_minor: i64,
    pub weight_grams: i32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) enum Fate {
    /// It goes its way, as far as time has allowed.
    Runs,
    /// Called off before picking.
    Cancelled,
    /// The bank has not decided.
    Undecided,
}

const CHANGED_MIND: &str = "The customer changed their mind.";

/// Goods that left a location.
struct Departure {
    at: DateTime<Utc>,
    fulfilment_no: i32,
    /// (index of the line, units)
    units: Vec<(usize, i32)>,
}

/// What is known of an order while its rows are noted.
struct Noting<'o> {
    id: OrderId,
    order: &'o PastOrder,
    /// By line.
    tax: Vec<i64>,
    events: Vec<(EventKind, String, DateTime<Utc>)>,
    /// Units that left, by line.
    done: Vec<i32>,
    captured_minor: i64,
}

impl Noting<'_> {
    fn tell(&mut self, kind: EventKind, payload: impl Into<String>, at: DateTime<Utc>) {
        self.events.push((kind, payload.into(), at));
    }
}

impl Writer {
    /// Notes all rows of an order as the use cases would have left them.
    pub(super) fn note(&mut self, order: &PastOrder, plan_order: &PlanOrder, decided: &Plan) -> OrderId {
        let mut noting = Noting {
            id: self.next_id(order.placed_at),
            order,
            tax: order.lines.iter().map(|l| included_tax(l.amount_minor, TAX_RATE_BP)).collect(),
            events: vec![(EventKind::OrderImported, "{}".to_owned(), order.placed_at)],
            done: vec![0; order.lines.len()],
            captured_minor: 0,
        };
        self.note_header(&noting, plan_order);
        self.note_decision(&noting, plan_order, decided);
        let departures = self.note_fulfilments(&mut noting, decided);
        self.note_captures(&mut noting, departures);
        self.note_lines(&noting);
        self.note_payment(&mut noting);
        let id = noting.id;
        self.note_events(noting);
        id
    }

    /// Orders of the same moment sort as they are noted.
    fn next_id(&mut self, placed_at: DateTime<Utc>) -> OrderId {
        self.same_moment = if self.latest == placed_at { self.same_moment + TimeDelta::microseconds(1) } else { TimeDelta::zero() };
        self.latest = placed_at;
        OrderId::new(placed_at + self.same_moment)
    }

    fn note_header(&mut self, noting: &Noting<'_>, plan_order: &PlanOrder) {
        let Noting { id, order, tax, .. } = noting;
        let number = new_number();
        let held_until = (order.fate == Fate::Undecided).then_some(order.placed_at + TimeDelta::minutes(UNPAID_HOLD_MINUTES));
        self.tables.add(
            Table::Orders,
            &[
                id,
                &number,
                &order.channel,
                &self.legal_entity,
                &order.external_id,
                &order.customer,
                &order.contact,
                &1i32,
                &order.method.as_str(),
                &order.pickup_location,
                &plan_order.traits.delivery_method,
                &"GBP",
                &order.goods_minor(),
                &order.shipping_minor,
                &tax.iter().sum::<i64>(),
                &order.total_minor(),
                &order.placed_at,
                &held_until,
                &order.placed_at,
            ],
        );
        self.tables.add(Table::Numbers, &[&number, id]);
        if let Some(external_id) = &order.external_id {
            self.tables.add(Table::ExternalIds, &[&order.channel, external_id, id]);
        }
    }

    fn note_decision(&mut self, noting: &Noting<'_>, plan_order: &PlanOrder, decided: &Plan) {
        let record = serde_json::to_string(&DecisionRecord::new(plan_order, decided)).unwrap_or_default();
        let (ruleset, version) = (self.ruleset.id.0, self.ruleset.version);
        self.tables.add(Table::Decisions, &[&noting.id, &1i32, &ruleset, &version, &ENGINE_VERSION, &noting.order.placed_at, &record]);
    }

    /// One fulfilment order per location, numbered as the plan names them first.
    fn note_fulfilments(&mut self, noting: &mut Noting<'_>, decided: &Plan) -> Vec<Departure> {
        let mut places: Vec<LocationId> = Vec::new();
        for assignment in &decided.assignments {
            if !places.contains(&assignment.location) {
                places.push(assignment.location);
            }
        }
        let mut departures = Vec::new();
        for (no, place) in (1i32..).zip(places) {
            let left = self.note_fulfilment(noting, no, place);
            let units = self.note_units(noting, decided, no, place, left);
            departures.extend(left.map(|at| Departure { at, fulfilment_no: no, units }));
        }
        departures.sort_by_key(|d| d.at);
        departures
    }

    /// The fulfilment order itself, and its events. Answers when the goods left, if they have.
    fn note_fulfilment(&mut self, noting: &mut Noting<'_>, no: i32, place: LocationId) -> Option<DateTime<Utc>> {
        let (order, now) = (noting.order, self.now);
        let course = Course::of(order.placed_at, mix(order.seed ^ u64::from(no.unsigned_abs())));
        let runs = order.fate == Fate::Runs;
        let happened = |at: DateTime<Utc>| (runs && at <= now).then_some(at);
        let state = match order.fate {
            Fate::Runs => course.state(order.method, now),
            Fate::Cancelled => FulfilmentState::Cancelled,
            Fate::Undecided => FulfilmentState::Planned,
        };
        let (name, country) = self.network.location(place).map(|l| (l.name.clone(), l.country.clone())).unwrap_or_default();
        let (ships, left) = (order.method == Method::Ship, course.left(order.method, now).filter(|_| runs));
        let tracking = (state.is_out() && ships).then(|| {
            self.parcels += 1;
            // Every serial once, in an order that does not tell how many there are: the factor shares no divisor with 10^8.
            s10_tracking_number(u32::try_from(self.parcels * 48_271 % 100_000_000).unwrap_or(0), &country)
        });
        let pickup_code = (state == FulfilmentState::Ready).then(|| format!("{:06}", draw(order.seed, 1_000_000)));
        let delivered = happened(course.delivered).filter(|_| ships);
        let ready = happened(course.out).filter(|_| !ships);
        let released = (order.fate != Fate::Undecided).then_some(course.released);
        let closed = order.cancelled_at().or(delivered).or(left.filter(|_| !ships));
        self.tables.add(
            Table::Fulfilments,
            &[
                &noting.id,
                &no,
                &place,
                &order.method.as_str(),
                &state.as_str(),
                &tracking.as_ref().map(|_| "Waybill Parcel"),
                &tracking,
                &pickup_code,
                &order.placed_at,
                &released,
                &happened(course.picked),
                &happened(course.packed),
                &ready,
                &left,
                &delivered,
                &closed,
                &order.cancelled_at().map(|_| CHANGED_MIND),
            ],
        );
        if let Some(tracking) = &tracking {
            self.tables.add(Table::Tracking, &[tracking, &noting.id, &no]);
        }
        let details = |number: Option<&String>| serde_json::json!({ "fulfilment_no": no, "location": name, "tracking_number": number }).to_string();
        let (out_kind, out_details) = if ships { (EventKind::Shipped, details(tracking.as_ref())) } else { (EventKind::Collected, details(None)) };
        let steps = [
            (EventKind::FulfilmentReleased, released),
            (EventKind::PickingStarted, happened(course.picked)),
            (EventKind::Packed, happened(course.packed)),
            (EventKind::ReadyForPickup, ready),
            (EventKind::Delivered, delivered),
        ];
        noting.events.extend(steps.into_iter().filter_map(|(kind, at)| Some((kind, details(None), at?))));
        noting.events.extend(left.map(|at| (out_kind, out_details, at)));
        left
    }

    /// What a fulfilment order is to send: its lines, their reservations, and the movements if it has left.
    fn note_units(&mut self, noting: &Noting<'_>, decided: &Plan, no: i32, place: LocationId, left: Option<DateTime<Utc>>) -> Vec<(usize, i32)> {
        let Noting { id, order, .. } = noting;
        let mut units = Vec::new();
        for assignment in decided.assignments.iter().filter(|a| a.location == place) {
            let index = usize::try_from(assignment.line_no - 1).unwrap_or(0);
            let (sku, quantity) = (order.lines[index].sku, assignment.quantity);
            let reservation = ReservationId::new(order.placed_at);
            self.tables.add(Table::FulfilmentLines, &[id, &no, &assignment.line_no, &sku, &quantity, &reservation]);
            let (closed, outcome) = match (left, order.cancelled_at()) {
                (Some(at), _) => (Some(at), Some("consumed")),
                (None, Some(at)) => (Some(at), Some("released")),
                (None, None) => (None, None),
            };
            self.tables
                .add(Table::Reservations, &[&sku, &reservation, &place, &quantity, id, &assignment.line_no, &order.placed_at, &closed, &outcome]);
            if let Some(at) = left {
                let reason = if order.method == Method::Ship { "shipment" } else { "collection" };
                self.tables.add(Table::Movements, &[&sku, &place, &-quantity, &reason, &Some(*id), &"system", &at]);
                self.change_stock(sku, place, -quantity, 0);
                units.push((index, quantity));
            } else {
                self.change_stock(sku, place, 0, quantity);
                if let Some(at) = order.cancelled_at() {
                    self.cancelled.push_back((at, sku, place, quantity));
                }
            }
        }
        units
    }

    /// Each parcel is invoiced and charged when it leaves; the first one bears the delivery charge.
    fn note_captures(&mut self, noting: &mut Noting<'_>, departures: Vec<Departure>) {
        let order = noting.order;
        for (i, Departure { at, fulfilment_no, units }) in departures.into_iter().enumerate() {
            // Shares of a line add up to it, however it is divided.
            let part = |total: i64, index: usize, n: i32, done: i32| {
                let all = order.lines[index].quantity;
                share(total, done + n, all) - share(total, done, all)
            };
            let gross: i64 = units.iter().map(|(i, n)| part(order.lines[*i].amount_minor, *i, *n, noting.done[*i])).sum();
            let vat: i64 = units.iter().map(|(i, n)| part(noting.tax[*i], *i, *n, noting.done[*i])).sum();
            for (index, n) in units {
                noting.done[index] += n;
            }
            let shipping = if i == 0 { order.shipping_minor } else { 0 };
            let owed = gross + shipping;
            if owed > 0 {
                let answered = at + TimeDelta::seconds(1);
                self.note_operation(noting, "capture", owed, Some(fulfilment_no), at, Some(answered));
                let invoice = [("receivable", owed), ("goods_sales", vat - gross), ("tax", -vat), ("shipping_sales", -shipping)];
                self.journal(noting.id, at, &invoice);
                self.journal(noting.id, answered, &[("gateway", owed), ("receivable", -owed)]);
                noting.captured_minor += owed;
                noting.tell(EventKind::PaymentCaptured, format!("{{\"amount_minor\": {owed}}}"), answered);
            }
        }
    }

    fn note_lines(&mut self, noting: &Noting<'_>) {
        let order = noting.order;
        for (index, (line, line_no)) in order.lines.iter().zip(1i32..).enumerate() {
            let done = noting.done[index];
            let cancelled = if order.fate == Fate::Cancelled { line.quantity } else { 0 };
            let (shipped, collected) = if order.method == Method::Ship { (done, 0) } else { (0, done) };
            self.tables.add(
                Table::Lines,
                &[
                    &noting.id,
                    &line_no,
                    &line.sku,
                    &line.code,
                    &line.name,
                    &line.quantity,
                    &cancelled,
                    &(line.quantity - cancelled - done),
                    &shipped,
                    &collected,
                    &line.unit_price.micros(),
                    &line.amount_minor,
                    &noting.tax[index],
                ],
            );
        }
    }

    fn note_payment(&mut self, noting: &mut Noting<'_>) {
        let Noting { id, order, captured_minor: captured, .. } = *noting;
        let (placed, total) = (order.placed_at, order.total_minor());
        let (token, state, authorised_minor) = match order.fate {
            Fate::Undecided => ("tok_undecided", "pending", 0),
            Fate::Cancelled => ("tok_ok", "voided", total),
            Fate::Runs if captured == 0 => ("tok_ok", "authorised", total),
            Fate::Runs if captured < total => ("tok_ok", "partly_captured", total),
            Fate::Runs => ("tok_ok", "captured", total),
        };
        let answered = (order.fate != Fate::Undecided).then(|| placed + TimeDelta::seconds(2));
        let operation = self.note_operation(noting, "authorise", total, None, placed, answered);
        let reference = answered.map(|_| format!("auth_{operation}"));
        self.tables.add(Table::Payments, &[&id, &1i32, &token, &reference, &state, &"GBP", &total, &authorised_minor, &captured]);
        if let Some(at) = answered {
            noting.tell(EventKind::PaymentAuthorised, "{}", at);
        } else {
            let settle = Job::SettlePaymentOperation { order_id: id, operation_id: operation };
            let expire = Job::ExpireUnpaidOrder { order_id: id };
            for (job, at) in [(settle, self.now), (expire, placed + TimeDelta::minutes(UNPAID_HOLD_MINUTES))] {
                let payload = serde_json::to_string(&job).unwrap_or_default();
                self.tables.add(Table::Jobs, &[&job.name(), &job.dedupe_key(), &payload, &at]);
            }
        }
        if let Some(at) = order.cancelled_at() {
            let voided = at + TimeDelta::seconds(1);
            self.note_operation(noting, "void", total, None, at, Some(voided));
            noting.tell(EventKind::OrderCancelled, serde_json::json!({ "reason": CHANGED_MIND }).to_string(), at);
            noting.tell(EventKind::PaymentVoided, "{}", voided);
        }
    }

    /// What was asked of the gateway; without an answer it has not decided.
    fn note_operation(
        &mut self,
        noting: &Noting<'_>,
        kind: &'static str,
        amount_minor: i64,
        fulfilment_no: Option<i32>,
        asked: DateTime<Utc>,
        answered: Option<DateTime<Utc>>,
    ) -> OperationId {
        let operation = OperationId::new(asked);
        let state = if answered.is_some() { "succeeded" } else { "requested" };
        self.tables.add(Table::Operations, &[&noting.id, &operation, &1i32, &kind, &amount_minor, &fulfilment_no, &state, &asked, &answered]);
        operation
    }

    fn note_events(&mut self, mut noting: Noting<'_>) {
        noting.events.sort_by_key(|e| e.2);
        let id = noting.id;
        let partition = i16::from(id.0.as_bytes()[15]) % crate::events::PARTITIONS;
        for ((kind, payload, at), version) in noting.events.into_iter().zip(1i32..) {
            self.tables.add(Table::Events, &[&self.horizon, &partition, &"order", &id, &version, &kind.as_str(), &"system", &payload, &at]);
        }
    }

    fn journal(&mut self, order: OrderId, at: DateTime<Utc>, entries: &[(&str, i64)]) {
        let journal = new_uuid(at);
        for (account, amount) in entries.iter().filter(|e| e.1 != 0) {
            self.tables.add(Table::Ledger, &[&order, &journal, account, amount, &"GBP", &at]);
        }
    }
}
