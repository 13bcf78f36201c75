//! Writing a past: orders that happened, with everything that belongs to them, many at a time.
//!
//! Each order is routed by `plan()` on the stock of its moment, kept in memory; then all rows are written as the use cases would have left
//! them. Bulk loading goes through COPY: a year of orders in minutes.

mod copy;
mod course;
mod past_order;

use crate::catalog::Size;
pub(super) use past_order::{Fate, PastLine, PastOrder};

use super::network::Site;
use crate::fulfilment::Method;
use crate::geo::GeoPoint;
use crate::ids::{LegalEntityId, LocationId, OrderId, SkuId};
use crate::inventory::{self, Buyer, LocationKind, Network, Snapshot, StockChange, StockLevel, StockView, network_at};
use crate::orders::project_order;
use crate::refusal::Result;
use crate::routing::{OrderTraits, PlanLine, PlanOrder, Ruleset, active_ruleset, plan};
use chrono::{DateTime, TimeDelta, Utc};
use copy::{Table, Tables};
use sqlx::PgConnection;
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

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
    Taken,
    /// Not all of it could be supplied.
    Unfillable,
}

/// Takes past orders in, a chunk at a time.
pub(super) struct Writer {
    network: Network,
    ruleset: Ruleset,
    stock: StockView,
    legal_entity: LegalEntityId,
    /// Until when things have happened.
    now: DateTime<Utc>,
    horizon: String,
    tables: Tables,
    /// Changes of (on hand, reserved).
    deltas: BTreeMap<(SkuId, LocationId), (i32, i32)>,
    taken: Vec<OrderId>,
    announced: VecDeque<Receipt>,
    /// Units of orders that are called off, and when: until then they are theirs.
    cancelled: VecDeque<(DateTime<Utc>, SkuId, LocationId, i32)>,
    /// When the latest order was placed, and how far its id lies behind.
    latest: DateTime<Utc>,
    same_moment: TimeDelta,
    /// Tracking numbers given out so far.
    parcels: u64,
    /// Lines, and those that the nearest location could have served.
    pub lines: u64,
    pub lines_from_nearest: u64,
}

impl Writer {
    /// Starts from the stock as it is.
    pub async fn new(conn: &mut PgConnection, now: DateTime<Utc>) -> Result<Self> {
        let network = network_at(conn, now).await?;
        let ruleset = active_ruleset(conn, now).await?.ruleset;
        let legal_entity =
            sqlx::query_scalar!(r#"select legal_entity_id as "id: LegalEntityId" from legal_entities limit 1"#).fetch_one(&mut *conn).await?;
        let parcels = sqlx::query_scalar!(r#"select count(*) as "count!" from tracking_numbers"#).fetch_one(&mut *conn).await?;
        let rows = sqlx::query!(r#"select sku_id as "sku: SkuId", location_id as "location: LocationId", on_hand, reserved from stock"#)
            .fetch_all(conn)
            .await?;
        let mut stock = StockView::default();
        stock
            .levels
            .extend(rows.into_iter().map(|r| (r.sku, r.location, StockLevel { on_hand: r.on_hand, reserved: r.reserved, ..StockLevel::default() })));
        Ok(Self {
            network,
            ruleset,
            stock,
            legal_entity,
            now,
            horizon: String::new(),
            tables: Tables::default(),
            deltas: BTreeMap::new(),
            taken: Vec::new(),
            announced: VecDeque::new(),
            cancelled: VecDeque::new(),
            latest: DateTime::UNIX_EPOCH,
            same_moment: TimeDelta::zero(),
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
        Snapshot { at: self.now, network: &self.network, stock: &self.stock }.available(Buyer::default(), sku, location)
    }

    /// Begins a chunk in the caller's transaction.
    pub async fn begin(&mut self, conn: &mut PgConnection) -> Result<()> {
        inventory::forget_closings(&mut *conn).await?;
        self.horizon = sqlx::query_scalar!(r#"select pg_current_xact_id()::text as "xid!""#).fetch_one(conn).await?;
        Ok(())
    }

    /// Says what will arrive when; it does so when time gets there.
    pub fn announce(&mut self, mut receipts: Vec<Receipt>) {
        receipts.sort_by_key(|r| (r.at, r.sku, r.location));
        self.announced = receipts.into();
    }

    /// Lets arrive what was announced for a time up to `until`, and frees what was called off by then.
    pub fn arrive(&mut self, until: DateTime<Utc>) {
        while let Some((_, sku, location, units)) = self.cancelled.pop_front_if(|(at, ..)| *at <= until) {
            self.change_stock(sku, location, 0, -units);
        }
        while let Some(r) = self.announced.pop_front_if(|r| r.at <= until) {
            self.tables.add(Table::Movements, &[&r.sku, &r.location, &r.quantity, &r.reason, &None::<OrderId>, &"system", &r.at]);
            self.change_stock(r.sku, r.location, r.quantity, 0);
        }
    }

    /// In memory now, in the tables with the next [`Writer::flush`].
    fn change_stock(&mut self, sku: SkuId, location: LocationId, on_hand: i32, reserved: i32) {
        let level = self.stock.levels.entry(sku, location);
        level.on_hand += on_hand;
        level.reserved += reserved;
        let delta = self.deltas.entry((sku, location)).or_default();
        delta.0 += on_hand;
        delta.1 += reserved;
    }

    /// Routes an order on the stock of its moment and notes everything about it. Nothing is noted where it cannot be supplied.
    pub fn add(&mut self, order: &PastOrder) -> Added {
        self.arrive(order.placed_at);
        // As the shop would have chosen for a customer who does not: the first way of delivery that comes at any time.
        let way = self.network.delivery.methods_of(order.channel).find(|(_, way)| order.method == Method::Ship && way.slots.is_empty());
        let (delivery_method, services) = way.map(|(code, way)| (code.to_owned(), way.services.clone())).unzip();
        let plan_order = PlanOrder {
            channel: order.channel.to_owned(),
            customer_group: None,
            method: order.method,
            pickup_location: order.pickup_location,
            country: order.country.clone(),
            destination: order.destination,
            postcode: order.postcode.clone(),
            services,
            release_at: None,
            slot: None,
            value_minor: order.goods_minor(),
            lines: (1..)
                .zip(&order.lines)
                .map(|(line_no, l)| {
                    let size = Size { grams: l.weight_grams, ..Size::default() };
                    PlanLine {
                        line_no,
                        sku: l.sku,
                        quantity: l.quantity,
                        size,
                        promised_by: None,
                        amount_minor: l.amount_minor,
                        queue: None,
                        traits: Arc::default(),
                    }
                })
                .collect(),
            excluded: Vec::new(),
            not_before: Vec::new(),
            taken_by: None,
            by_hand: false,
            promised: Vec::new(),
            traits: OrderTraits { origin: "import".to_owned(), currency: "GBP".to_owned(), delivery_method, ..OrderTraits::new_at(order.placed_at) },
        };
        let snapshot = Snapshot { at: order.placed_at, network: &self.network, stock: &self.stock };
        let decided = plan(&plan_order, &snapshot, &self.ruleset);
        if !decided.waiting.is_empty() {
            return Added::Unfillable;
        }
        if let Some(nearest) = self.nearest_of(order.destination, |_| true) {
            self.lines += order.lines.len() as u64;
            self.lines_from_nearest += order.lines.iter().filter(|l| self.free(l.sku, nearest) >= l.quantity).count() as u64;
        }
        let id = self.note(order, &plan_order, &decided);
        self.taken.push(id);
        Added::Taken
    }

    /// Writes the chunk in the caller's transaction.
    pub async fn flush(&mut self, conn: &mut PgConnection) -> Result<()> {
        self.tables.write(conn).await?;
        let deltas = std::mem::take(&mut self.deltas);
        let changes: Vec<_> = deltas
            .into_iter()
            .map(|((sku, location), (on_hand, reserved))| StockChange { sku, location, on_hand, reserved, quarantined: 0, damaged: 0 })
            .collect();
        inventory::add_to_stock(conn, &changes).await?;
        let orders = std::mem::take(&mut self.taken);
        project_order(conn, self.now, &orders).await
    }
}
