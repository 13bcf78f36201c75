//! Taking what a plan wants: stock and daily capacity, in the transaction of the order, or not at all.

use crate::ids::{LocationId, OrderId, ReservationId, SkuId};
use crate::refusal::{Error, Refusal, RefusalCode, Result};
use chrono::{DateTime, NaiveDate, Utc};
use sqlx::PgConnection;
use std::collections::{BTreeMap, BTreeSet};

/// Units of one line that a plan takes from one location.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    pub reservation_id: ReservationId,
    pub sku: SkuId,
    pub location: LocationId,
    pub line_no: i32,
    pub quantity: i32,
    /// Units that must stay behind, from the plan's snapshot.
    pub safety_stock: i32,
}

/// A location's limit on one of its days.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Capacity {
    /// Orders.
    pub limit: i32,
    pub day: NaiveDate,
}

/// A day of a location that an order was counted on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct CapacityDay {
    pub location: LocationId,
    pub day: NaiveDate,
}

fn contended(code: RefusalCode, words: &str) -> Error {
    Error::Contended(Refusal::new(code, words))
}

/// Reserves every unit of the claims. Where somebody was faster it fails as contended: the transaction is rolled back, which frees what it
/// had locked, and the caller plans again on the stock as it then is.
///
/// Nobody waits for the ledger's rows, so they are written first. Capacity is taken before stock, and each in the order of its keys, so that
/// no two claims wait for each other in a circle. `capacity` holds the locations that have a limit.
pub async fn claim_stock(
    conn: &mut PgConnection,
    order_id: OrderId,
    claims: &[Claim],
    capacity: &BTreeMap<LocationId, Capacity>,
    now: DateTime<Utc>,
) -> Result<()> {
    sqlx::query!(
        "insert into reservations (sku_id, reservation_id, location_id, quantity, order_id, line_no, opened_at)
        select sku_id, reservation_id, location_id, quantity, $6, line_no, $7
        from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::integer[], $5::integer[]) as c (sku_id, reservation_id, location_id, quantity, line_no)",
        &claims.iter().map(|c| c.sku.0).collect::<Vec<_>>(),
        &claims.iter().map(|c| c.reservation_id.0).collect::<Vec<_>>(),
        &claims.iter().map(|c| c.location.0).collect::<Vec<_>>(),
        &claims.iter().map(|c| c.quantity).collect::<Vec<_>>(),
        &claims.iter().map(|c| c.line_no).collect::<Vec<_>>(),
        order_id.0,
        now
    )
    .execute(&mut *conn)
    .await?;
    // Lines may share a SKU: one row, one decision.
    let mut wanted: BTreeMap<(SkuId, LocationId), (i32, i32)> = BTreeMap::new();
    for claim in claims {
        let entry = wanted.entry((claim.sku, claim.location)).or_insert((0, claim.safety_stock));
        entry.0 += claim.quantity;
    }
    let skus: Vec<_> = wanted.keys().map(|k| k.0.0).collect();
    let locations: Vec<_> = wanted.keys().map(|k| k.1.0).collect();
    let quantities: Vec<i32> = wanted.values().map(|v| v.0).collect();
    let safety: Vec<i32> = wanted.values().map(|v| v.1).collect();
    let places: BTreeSet<LocationId> = claims.iter().map(|c| c.location).collect();
    for place in places {
        if let Some(capacity) = capacity.get(&place)
            && !take_capacity(conn, place, *capacity).await?
        {
            let words = "The place that would send this takes no more orders today. Try again, or choose another way to receive it.";
            return Err(contended(RefusalCode::NoCapacity, words));
        }
    }
    let taken = sqlx::query_file!("src/inventory/sql/claim_stock.sql", &skus, &locations, &quantities, &safety).execute(conn).await?;
    if taken.rows_affected() != wanted.len() as u64 {
        return Err(contended(RefusalCode::OutOfStock, "Many people are buying this right now and others were faster. Try again."));
    }
    Ok(())
}

/// Counts an order against a location's day. False where the day is full. The row is locked until the transaction ends.
async fn take_capacity(conn: &mut PgConnection, place: LocationId, capacity: Capacity) -> Result<bool> {
    let counted = sqlx::query!(
        "insert into capacity_days (location_id, day, taken, capacity)
        select $1, $2, 1, $3 where $3 > 0
        on conflict (location_id, day) do update
        set taken = capacity_days.taken + 1, capacity = greatest(excluded.capacity, capacity_days.taken)
        where capacity_days.taken < $3",
        place.0,
        capacity.day,
        capacity.limit
    )
    .execute(conn)
    .await?;
    Ok(counted.rows_affected() == 1)
}
