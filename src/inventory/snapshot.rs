//! The network and the stock as they were at any moment: one way for the live system, for explanations and for simulation.

use super::calendar::{Calendar, Closure, Hours, Week};
use super::{Allowed, COMPANY_TIME, Location, LocationKind, Measured, Network, StockLevel, StockView, backorders, disruptions, rules};
use crate::carriers::{self, Delivery};
use crate::catalog;
use crate::geo::GeoPoint;
use crate::ids::{LocationId, OrderId, SkuId};
use crate::planning_state::touch_network;
use crate::refusal::Result;
use chrono::{DateTime, NaiveDate, Utc};
use sqlx::PgConnection;
use std::collections::BTreeMap;
use std::sync::{Arc, RwLock};
use uuid::Uuid;

/// The network in force at `at`.
pub async fn network_at(conn: &mut PgConnection, at: DateTime<Utc>) -> Result<Network> {
    let delivery = carriers::delivery_at(conn, at).await?;
    let mut calendars = calendars_at(conn, &delivery, at).await?;
    let locations = sqlx::query!(
        r#"select l.location_id as "id: LocationId", l.code, v.name, v.kind as "kind: LocationKind", v.city, v.postcode, v.country, v.latitude, v.longitude,
            v.ships, v.offers_pickup, v.priority, v.handling_minutes, v.daily_order_capacity, v.tags, v.attributes, v.handling_order_minor,
            v.handling_unit_minor, m.refused_permille as "refused_permille?", m.work_week as "work_week?",
            array(select g.name
                from location_group_members m
                join location_groups g using (location_group_id)
                where m.location_id = l.location_id and m.valid @> $1::timestamptz
                order by g.name) as "groups!",
            (select c.reason
                from location_closures c
                where c.location_id = l.location_id and c.valid @> $1::timestamptz and c.closed @> $1::timestamptz
                limit 1) as "closed?"
        from locations l
        join location_versions v on v.location_id = l.location_id and v.valid @> $1::timestamptz
        left join location_measures m on m.location_id = l.location_id and m.valid @> $1::timestamptz
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
        postcode: r.postcode,
        country: r.country,
        point: GeoPoint { latitude: r.latitude, longitude: r.longitude },
        calendar: calendars.remove(&r.id).unwrap_or_default(),
        ships: r.ships,
        offers_pickup: r.offers_pickup,
        priority: r.priority,
        handling_minutes: r.handling_minutes,
        daily_order_capacity: r.daily_order_capacity,
        closed: r.closed,
        groups: r.groups,
        tags: r.tags,
        attributes: r.attributes,
        handling_order_minor: r.handling_order_minor,
        handling_unit_minor: r.handling_unit_minor,
        measured: r.refused_permille.zip(r.work_week).map(|(refused_permille, work_week)| Measured { refused_permille, work_week }),
    })
    .collect();
    let rules = rules::rules_at(conn, at).await?;
    let mut flags: BTreeMap<SkuId, Vec<(LocationId, Allowed)>> = BTreeMap::new();
    let set = sqlx::query!(
        r#"select sku_id as "sku: SkuId", location_id as "location: LocationId", ship, pickup
        from allow_flags
        where valid @> $1::timestamptz
        order by sku_id, location_id"#,
        at
    )
    .fetch_all(&mut *conn)
    .await?;
    for r in set {
        flags.entry(r.sku).or_default().push((r.location, Allowed { ship: r.ship, pickup: r.pickup }));
    }
    let later = backorders::later_terms_at(conn, at).await?;
    let kits = catalog::kits_at(conn, at).await?;
    let home_country = sqlx::query_scalar!("select country from legal_entities order by legal_entity_id limit 1").fetch_optional(&mut *conn).await?;
    let home_country = home_country.unwrap_or_default();
    let mut network = Network { locations, rules, flags, later, kits, delivery, home_country, clock: COMPANY_TIME, ..Network::default() };
    for stopped in disruptions::stopped_at(conn, at).await? {
        network.leave_out(stopped);
    }
    Ok(network)
}

/// When each location works from a moment on, as far as was known then: hours that were planned by then, closures that were known.
async fn calendars_at(conn: &mut PgConnection, delivery: &Delivery, at: DateTime<Utc>) -> Result<BTreeMap<LocationId, Calendar>> {
    let mut calendars: BTreeMap<LocationId, Calendar> = BTreeMap::new();
    let days = sqlx::query_file!("src/inventory/sql/hours_at.sql", at).fetch_all(&mut *conn).await?;
    for r in days {
        let id = LocationId(r.location_id);
        let calendar = calendars.entry(id).or_insert_with(|| Calendar {
            // It was checked when it was saved.
            zone: r.time_zone.parse().unwrap_or(chrono_tz::UTC),
            holidays: delivery.holidays.get(&r.country).filter(|_| r.keeps_holidays).cloned().unwrap_or_default(),
            ..Calendar::default()
        });
        if calendar.weeks.last().is_none_or(|w| w.from != r.since) {
            calendar.weeks.push(Week { from: r.since, days: [None; 7] });
        }
        if let (Some(weekday), Some(opens), Some(closes), Some(cut_off), Some(week)) =
            (r.weekday, r.opens, r.closes, r.cut_off, calendar.weeks.last_mut())
            && let Some(day) = usize::try_from(weekday - 1).ok().and_then(|n| week.days.get_mut(n))
        {
            *day = Some(Hours { opens, closes, cut_off });
        }
    }
    let closures = sqlx::query!(
        r#"select location_id as "id: LocationId", lower(closed) as "from!", upper(closed) as until
        from location_closures
        where valid @> $1::timestamptz and (upper(closed) is null or upper(closed) > $1)
        order by location_id, lower(closed)"#,
        at
    )
    .fetch_all(conn)
    .await?;
    for r in closures {
        if let Some(calendar) = calendars.get_mut(&r.id) {
            calendar.closures.push(Closure { from: r.from, until: r.until });
        }
    }
    Ok(calendars)
}

/// The moments of a period, after its beginning, at which the network became another or the traits of SKUs did; with `with_demand`, what is sold in a day,
/// too. Whoever reads [`network_at`] at each of them has seen all of it.
pub async fn network_changes(conn: &mut PgConnection, from: DateTime<Utc>, until: DateTime<Utc>, with_demand: bool) -> Result<Vec<DateTime<Utc>>> {
    Ok(sqlx::query_file_scalar!("src/inventory/sql/network_changes.sql", from, until, with_demand).fetch_all(conn).await?)
}

/// Stock of some SKUs as it is, and the orders that the network's locations have taken on their today. What is sold in a day is read where the caller or
/// the network's own rules ask for it.
pub async fn stock_now(conn: &mut PgConnection, network: &Network, skus: &[SkuId], now: DateTime<Utc>, with_demand: bool) -> Result<StockView> {
    let skus: Vec<Uuid> = skus.iter().map(|s| s.0).collect();
    let mut view = StockView::default();
    let rows = sqlx::query!(
        r#"select sku_id as "sku: SkuId", location_id as "location: LocationId", on_hand, reserved, backordered from stock where sku_id = any ($1)"#,
        &skus
    )
    .fetch_all(&mut *conn)
    .await?;
    let level = |on_hand, reserved, owed| StockLevel { on_hand, reserved, backordered: owed, ahead: owed, ..StockLevel::default() };
    view.levels.extend(rows.into_iter().map(|r| (r.sku, r.location, level(r.on_hand, r.reserved, r.backordered))));
    add_demand(conn, with_demand || network.rules.ask_for_demand(), &skus, now, &mut view).await?;
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
/// the ledgers. `placed` is by whose eyes: what was owed to orders placed before that one comes first, and what the
/// basket kept that it was is its own; all that was owed comes first where it is left out.
pub async fn stock_as_of(
    conn: &mut PgConnection,
    network: &Network,
    skus: &[SkuId],
    at: DateTime<Utc>,
    placed: Option<(DateTime<Utc>, OrderId)>,
    with_demand: bool,
) -> Result<StockView> {
    let skus: Vec<Uuid> = skus.iter().map(|s| s.0).collect();
    let rows = sqlx::query_file!("src/inventory/sql/stock_as_of.sql", &skus, at).fetch_all(&mut *conn).await?;
    let mut view = StockView::default();
    let level = |on_hand, reserved| StockLevel { on_hand, reserved, ..StockLevel::default() };
    view.levels.extend(rows.into_iter().map(|r| (SkuId(r.sku_id), LocationId(r.location_id), level(r.on_hand, r.reserved))));
    let ids: Vec<SkuId> = skus.iter().map(|s| SkuId(*s)).collect();
    view.set_owed(&backorders::owed_at(conn, &ids, at, placed).await?);
    if let Some((_, order)) = placed {
        let kept = sqlx::query!(
            r#"select r.sku_id as "sku: SkuId", r.location_id as "location: LocationId", r.quantity
            from holds h
            join reservations r using (hold_id)
            where h.order_id = $1 and r.opened_at <= $2 and (r.closed_at is null or r.closed_at > $2)"#,
            order.0,
            at
        )
        .fetch_all(&mut *conn)
        .await?;
        for held in kept {
            view.bring(held.sku, held.location, held.quantity);
        }
    }
    add_demand(conn, with_demand || network.rules.ask_for_demand(), &skus, at, &mut view).await?;
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

/// Adds what is sold in a day and how long it has been there, where it is asked for.
pub async fn add_demand(conn: &mut PgConnection, asked: bool, skus: &[Uuid], at: DateTime<Utc>, view: &mut StockView) -> Result<()> {
    if !asked {
        return Ok(());
    }
    let rates = sqlx::query!(
        r#"select sku_id as "sku: SkuId", location_id as "location: LocationId", per_day_milli
        from demand_rates
        where sku_id = any ($1) and valid @> $2::timestamptz"#,
        skus,
        at
    )
    .fetch_all(&mut *conn)
    .await?;
    for rate in rates {
        if let Some(level) = view.levels.get_mut(rate.sku, rate.location) {
            level.per_day_milli = rate.per_day_milli;
        }
    }
    let ages = sqlx::query!(
        r#"select sku_id as "sku: SkuId", location_id as "location: LocationId", came_on - date '1970-01-01' as "came_day!"
        from stock_ages
        where sku_id = any ($1) and valid @> $2::timestamptz"#,
        skus,
        at
    )
    .fetch_all(conn)
    .await?;
    for age in ages {
        if let Some(level) = view.levels.get_mut(age.sku, age.location) {
            level.came_day = age.came_day;
        }
    }
    Ok(())
}

/// What is sold is measured over so many days.
const DEMAND_DAYS: i32 = 28;

/// Measures what each location sells of each SKU in a day, how long that has been there, and how the location has been doing, where that was not done within the last day. Any number of nodes may.
pub async fn measure_demand(conn: &mut PgConnection, now: DateTime<Utc>) -> Result<()> {
    // One node at a time; the others find it done.
    sqlx::query!("select pg_advisory_xact_lock(hashtext('measure_demand'))").fetch_one(&mut *conn).await?;
    let fresh =
        sqlx::query_scalar!(r#"select exists (select from demand_measured where measured_at > $1) as "fresh!""#, now - chrono::TimeDelta::hours(23))
            .fetch_one(&mut *conn)
            .await?;
    if fresh {
        return Ok(());
    }
    // What reads longest comes before the first row is written: readers of events wait for whoever has written and goes on.
    sqlx::query_file!("src/inventory/sql/measure_ages.sql", now).execute(&mut *conn).await?;
    sqlx::query_file!("src/inventory/sql/measure_demand.sql", now, DEMAND_DAYS).execute(&mut *conn).await?;
    sqlx::query_file!("src/inventory/sql/measure_locations.sql", now, DEMAND_DAYS).execute(&mut *conn).await?;
    sqlx::query!("insert into demand_measured (only_one, measured_at) values (true, $1) on conflict (only_one) do update set measured_at = $1", now)
        .execute(&mut *conn)
        .await?;
    touch_network(conn).await
}

/// The locations with a daily limit, and the day it is there.
fn limited_days(network: &Network, at: DateTime<Utc>) -> (Vec<Uuid>, Vec<NaiveDate>) {
    network.locations.iter().filter(|l| l.daily_order_capacity.is_some()).map(|l| (l.id.0, l.day(at))).unzip()
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
