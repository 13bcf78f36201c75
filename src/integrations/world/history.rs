//! Writing a past: orders that happened, with everything that belongs to them, many at a time.
//!
//! Each order is routed by `plan()` on the stock of its moment, kept in memory; then all rows are written as the use cases would have left
//! them. Bulk loading goes through COPY: a year of orders in minutes.

use super::network::{Site, TAX_RATE_BP};
use super::{draw, mix};
use crate::events::EventKind;
use crate::fulfilment::{FulfilmentState, Method, s10_tracking_number};
use crate::geo::GeoPoint;
use crate::ids::{ContactId, CustomerId, LegalEntityId, LocationId, OperationId, OrderId, ReservationId, SkuId, new_uuid};
use crate::inventory::{self, LocationKind, Network, Snapshot, StockLevel, StockView, network_at};
use crate::money::{UnitPrice, included_tax, share};
use crate::orders::{new_number, project_order};
use crate::refusal::Result;
use crate::routing::{DecisionRecord, ENGINE_VERSION, Plan, PlanLine, PlanOrder, Ruleset, active_ruleset, plan};
use chrono::{DateTime, TimeDelta, Utc};
use sqlx::PgConnection;
use std::collections::{BTreeMap, VecDeque};
use std::fmt::Write as _;

/// An order that happened.
#[derive(Clone, Debug)]
pub(super) struct PastOrder {
    pub channel: &'static str,
    pub external_id: Option<String>,
    pub customer: Option<CustomerId>,
    pub contact: ContactId,
    pub destination: GeoPoint,
    pub country: String,
    pub method: Method,
    pub pickup_location: Option<LocationId>,
    pub lines: Vec<PastLine>,
    pub shipping_minor: i64,
    pub placed_at: DateTime<Utc>,
    pub fate: Fate,
    /// Decides how long each step took.
    pub seed: u64,
}

#[derive(Clone, Debug)]
pub(super) struct PastLine {
    pub sku: SkuId,
    pub code: String,
    pub name: String,
    pub quantity: i32,
    pub unit_price: UnitPrice,
    pub amount_minor: i64,
    pub weight_grams: i32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    /// It goes its way, as far as time has allowed.
    Runs,
    /// Called off before picking.
    Cancelled,
    /// The bank has not decided.
    Undecided,
}

/// When goods left, in which fulfilment order, and how many units of which line.
type Departure = (DateTime<Utc>, i32, Vec<(usize, i32)>);

/// Units that arrive at a moment.
#[derive(Clone, Debug)]
pub(super) struct Receipt {
    pub at: DateTime<Utc>,
    pub sku: SkuId,
    pub location: LocationId,
    pub quantity: i32,
    pub reason: &'static str,
}

/// What became of an order in [`Writer::add`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Added {
    Taken {
        order: OrderId,
    },
    /// Not all of it could be supplied.
    Unfillable,
}

/// Rows of one table, as COPY reads them.
#[derive(Default)]
struct Rows(String);

impl Rows {
    fn add(&mut self, fields: &[&dyn Field]) {
        for (i, field) in fields.iter().enumerate() {
            if i > 0 {
                self.0.push('\t');
            }
            field.write(&mut self.0);
        }
        self.0.push('\n');
    }
}

/// One value in COPY's text format.
trait Field {
    fn write(&self, out: &mut String);
}

macro_rules! plain_fields {
    ($($kind:ty),+) => {$(
        impl Field for $kind {
            fn write(&self, out: &mut String) {
                // Writing to a String cannot fail.
                let _ = write!(out, "{self}");
            }
        }
    )+};
}
plain_fields!(i16, i32, i64, uuid::Uuid, OrderId, SkuId, LocationId, ContactId, CustomerId, ReservationId, OperationId, LegalEntityId);

impl Field for str {
    fn write(&self, out: &mut String) {
        for c in self.chars() {
            match c {
                '\\' => out.push_str("\\\\"),
                '\t' => out.push_str("\\t"),
                '\n' => out.push_str("\\n"),
                '\r' => out.push_str("\\r"),
                c => out.push(c),
            }
        }
    }
}

impl Field for String {
    fn write(&self, out: &mut String) {
        self.as_str().write(out);
    }
}

impl Field for &str {
    fn write(&self, out: &mut String) {
        (**self).write(out);
    }
}

impl Field for DateTime<Utc> {
    fn write(&self, out: &mut String) {
        out.push_str(&self.to_rfc3339());
    }
}

impl<T: Field> Field for Option<T> {
    fn write(&self, out: &mut String) {
        match self {
            Some(value) => value.write(out),
            None => out.push_str("\\N"),
        }
    }
}

/// Steps of one fulfilment order in time; those after `now` have not happened.
struct Course {
    released: DateTime<Utc>,
    picked: DateTime<Utc>,
    packed: DateTime<Utc>,
    out: DateTime<Utc>,
    delivered: DateTime<Utc>,
}

impl Course {
    /// Drawn from the seed: hours at the location, days on the road.
    fn of(placed: DateTime<Utc>, seed: u64) -> Self {
        let minutes = |salt: u64, least: u64, most: u64| TimeDelta::minutes(i64::try_from(least + draw(seed ^ salt, most - least)).unwrap_or(0));
        let released = placed + TimeDelta::seconds(20);
        let picked = released + minutes(1, 20, 20 * 60);
        let packed = picked + minutes(2, 5, 90);
        let out = packed + minutes(3, 30, 10 * 60);
        Self { released, picked, packed, out, delivered: out + minutes(4, 18 * 60, 80 * 60) }
    }

    fn state(&self, method: Method, now: DateTime<Utc>) -> FulfilmentState {
        match method {
            Method::Ship if self.delivered <= now => FulfilmentState::Delivered,
            Method::Ship if self.out <= now => FulfilmentState::Shipped,
            Method::Pickup if self.delivered <= now => FulfilmentState::Collected,
            Method::Pickup if self.out <= now => FulfilmentState::Ready,
            _ if self.packed <= now => FulfilmentState::Packed,
            _ if self.picked <= now => FulfilmentState::Picking,
            _ => FulfilmentState::Released,
        }
    }

    /// When the goods left the building.
    fn left(&self, method: Method, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let at = match method {
            Method::Ship => self.out,
            Method::Pickup => self.delivered,
        };
        (at <= now).then_some(at)
    }
}

/// Takes past orders in, a chunk at a time.
pub(super) struct Writer {
    network: Network,
    ruleset: Ruleset,
    stock: StockView,
    legal_entity: LegalEntityId,
    countries: BTreeMap<LocationId, String>,
    /// Until when things have happened.
    now: DateTime<Utc>,
    horizon: String,
    tables: BTreeMap<Table, Rows>,
    /// Changes of (on hand, reserved).
    deltas: BTreeMap<(SkuId, LocationId), (i32, i32)>,
    taken: Vec<OrderId>,
    expected: VecDeque<Receipt>,
    /// Tracking numbers given out so far.
    parcels: u64,
    /// Lines, and those that the nearest location could have served.
    pub lines: u64,
    pub lines_from_nearest: u64,
}

/// In the order of their foreign keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Table {
    Orders,
    Numbers,
    ExternalIds,
    Lines,
    Decisions,
    Payments,
    Operations,
    Ledger,
    Fulfilments,
    Tracking,
    FulfilmentLines,
    Reservations,
    Movements,
    Events,
    Jobs,
}

impl Table {
    const fn statement(self) -> &'static str {
        match self {
            Self::Orders => {
                "copy orders (order_id, number, channel, legal_entity_id, external_id, customer_id, contact_id, contact_version, method, pickup_location_id, \
                 currency, goods_minor, shipping_minor, tax_minor, total_minor, placed_at, held_until, updated_at) from stdin"
            }
            Self::Numbers => "copy order_numbers (number, order_id) from stdin",
            Self::ExternalIds => "copy order_external_ids (channel, external_id, order_id) from stdin",
            Self::Lines => {
                "copy order_lines (order_id, line_no, sku_id, sku_code, name, quantity, cancelled, open, shipped, collected, unit_price_micros, amount_minor, \
                 tax_minor) from stdin"
            }
            Self::Decisions => {
                "copy order_decisions (order_id, decision_no, ruleset_id, ruleset_version, engine_version, decided_at, record) from stdin"
            }
            Self::Payments => {
                "copy payments (order_id, payment_no, token, gateway_reference, state, currency, amount_minor, authorised_minor, captured_minor) from stdin"
            }
            Self::Operations => {
                "copy payment_operations (order_id, operation_id, payment_no, kind, amount_minor, fulfilment_no, state, requested_at, answered_at) from stdin"
            }
            Self::Ledger => "copy ledger_entries (order_id, journal_id, account, amount_minor, currency, occurred_at) from stdin",
            Self::Fulfilments => {
                "copy fulfilment_orders (order_id, fulfilment_no, location_id, method, state, carrier, tracking_number, pickup_code, planned_at, released_at, \
                 picked_at, packed_at, ready_at, fulfilled_at, delivered_at, closed_at, reason) from stdin"
            }
            Self::Tracking => "copy tracking_numbers (tracking_number, order_id, fulfilment_no) from stdin",
            Self::FulfilmentLines => "copy fulfilment_lines (order_id, fulfilment_no, line_no, sku_id, quantity, reservation_id) from stdin",
            Self::Reservations => {
                "copy reservations (sku_id, reservation_id, location_id, quantity, order_id, line_no, opened_at, closed_at, outcome) from stdin"
            }
            Self::Movements => "copy stock_movements (sku_id, location_id, quantity, reason, order_id, actor_kind, occurred_at) from stdin",
            Self::Events => "copy events (horizon, partition, stream_kind, stream_id, version, kind, actor_kind, payload, occurred_at) from stdin",
            Self::Jobs => "copy jobs (kind, dedupe_key, payload, run_at) from stdin",
        }
    }
}

impl Writer {
    /// Starts from the stock as it is.
    pub async fn new(conn: &mut PgConnection, now: DateTime<Utc>) -> Result<Self> {
        let network = network_at(conn, now).await?;
        let ruleset = active_ruleset(conn, now).await?;
        let legal_entity =
            sqlx::query_scalar!(r#"select legal_entity_id as "id: LegalEntityId" from legal_entities limit 1"#).fetch_one(&mut *conn).await?;
        let parcels = sqlx::query_scalar!(r#"select count(*) as "count!" from tracking_numbers"#).fetch_one(&mut *conn).await?;
        let rows = sqlx::query!(r#"select sku_id as "sku: SkuId", location_id as "location: LocationId", on_hand, reserved from stock"#)
            .fetch_all(conn)
            .await?;
        let mut stock = StockView::default();
        stock.levels.extend(rows.into_iter().map(|r| ((r.sku, r.location), StockLevel { on_hand: r.on_hand, reserved: r.reserved })));
        let countries = network.locations.iter().map(|l| (l.id, l.country.clone())).collect();
        Ok(Self {
            network,
            ruleset,
            stock,
            legal_entity,
            countries,
            now,
            horizon: String::new(),
            tables: BTreeMap::new(),
            deltas: BTreeMap::new(),
            taken: Vec::new(),
            expected: VecDeque::new(),
            parcels: u64::try_from(parcels).unwrap_or(0),
            lines: 0,
            lines_from_nearest: 0,
        })
    }

    pub fn sites(&self) -> Vec<Site> {
        self.network.locations.iter().map(|l| Site { id: l.id, kind: l.kind }).collect()
    }

    /// The location that is nearest to a point, among those of a kind.
    pub fn nearest_of(&self, point: GeoPoint, kind: impl Fn(LocationKind) -> bool) -> Option<LocationId> {
        let candidates = self.network.locations.iter().filter(|l| kind(l.kind));
        candidates.min_by(|a, b| a.point.distance_km(point).total_cmp(&b.point.distance_km(point))).map(|l| l.id)
    }

    /// Units free at a location.
    pub fn free(&self, sku: SkuId, location: LocationId) -> i32 {
        Snapshot { at: self.now, network: &self.network, stock: &self.stock }.available(sku, location)
    }

    /// Begins a chunk in the caller's transaction.
    pub async fn begin(&mut self, conn: &mut PgConnection) -> Result<()> {
        self.horizon = sqlx::query_scalar!(r#"select pg_current_xact_id()::text as "xid!""#).fetch_one(conn).await?;
        Ok(())
    }

    fn rows(&mut self, table: Table) -> &mut Rows {
        self.tables.entry(table).or_default()
    }

    /// Says what will arrive when; it does so when time gets there.
    pub fn expect(&mut self, mut receipts: Vec<Receipt>) {
        receipts.sort_by_key(|r| (r.at, r.sku, r.location));
        self.expected = receipts.into();
    }

    /// Lets arrive what was expected by `until`.
    pub fn arrive(&mut self, until: DateTime<Utc>) {
        while let Some(receipt) = self.expected.pop_front_if(|r| r.at <= until) {
            self.receive(receipt.sku, receipt.location, receipt.quantity, receipt.reason, receipt.at);
        }
    }

    fn receive(&mut self, sku: SkuId, location: LocationId, quantity: i32, reason: &'static str, at: DateTime<Utc>) {
        self.rows(Table::Movements).add(&[&sku, &location, &quantity, &reason, &None::<OrderId>, &"system", &at]);
        self.stock.levels.entry((sku, location)).or_default().on_hand += quantity;
        self.deltas.entry((sku, location)).or_default().0 += quantity;
    }

    /// Routes an order on the stock of its moment and notes everything about it. Nothing is noted where it cannot be supplied.
    pub fn add(&mut self, order: &PastOrder) -> Added {
        self.arrive(order.placed_at);
        let goods: i64 = order.lines.iter().map(|l| l.amount_minor).sum();
        let plan_order = PlanOrder {
            channel: order.channel.to_owned(),
            method: order.method,
            pickup_location: order.pickup_location,
            country: order.country.clone(),
            destination: order.destination,
            value_minor: goods + order.shipping_minor,
            lines: (1..)
                .zip(&order.lines)
                .map(|(line_no, l)| PlanLine { line_no, sku: l.sku, quantity: l.quantity, weight_grams: l.weight_grams })
                .collect(),
        };
        let snapshot = Snapshot { at: order.placed_at, network: &self.network, stock: &self.stock };
        let (decided, _) = plan(&plan_order, &snapshot, &self.ruleset);
        if !decided.waiting.is_empty() {
            return Added::Unfillable;
        }
        if let Some(nearest) = self.nearest_of(order.destination, |_| true) {
            self.lines += order.lines.len() as u64;
            self.lines_from_nearest += order.lines.iter().filter(|l| self.free(l.sku, nearest) >= l.quantity).count() as u64;
        }
        let id = OrderId::new(order.placed_at);
        self.note(id, order, &plan_order, &decided, goods);
        self.taken.push(id);
        Added::Taken { order: id }
    }

    fn note(&mut self, id: OrderId, order: &PastOrder, plan_order: &PlanOrder, decided: &Plan, goods: i64) {
        let (placed, now) = (order.placed_at, self.now);
        let total = goods + order.shipping_minor;
        let tax: Vec<i64> = order.lines.iter().map(|l| included_tax(l.amount_minor, TAX_RATE_BP)).collect();
        let runs = order.fate == Fate::Runs;
        let number = new_number();
        let held_until = (order.fate == Fate::Undecided).then_some(placed + TimeDelta::minutes(crate::orders::UNPAID_HOLD_MINUTES));
        let legal_entity = self.legal_entity;
        self.rows(Table::Orders).add(&[
            &id,
            &number,
            &order.channel,
            &legal_entity,
            &order.external_id,
            &order.customer,
            &order.contact,
            &1i32,
            &order.method.as_str(),
            &order.pickup_location,
            &"GBP",
            &goods,
            &order.shipping_minor,
            &tax.iter().sum::<i64>(),
            &total,
            &placed,
            &held_until,
            &placed,
        ]);
        self.rows(Table::Numbers).add(&[&number, &id]);
        if let Some(external_id) = &order.external_id {
            self.rows(Table::ExternalIds).add(&[&order.channel, external_id, &id]);
        }
        let record = serde_json::to_string(&DecisionRecord::new(plan_order, decided)).unwrap_or_default();
        let (ruleset, version) = (self.ruleset.id.0, self.ruleset.version);
        self.rows(Table::Decisions).add(&[&id, &1i32, &ruleset, &version, &ENGINE_VERSION, &placed, &record]);

        let mut events: Vec<(EventKind, String, DateTime<Utc>)> = vec![(EventKind::OrderImported, "{}".to_owned(), placed)];
        let authorised = placed + TimeDelta::seconds(2);
        match order.fate {
            Fate::Undecided => {}
            Fate::Runs | Fate::Cancelled => events.push((EventKind::PaymentAuthorised, "{}".to_owned(), authorised)),
        }

        // One fulfilment order per location, numbered as they first appear.
        let mut places: Vec<LocationId> = Vec::new();
        for assignment in &decided.assignments {
            if !places.contains(&assignment.location) {
                places.push(assignment.location);
            }
        }
        let cancelled_at = placed + TimeDelta::minutes(10);
        let mut done = vec![0i32; order.lines.len()];
        // (when the goods left, number, units by line)
        let mut departures: Vec<Departure> = Vec::new();
        for (no, place) in (1i32..).zip(&places) {
            let course = Course::of(placed, mix(order.seed ^ u64::from(no.unsigned_abs())));
            let state = match order.fate {
                Fate::Runs => course.state(order.method, now),
                Fate::Cancelled => FulfilmentState::Cancelled,
                Fate::Undecided => FulfilmentState::Planned,
            };
            let left = if runs { course.left(order.method, now) } else { None };
            let tracking = (state.is_out() && order.method == Method::Ship).then(|| {
                self.parcels += 1;
                // Every serial once, in an order that does not tell how many there are: the factor shares no divisor with 10^8.
                let serial = u32::try_from(self.parcels * 48_271 % 100_000_000).unwrap_or(0);
                s10_tracking_number(serial, self.countries.get(place).map_or("GB", String::as_str))
            });
            let ready = (state == FulfilmentState::Ready).then(|| format!("{:06}", draw(order.seed, 1_000_000)));
            let happened = |at: DateTime<Utc>| (runs && at <= now).then_some(at);
            let delivered = if order.method == Method::Ship { happened(course.delivered) } else { None };
            let closed =
                if order.fate == Fate::Cancelled { Some(cancelled_at) } else { delivered.or(left.filter(|_| order.method == Method::Pickup)) };
            let ready_at = if order.method == Method::Pickup { happened(course.out) } else { None };
            let reason = (order.fate == Fate::Cancelled).then_some("The customer changed their mind.");
            let released = (order.fate != Fate::Undecided).then_some(course.released);
            self.rows(Table::Fulfilments).add(&[
                &id,
                &no,
                place,
                &order.method.as_str(),
                &state.as_str(),
                &tracking.as_ref().map(|_| "Waybill Parcel"),
                &tracking,
                &ready,
                &placed,
                &released,
                &happened(course.picked),
                &happened(course.packed),
                &ready_at,
                &left,
                &delivered,
                &closed,
                &reason,
            ]);
            if let Some(tracking) = &tracking {
                self.rows(Table::Tracking).add(&[tracking, &id, &no]);
            }
            let name = self.network.location(*place).map(|l| l.name.clone()).unwrap_or_default();
            let details =
                |number: Option<&String>| serde_json::json!({ "fulfilment_no": no, "location": name, "tracking_number": number }).to_string();
            if let Some(at) = released {
                events.push((EventKind::FulfilmentReleased, details(None), at));
            }
            let steps = [(EventKind::PickingStarted, course.picked), (EventKind::Packed, course.packed)];
            events.extend(steps.into_iter().filter(|(_, at)| happened(*at).is_some()).map(|(kind, at)| (kind, details(None), at)));
            match order.method {
                Method::Ship => {
                    events.extend(left.map(|at| (EventKind::Shipped, details(tracking.as_ref()), at)));
                    events.extend(delivered.map(|at| (EventKind::Delivered, details(None), at)));
                }
                Method::Pickup => {
                    events.extend(ready_at.map(|at| (EventKind::ReadyForPickup, details(None), at)));
                    events.extend(left.map(|at| (EventKind::Collected, details(None), at)));
                }
            }
            let mut units = Vec::new();
            for assignment in decided.assignments.iter().filter(|a| a.location == *place) {
                let index = usize::try_from(assignment.line_no - 1).unwrap_or(0);
                let sku = order.lines[index].sku;
                let reservation = ReservationId::new(placed);
                self.rows(Table::FulfilmentLines).add(&[&id, &no, &assignment.line_no, &sku, &assignment.quantity, &reservation]);
                let (closed, outcome) = match (left, order.fate) {
                    (Some(at), _) => (Some(at), Some("consumed")),
                    (None, Fate::Cancelled) => (Some(cancelled_at), Some("released")),
                    (None, _) => (None, None),
                };
                self.rows(Table::Reservations).add(&[
                    &sku,
                    &reservation,
                    place,
                    &assignment.quantity,
                    &id,
                    &assignment.line_no,
                    &placed,
                    &closed,
                    &outcome,
                ]);
                let level = self.stock.levels.entry((sku, *place)).or_default();
                let delta = self.deltas.entry((sku, *place)).or_default();
                if let Some(at) = left {
                    level.on_hand -= assignment.quantity;
                    delta.0 -= assignment.quantity;
                    let why = if order.method == Method::Ship { "shipment" } else { "collection" };
                    self.rows(Table::Movements).add(&[&sku, place, &-assignment.quantity, &why, &Some(id), &"system", &at]);
                    units.push((index, assignment.quantity));
                } else if order.fate != Fate::Cancelled {
                    level.reserved += assignment.quantity;
                    delta.1 += assignment.quantity;
                }
            }
            if let Some(at) = left {
                departures.push((at, no, units));
            }
        }
        departures.sort_by_key(|d| d.0);

        // Each parcel is invoiced and charged when it leaves.
        let mut captured = 0;
        for (at, no, units) in departures {
            let part = |total: i64, index: usize, n: i32, done: &[i32]| {
                let all = order.lines[index].quantity;
                share(total, done[index] + n, all) - share(total, done[index], all)
            };
            let gross: i64 = units.iter().map(|(i, n)| part(order.lines[*i].amount_minor, *i, *n, &done)).sum();
            let vat: i64 = units.iter().map(|(i, n)| part(tax[*i], *i, *n, &done)).sum();
            let shipping = if captured == 0 && done.iter().all(|d| *d == 0) { order.shipping_minor } else { 0 };
            for (index, n) in &units {
                done[*index] += n;
            }
            let owed = gross + shipping;
            if owed > 0 {
                let answered = at + TimeDelta::seconds(1);
                self.rows(Table::Operations).add(&[
                    &id,
                    &OperationId::new(at),
                    &1i32,
                    &"capture",
                    &owed,
                    &Some(no),
                    &"succeeded",
                    &at,
                    &Some(answered),
                ]);
                let invoice = [("receivable", owed), ("goods_sales", vat - gross), ("tax", -vat), ("shipping_sales", -shipping)];
                self.journal(id, at, &invoice);
                self.journal(id, answered, &[("gateway", owed), ("receivable", -owed)]);
                captured += owed;
                events.push((EventKind::PaymentCaptured, format!("{{\"amount_minor\": {owed}}}"), answered));
            }
        }
        for (index, (line, line_no)) in order.lines.iter().zip(1i32..).enumerate() {
            let cancelled = if order.fate == Fate::Cancelled { line.quantity } else { 0 };
            let (shipped, collected) = if order.method == Method::Ship { (done[index], 0) } else { (0, done[index]) };
            self.rows(Table::Lines).add(&[
                &id,
                &line_no,
                &line.sku,
                &line.code,
                &line.name,
                &line.quantity,
                &cancelled,
                &(line.quantity - cancelled - done[index]),
                &shipped,
                &collected,
                &line.unit_price.micros(),
                &line.amount_minor,
                &tax[index],
            ]);
        }
        let (state, authorised_minor) = match order.fate {
            Fate::Undecided => ("pending", 0),
            Fate::Cancelled => ("voided", total),
            Fate::Runs if captured == 0 => ("authorised", total),
            Fate::Runs if captured < total => ("partly_captured", total),
            Fate::Runs => ("captured", total),
        };
        let token = if order.fate == Fate::Undecided { "tok_undecided" } else { "tok_ok" };
        let operation = OperationId::new(placed);
        let reference = (order.fate != Fate::Undecided).then(|| format!("auth_{operation}"));
        self.rows(Table::Payments).add(&[&id, &1i32, &token, &reference, &state, &"GBP", &total, &authorised_minor, &captured]);
        let (asked, answered) = if order.fate == Fate::Undecided { ("requested", None) } else { ("succeeded", Some(authorised)) };
        self.rows(Table::Operations).add(&[&id, &operation, &1i32, &"authorise", &total, &None::<i32>, &asked, &placed, &answered]);
        match order.fate {
            Fate::Runs => {}
            Fate::Cancelled => {
                let voided = cancelled_at + TimeDelta::seconds(1);
                self.rows(Table::Operations).add(&[
                    &id,
                    &OperationId::new(cancelled_at),
                    &1i32,
                    &"void",
                    &total,
                    &None::<i32>,
                    &"succeeded",
                    &cancelled_at,
                    &Some(voided),
                ]);
                events.push((EventKind::OrderCancelled, r#"{"reason": "The customer changed their mind."}"#.to_owned(), cancelled_at));
                events.push((EventKind::PaymentVoided, "{}".to_owned(), voided));
            }
            Fate::Undecided => {
                let settle = crate::jobs::Job::SettlePaymentOperation { order_id: id, operation_id: operation };
                let expire = crate::jobs::Job::ExpireUnpaidOrder { order_id: id };
                for (job, at) in [(settle, now), (expire, held_until.unwrap_or(now))] {
                    let payload = serde_json::to_string(&job).unwrap_or_default();
                    self.rows(Table::Jobs).add(&[&job.name(), &job.dedupe_key(), &payload, &at]);
                }
            }
        }
        events.sort_by_key(|e| e.2);
        let partition = i16::from(id.0.as_bytes()[15]) % crate::events::PARTITIONS;
        let horizon = self.horizon.clone();
        for ((kind, payload, at), version) in events.into_iter().zip(1i32..) {
            self.rows(Table::Events).add(&[&horizon, &partition, &"order", &id, &version, &kind.as_str(), &"system", &payload, &at]);
        }
    }

    fn journal(&mut self, order: OrderId, at: DateTime<Utc>, entries: &[(&str, i64)]) {
        let journal = new_uuid(at);
        for (account, amount) in entries.iter().filter(|e| e.1 != 0) {
            self.rows(Table::Ledger).add(&[&order, &journal, account, amount, &"GBP", &at]);
        }
    }

    /// Writes the chunk in the caller's transaction.
    pub async fn flush(&mut self, conn: &mut PgConnection) -> Result<()> {
        for (table, rows) in std::mem::take(&mut self.tables) {
            let mut copy = conn.copy_in_raw(table.statement()).await?;
            copy.send(rows.0.as_bytes()).await?;
            copy.finish().await?;
        }
        let deltas = std::mem::take(&mut self.deltas);
        let changes: Vec<_> = deltas.into_iter().map(|((sku, location), (on_hand, reserved))| (sku, location, on_hand, reserved)).collect();
        inventory::add_to_stock(conn, &changes).await?;
        let orders = std::mem::take(&mut self.taken);
        project_order(conn, self.now, &orders).await
    }
}
