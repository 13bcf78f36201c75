//! The network and the stock as they were at any moment: one way for the live system, for explanations and for simulation.

use super::{Allowed, Location, LocationKind, Network, SafetyStock, StockLevel, StockView};
use crate::geo::GeoPoint;
use crate::ids::{LocationId, SkuId};
use crate::refusal::Result;
use chrono::{DateTime, NaiveDate, Utc};
use sqlx::PgConnection;
use std::sync::{Arc, RwLock};
use uuid::Uuid;

/// The network in force at `at`.
pub async fn network_at(conn: &mut PgConnection, at: DateTime<Utc>) -> Result<Network> {
    let locations = sqlx::query!(
        r#"select l.location_id as "id: LocationId", l.code, v.name, v.kind as "kind: LocationKind", v.city, v.country, v.latitude, v.longitude,
            v.time_zone, v.ships, v.offers_pickup, v.priority, v.handling_minutes, v.daily_order_capacity,
            (select c.reason
                from location_closures c
                where c.location_id = l.location_id and c.valid @> $1::timestamptz and c.closed @> $1::timestamptz
                limit 1) as "closed?"
        from locations l
        join location_versions v on v.location_id = l.location_id and v.valid @> $1::timestamptz
        order by l.code"#,
        at
    )
    .fetch_all(&mut *conn)
    .await?
    .into_iter()
    .map(|r| Location {
        id: r.id,
        code: r.code,
        name: r.name,
        kind: r.kind,
        city: r.city,
        country: r.country,
        point: GeoPoint { latitude: r.latitude, longitude: r.longitude },
        time_zone: r.time_zone,
        ships: r.ships,
        offers_pickup: r.offers_pickup,
        priority: r.priority,
        handling_minutes: r.handling_minutes,
        daily_order_capacity: r.daily_order_capacity,
        closed: r.closed,
    })
    .collect();
    let safety_stocks = sqlx::query_as!(
        SafetyStock,
        r#"select sku_id as "sku: SkuId", location_id as "location: LocationId", quantity
        from safety_stocks
        where valid @> $1::timestamptz
        order by safety_stock_id"#,
        at
    )
    .fetch_all(&mut *conn)
    .await?;
    let flags = sqlx::query!(
        r#"select sku_id as "sku: SkuId", location_id as "location: LocationId", ship, pickup
        from allow_flags
        where valid @> $1::timestamptz
        order by sku_id, location_id"#,
        at
    )
    .fetch_all(conn)
    .await?
    .into_iter()
    .map(|r| (r.sku, r.location, Allowed { ship: r.ship, pickup: r.pickup }))
    .collect();
    Ok(Network { locations, safety_stocks, flags })
}

/// Stock of some SKUs as it is, and the orders that the network's locations have taken on their today.
pub async fn stock_now(conn: &mut PgConnection, network: &Network, skus: &[SkuId], now: DateTime<Utc>) -> Result<StockView> {
    let skus: Vec<Uuid> = skus.iter().map(|s| s.0).collect();
    let mut view = StockView::default();
    let rows = sqlx::query!(
        r#"select sku_id as "sku: SkuId", location_id as "location: LocationId", on_hand, reserved from stock where sku_id = any ($1)"#,
        &skus
    )
    .fetch_all(&mut *conn)
    .await?;
    view.levels.extend(rows.into_iter().map(|r| ((r.sku, r.location), StockLevel { on_hand: r.on_hand, reserved: r.reserved })));
    let (locations, days) = limited_days(network, now);
    if !locations.is_empty() {
        let taken = sqlx::query!(
            r#"select c.location_id as "location: LocationId", c.taken
            from capacity_days c
            join unnest($1::uuid[], $2::date[]) as today (location_id, day) using (location_id, day)"#,
            &locations,
            &days
        )
        .fetch_all(conn)
        .await?;
        view.capacity_taken.extend(taken.into_iter().map(|r| (r.location, r.taken)));
    }
    Ok(view)
}

/// Stock of some SKUs as it was at a moment of the past, and the orders that the network's locations had taken by then on that day, from
/// the ledgers.
pub async fn stock_as_of(conn: &mut PgConnection, network: &Network, skus: &[SkuId], at: DateTime<Utc>) -> Result<StockView> {
    let skus: Vec<Uuid> = skus.iter().map(|s| s.0).collect();
    let rows = sqlx::query_file!("src/inventory/sql/stock_as_of.sql", &skus, at).fetch_all(&mut *conn).await?;
    let mut view = StockView::default();
    view.levels
        .extend(rows.into_iter().map(|r| ((SkuId(r.sku_id), LocationId(r.location_id)), StockLevel { on_hand: r.on_hand, reserved: r.reserved })));
    let (locations, days) = limited_days(network, at);
    if !locations.is_empty() {
        let taken = sqlx::query!(
            r#"select f.location_id as "location: LocationId", count(*)::integer as "taken!"
            from fulfilment_orders f
            join unnest($1::uuid[], $2::date[]) as that (location_id, day) on that.location_id = f.location_id and that.day = f.capacity_day
            where f.planned_at <= $3 and (f.state not in ('cancelled', 'rejected') or f.closed_at > $3)
            group by f.location_id"#,
            &locations,
            &days,
            at
        )
        .fetch_all(conn)
        .await?;
        view.capacity_taken.extend(taken.into_iter().map(|r| (r.location, r.taken)));
    }
    Ok(view)
}

/// The locations with a daily limit, and the day it is there.
fn limited_days(network: &Network, at: DateTime<Utc>) -> (Vec<Uuid>, Vec<NaiveDate>) {
    network.locations.iter().filter(|l| l.daily_order_capacity.is_some()).map(|l| (l.id.0, l.day(at))).unzip()
}

/// Says that the network or the rules have changed, so that every node reads them anew. Called in the transaction of the change.
pub async fn touch_network(conn: &mut PgConnection) -> Result<()> {
    sqlx::query!("update network_state set version = version + 1").execute(conn).await?;
    Ok(())
}

/// A node's copy of the network, read again only when it has changed.
#[derive(Debug, Default)]
pub struct NetworkCache {
    held: RwLock<Option<Held>>,
}

#[derive(Debug, Clone)]
struct Held {
    version: i64,
    read_at: DateTime<Utc>,
    network: Arc<Network>,
}

/// Effective dates and closures begin by themselves: a copy older than this is read again though nothing was written.
const LONGEST_KEPT: chrono::TimeDelta = chrono::TimeDelta::seconds(30);

impl NetworkCache {
    /// The network as it is now.
    pub async fn get(&self, conn: &mut PgConnection, now: DateTime<Utc>) -> Result<Arc<Network>> {
        let version = sqlx::query_scalar!("select version from network_state").fetch_one(&mut *conn).await?;
        let held = self.held.read().ok().and_then(|held| held.clone());
        if let Some(held) = held
            && held.version == version
            && now - held.read_at < LONGEST_KEPT
            && held.read_at <= now
        {
            return Ok(held.network);
        }
        let network = Arc::new(network_at(conn, now).await?);
        if let Ok(mut slot) = self.held.write() {
            *slot = Some(Held { version, read_at: now, network: Arc::clone(&network) });
        }
        Ok(network)
    }
}
