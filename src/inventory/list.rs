//! Reading stock and places.

use super::snapshot::{add_demand, stock_now};
use super::views::{
    AvailabilityExplained, AvailabilityRow, LocationChoice, MovementRow, PartExplained, PlaceExplained, Step, StockRow, StockSummary,
};
use super::{Allowed, Buyer, Condition, LocationKind, MovementReason, Network, Snapshot, StockLevel, StockView, rules};
use crate::identity::{Act, Permission};
use crate::ids::{LocationId, ProductId, SkuId};
use crate::page::{Page, containing, read_time_key, time_key};
use crate::refusal::{Refusal, Result};
use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use std::collections::BTreeMap;

/// How many of each SKU of a product every open location can give a buyer now; places with none are left out.
pub async fn availability_of_product(
    conn: &mut PgConnection,
    act: &Act,
    network: &Network,
    buyer: Buyer<'_>,
    product: ProductId,
) -> Result<Vec<AvailabilityRow>> {
    act.require(Permission::ReadCatalog)?;
    let skus = sqlx::query_scalar!(r#"select sku_id as "sku: SkuId" from skus where product_id = $1"#, product.0).fetch_all(&mut *conn).await?;
    let stock = stock_now(conn, network, &with_parts(network, &skus), act.now, false).await?;
    let snapshot = Snapshot { at: act.now, network, stock: &stock };
    let mut rows = Vec::new();
    for sku in skus {
        let cap = network.rules.cap(buyer, sku).map_or(i32::MAX, |cap| cap.units);
        for place in network.locations.iter().filter(|l| l.closed.is_none()) {
            let parts = network.kits.get(&sku);
            let available = parts.map_or_else(|| snapshot.available(buyer, sku, place.id), |parts| snapshot.available_kits(buyer, parts, place.id));
            let allowed = allowed_with_parts(network, sku, place.id);
            if available.min(cap) > 0 && (allowed.ship || allowed.pickup) {
                rows.push(AvailabilityRow {
                    sku,
                    location_id: place.id,
                    location: place.name.clone(),
                    kind: place.kind,
                    ships: place.ships && allowed.ship,
                    offers_pickup: place.offers_pickup && allowed.pickup,
                    available: available.min(cap),
                });
            }
        }
    }
    rows.sort_by(|a, b| a.location.cmp(&b.location));
    Ok(rows)
}

/// SKUs, and in place of kits their parts.
fn with_parts(network: &Network, skus: &[SkuId]) -> Vec<SkuId> {
    let parts = |sku: &SkuId| network.kits.get(sku).map_or_else(|| vec![*sku], |parts| parts.iter().map(|p| p.sku).collect());
    skus.iter().flat_map(parts).collect()
}

/// Where a SKU may be sold, and with it all its parts.
fn allowed_with_parts(network: &Network, sku: SkuId, place: LocationId) -> Allowed {
    let all = std::iter::once(sku).chain(network.kits.get(&sku).into_iter().flatten().map(|p| p.sku));
    all.map(|sku| network.allowed(sku, place))
        .fold(Allowed { ship: true, pickup: true }, |a, b| Allowed { ship: a.ship && b.ship, pickup: a.pickup && b.pickup })
}

/// Units of a SKU that a buyer is offered to be sent, from all locations together; of a kit, as many as its scarcest part makes.
fn offered_of(snapshot: &Snapshot<'_>, buyer: Buyer<'_>, sku: SkuId) -> i64 {
    let network = snapshot.network;
    if let Some(parts) = network.kits.get(&sku) {
        let made = |part: &crate::catalog::KitPart| offered_of(snapshot, buyer, part.sku) / i64::from(part.quantity.max(1));
        return parts.iter().map(made).min().unwrap_or(0);
    }
    let from = network.locations.iter().filter(|l| l.ships && l.closed.is_none() && network.allowed(sku, l.id).ship);
    let found: i64 = from.map(|place| i64::from(snapshot.available(buyer, sku, place.id))).sum();
    let cap = network.rules.cap(buyer, sku).map_or(i64::MAX, |cap| i64::from(cap.units));
    found.min(cap)
}

/// How many units of some SKUs, by code, a buyer is offered to be sent, from all locations together.
pub async fn offered_units(
    conn: &mut PgConnection,
    act: &Act,
    network: &Network,
    buyer: Buyer<'_>,
    codes: &[String],
) -> Result<BTreeMap<String, i64>> {
    act.require(Permission::ReadCatalog)?;
    let skus = sqlx::query!(r#"select sku_id as "sku: SkuId", code from skus where code = any ($1)"#, codes).fetch_all(&mut *conn).await?;
    let stock = stock_now(conn, network, &with_parts(network, &skus.iter().map(|s| s.sku).collect::<Vec<_>>()), act.now, false).await?;
    let snapshot = Snapshot { at: act.now, network, stock: &stock };
    Ok(skus.into_iter().map(|s| (s.code, offered_of(&snapshot, buyer, s.sku))).collect())
}

/// Step by step, how the number comes about that a buyer sees of a SKU.
pub async fn explain_availability(
    conn: &mut PgConnection,
    act: &Act,
    network: &Network,
    buyer: Buyer<'_>,
    sku: &str,
) -> Result<AvailabilityExplained> {
    act.require(Permission::ReadStock)?;
    let id = sqlx::query_scalar!(r#"select sku_id as "sku: SkuId" from skus where code = $1"#, sku)
        .fetch_optional(&mut *conn)
        .await?
        .ok_or_else(|| Refusal::not_found(format_args!("SKU {sku}")))?;
    let stock = stock_now(conn, network, &with_parts(network, &[id]), act.now, false).await?;
    let named: BTreeMap<_, _> = rules::list_rules(conn, &Act::system(act.now)).await?.into_iter().map(|r| (r.id, r.sentence())).collect();
    let told = |rule: &rules::StockRule| named.get(&rule.id).cloned().unwrap_or_else(|| rule.kind.label().to_owned());
    let snapshot = Snapshot { at: act.now, network, stock: &stock };
    let availability = snapshot.availability(buyer, id);
    let mut places: Vec<PlaceExplained> = stock
        .levels
        // Of a kit its parts are told.
        .of(id)
        .iter()
        .filter_map(|(place, level)| {
            let place = network.location(*place)?;
            let kept = availability.keeping.at(place.id, level.per_day_milli);
            let available = availability.at(place.id, *level);
            let allowed = availability.allowed(place.id);
            let open = place.closed.is_none();
            let of = |yes: bool| if open && yes { available } else { 0 };
            let mut notes = Vec::new();
            if network.is_preorder(id, act.now) {
                notes.push("Not on sale yet: it is only pre-ordered.".to_owned());
            }
            if let Some(reason) = &place.closed {
                notes.push(format!("Closed: {reason}."));
            }
            for (can, may, what) in [(place.ships, allowed.ship, "sent from here"), (place.offers_pickup, allowed.pickup, "collected here")] {
                if !can {
                    notes.push(format!("Nothing is {what}."));
                } else if !may {
                    notes.push(format!("{sku} is not to be {what}."));
                }
            }
            Some(PlaceExplained {
                location: place.name.clone(),
                on_hand: level.on_hand,
                reserved: level.reserved,
                backordered: level.backordered,
                kept_back: kept.map(|k| Step { words: told(k.rule), units: k.units }).collect(),
                to_send: of(place.ships && allowed.ship),
                to_collect: of(place.offers_pickup && allowed.pickup),
                notes,
            })
        })
        .collect();
    places.sort_by(|a, b| a.location.cmp(&b.location));
    let cap = network.rules.cap(buyer, id).map(|cap| Step { words: told(cap.rule), units: cap.units });
    let parts = network.kits.get(&id).into_iter().flatten().map(|part| PartExplained {
        sku: part.code.clone(),
        name: part.name.clone(),
        quantity: part.quantity,
        offered: offered_of(&snapshot, buyer, part.sku),
    });
    Ok(AvailabilityExplained { parts: parts.collect(), places, cap, offered: offered_of(&snapshot, buyer, id) })
}

const SUMMARIES: usize = 50;
const MOVEMENTS: usize = 50;

/// SKUs by code, each over all locations. `search` is a part of the code or the name.
pub async fn list_stock(
    conn: &mut PgConnection,
    act: &Act,
    network: &Network,
    search: Option<&str>,
    after: Option<&str>,
) -> Result<Page<StockSummary>> {
    act.require(Permission::ReadStock)?;
    let pattern = search.map(containing);
    let rows = sqlx::query_file!("src/inventory/sql/list_stock.sql", pattern, after, SUMMARIES as i64 + 1).fetch_all(&mut *conn).await?;
    let stock = stock_now(conn, network, &rows.iter().map(|r| r.sku).collect::<Vec<_>>(), act.now, false).await?;
    let snapshot = Snapshot { at: act.now, network, stock: &stock };
    let available =
        |sku: SkuId| -> i64 { network.locations.iter().map(|place| i64::from(snapshot.available(Buyer::default(), sku, place.id))).sum() };
    let rows = rows.into_iter().map(|r| StockSummary {
        available: available(r.sku),
        code: r.code,
        name: r.name,
        on_hand: r.on_hand,
        reserved: r.reserved,
        backordered: r.backordered,
        locations: r.locations,
    });
    Ok(Page::cut(rows.collect(), SUMMARIES, |row: &StockSummary| row.code.clone()))
}

/// One SKU everywhere, with every number behind what can be promised to anybody: as it is, or as it was at a moment of the past. `network` is that
/// of the moment.
pub async fn stock_of_sku(conn: &mut PgConnection, act: &Act, network: &Network, sku: &str, at: Option<DateTime<Utc>>) -> Result<Vec<StockRow>> {
    act.require(Permission::ReadStock)?;
    let rows = match at {
        None => sqlx::query_file_as!(Standing, "src/inventory/sql/stock_of_sku.sql", sku, act.now).fetch_all(&mut *conn).await?,
        Some(at) => sqlx::query_file_as!(Standing, "src/inventory/sql/stock_of_sku_as_of.sql", sku, at).fetch_all(&mut *conn).await?,
    };
    let mut stock = StockView::default();
    let level = |r: &Standing| StockLevel {
        on_hand: r.on_hand,
        reserved: r.reserved,
        backordered: r.backordered,
        ahead: r.backordered,
        ..StockLevel::default()
    };
    stock.levels.extend(rows.iter().map(|r| (r.sku, r.location_id, level(r))));
    let skus: Vec<_> = rows.first().map(|r| r.sku.0).into_iter().collect();
    add_demand(conn, network.rules.ask_for_demand(), &skus, at.unwrap_or(act.now), &mut stock).await?;
    let snapshot = Snapshot { at: at.unwrap_or(act.now), network, stock: &stock };
    let row = |r: Standing| StockRow {
        location_id: r.location_id,
        location: r.location,
        on_hand: r.on_hand,
        reserved: r.reserved,
        backordered: r.backordered,
        safety: snapshot.kept_back(Buyer::default(), r.sku, r.location_id),
        available: snapshot.available(Buyer::default(), r.sku, r.location_id),
        incoming: r.incoming,
        quarantined: r.quarantined,
        damaged: r.damaged,
    };
    Ok(rows.into_iter().map(row).collect())
}

/// A SKU at one location, as the ledgers have it.
#[derive(Debug)]
struct Standing {
    sku: SkuId,
    location_id: LocationId,
    location: String,
    on_hand: i32,
    reserved: i32,
    backordered: i32,
    incoming: i32,
    quarantined: i32,
    damaged: i32,
}

/// Everything that came and went of a SKU, newest first, a page at a time.
pub async fn movements_of_sku(conn: &mut PgConnection, act: &Act, sku: &str, after: Option<&str>) -> Result<Page<MovementRow>> {
    act.require(Permission::ReadStock)?;
    let (at, id) = read_time_key::<i64>(after)?;
    let rows = sqlx::query_file_as!(MovementRow, "src/inventory/sql/movements_of_sku.sql", sku, at, id, MOVEMENTS as i64 + 1, act.now)
        .fetch_all(conn)
        .await?;
    Ok(Page::cut(rows, MOVEMENTS, |row| time_key(row.occurred_at, row.movement_id)))
}

/// True where some location has units of a SKU that nobody has reserved.
pub async fn is_free_anywhere(conn: &mut PgConnection, sku: SkuId) -> Result<bool> {
    Ok(sqlx::query_scalar!(r#"select exists (select from stock where sku_id = $1 and on_hand > reserved) as "free!""#, sku.0).fetch_one(conn).await?)
}

/// The name of a SKU.
pub async fn sku_name(conn: &mut PgConnection, act: &Act, sku: &str) -> Result<String> {
    act.require(Permission::ReadStock)?;
    sqlx::query_scalar!("select name from skus where code = $1", sku)
        .fetch_optional(conn)
        .await?
        .ok_or_else(|| Refusal::not_found(format_args!("SKU {sku}")).into())
}

/// The location with a code.
pub async fn location_by_code(conn: &mut PgConnection, code: &str) -> Result<LocationId> {
    sqlx::query_scalar!(r#"select location_id as "id: LocationId" from locations where code = $1"#, code)
        .fetch_optional(conn)
        .await?
        .ok_or_else(|| Refusal::field("/location", format!("There is no location {code}. Check the code.")).into())
}

/// Every location in force, by name.
pub async fn list_locations(conn: &mut PgConnection, act: &Act) -> Result<Vec<LocationChoice>> {
    act.require(Permission::ReadCatalog)?;
    let rows = sqlx::query_as!(
        LocationChoice,
        r#"select l.location_id as "location_id: LocationId", l.code, v.name, v.city, v.kind as "kind: LocationKind", v.offers_pickup,
            (select c.reason
                from location_closures c
                where c.location_id = l.location_id and c.valid @> $1::timestamptz and c.closed @> $1::timestamptz
                limit 1) as closed
        from locations l
        join location_versions v on v.location_id = l.location_id and v.valid @> $1::timestamptz
        order by v.kind desc, v.name"#,
        act.now
    )
    .fetch_all(conn)
    .await?;
    Ok(rows)
}
