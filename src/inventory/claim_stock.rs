//! Taking what a plan wants: stock and daily capacity, in the transaction of the order, or not at all.

use super::backorders::{self, Owed};
use super::release_stock::{Held, look_for_waiting, move_reservations};
use crate::identity::Act;
use crate::ids::{HoldId, LocationId, OrderId, ReservationId, SkuId};
use crate::refusal::{Error, Refusal, RefusalCode, Result};
use chrono::{DateTime, NaiveDate, Utc};
use sqlx::PgConnection;
use std::collections::BTreeMap;

/// Whom units are kept for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holder {
    Line {
        order: OrderId,
        line_no: i32,
    },
    /// Until then, unless it becomes an order.
    Basket {
        hold: HoldId,
        until: DateTime<Utc>,
    },
}

impl Holder {
    const fn line(self) -> Option<(OrderId, i32)> {
        match self {
            Self::Line { order, line_no } => Some((order, line_no)),
            Self::Basket { .. } => None,
        }
    }

    const fn basket(self) -> Option<(HoldId, DateTime<Utc>)> {
        match self {
            Self::Line { .. } => None,
            Self::Basket { hold, until } => Some((hold, until)),
        }
    }
}

/// Units that a plan takes from one location.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    pub holder: Holder,
    pub reservation_id: ReservationId,
    pub sku: SkuId,
    pub location: LocationId,
    pub quantity: i32,
    /// Units that must stay behind for this buyer, from the plan's snapshot.
    pub kept_back: i32,
    /// Units owed to orders placed before, which come first; none: all that is owed does.
    pub ahead: Option<i32>,
    pub claimed_at: DateTime<Utc>,
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

/// What claims together want of one stock row.
#[derive(Clone, Copy, Debug, Default)]
struct Wanted {
    taken: i32,
    /// Units that must be free beyond all that is owed, for those who come last.
    needed: Option<i32>,
    /// Units that must be free, what is owed to those who come first among them.
    needed_in_all: Option<i32>,
}

/// Orders that a location is to take on one of its days, and its limit then.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CapacityClaim {
    pub orders: i32,
    pub limit: i32,
}

/// A reservation that is given up for claims, with what it kept and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Returned {
    pub held: Held,
    pub location: LocationId,
    pub quantity: i32,
}

/// All that plans take, of one order or of many.
#[derive(Clone, Debug, Default)]
pub struct Claims {
    pub stock: Vec<Claim>,
    /// The locations that have a limit.
    pub capacity: BTreeMap<CapacityDay, CapacityClaim>,
    /// Reservations whose units the claims were planned to have: baskets that become orders.
    pub given_up: Vec<Returned>,
    /// What is owed from now on.
    pub owed: Vec<Owed>,
    /// What was owed, to one order, and is not any more: it has come, or is owed otherwise.
    pub no_longer_owed: Vec<Owed>,
    /// Units that were owed when it was planned what is owed from now on, and when it comes: nobody else may have come between.
    pub owed_seen: BTreeMap<(SkuId, LocationId), i32>,
}

/// Reserves every unit of the claims. Where somebody was faster it fails as contended: the transaction is rolled back, which frees what it had
/// locked, and the caller plans again on the stock as it then is.
///
/// Nobody waits for the ledgers' rows, so they are written first. Capacity is taken before stock, and each in the order of its keys, so that
/// no two claims wait for each other in a circle.
pub async fn claim_stock(conn: &mut PgConnection, act: &Act, claims: &Claims) -> Result<()> {
    let Claims { stock: claims, capacity, given_up, owed, no_longer_owed, owed_seen } = claims;
    if claims.is_empty() && owed.is_empty() && no_longer_owed.is_empty() {
        return Ok(());
    }
    if let Some(order) = no_longer_owed.first().map(|o| o.order) {
        backorders::close_rows(conn, act.now, order).await?;
    }
    if !owed.is_empty() {
        backorders::insert_rows(conn, act.now, owed).await?;
    }
    macro_rules! column {
        ($c:ident => $value:expr) => {
            &claims.iter().map(|$c| $value).collect::<Vec<_>>()
        };
    }
    sqlx::query!(
        "insert into reservations (sku_id, reservation_id, location_id, quantity, order_id, line_no, hold_id, expires_at, opened_at)
        select *
        from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::integer[], $5::uuid[], $6::integer[], $7::uuid[], $8::timestamptz[], $9::timestamptz[])",
        column!(c => c.sku.0),
        column!(c => c.reservation_id.0),
        column!(c => c.location.0),
        column!(c => c.quantity),
        column!(c => c.holder.line().map(|l| l.0.0)) as _,
        column!(c => c.holder.line().map(|l| l.1)) as _,
        column!(c => c.holder.basket().map(|b| b.0.0)) as _,
        column!(c => c.holder.basket().map(|b| b.1)) as _,
        column!(c => c.claimed_at)
    )
    .execute(&mut *conn)
    .await?;
    if !take_capacity(conn, capacity).await? {
        let words = "The place that would send this takes no more orders today. Try again, or choose another way to receive it.";
        return Err(contended(RefusalCode::NoCapacity, words));
    }
    // Lines may share a SKU: one row, one decision. What must be free for all of them: each takes its units after those before it, and what is kept
    // back from it must be left then.
    let mut wanted: BTreeMap<(SkuId, LocationId), Wanted> = BTreeMap::new();
    for claim in claims {
        let row = wanted.entry((claim.sku, claim.location)).or_default();
        row.taken = row.taken.saturating_add(claim.quantity);
        let free = row.taken.saturating_add(claim.kept_back);
        match claim.ahead {
            None => row.needed = row.needed.max(Some(free)),
            Some(ahead) => row.needed_in_all = row.needed_in_all.max(Some(free.saturating_add(ahead))),
        }
    }
    if !given_up.is_empty() || !owed.is_empty() || !no_longer_owed.is_empty() {
        // All rows at once, those to be freed and those to be taken, in their order.
        let mut also: Vec<_> = wanted.keys().copied().collect();
        also.extend(owed.iter().chain(no_longer_owed).map(|o| (o.sku, o.location)));
        let held: Vec<Held> = given_up.iter().map(|r| r.held).collect();
        move_reservations(conn, act, &held, &also).await?;
    }
    let skus: Vec<_> = wanted.keys().map(|k| k.0.0).collect();
    let locations: Vec<_> = wanted.keys().map(|k| k.1.0).collect();
    let quantities: Vec<i32> = wanted.values().map(|w| w.taken).collect();
    let needed: Vec<Option<i32>> = wanted.values().map(|w| w.needed).collect();
    let in_all: Vec<Option<i32>> = wanted.values().map(|w| w.needed_in_all).collect();
    let taken = sqlx::query_file!("src/inventory/sql/claim_stock.sql", &skus, &locations, &quantities, &needed as _, &in_all as _)
        .execute(&mut *conn)
        .await?;
    if taken.rows_affected() != wanted.len() as u64 {
        return Err(contended(RefusalCode::OutOfStock, "Many people are buying this right now and others were faster. Try again."));
    }
    // What was given up and is not taken again can be had by those who wait.
    let mut left: BTreeMap<(SkuId, LocationId), i32> = BTreeMap::new();
    for returned in given_up {
        *left.entry((returned.held.sku, returned.location)).or_default() += returned.quantity;
    }
    let untaken = left.iter().filter(|(place, units)| wanted.get(place).is_none_or(|w| w.taken < **units)).map(|(place, _)| place.0);
    look_for_waiting(conn, act, untaken).await?;
    // Last: what an order is owed of a SKU does not stand in the way of what it takes of it.
    if !backorders::change_backordered(conn, owed, no_longer_owed, owed_seen).await? {
        return Err(contended(RefusalCode::OutOfStock, "Others were faster: no more can be ordered before it is there. Try again."));
    }
    Ok(())
}

/// Counts orders against locations' days. False where one of them is full. The rows are locked until the transaction ends.
async fn take_capacity(conn: &mut PgConnection, claims: &BTreeMap<CapacityDay, CapacityClaim>) -> Result<bool> {
    if claims.is_empty() {
        return Ok(true);
    }
    let counted = sqlx::query!(
        "insert into capacity_days (location_id, day, taken, capacity)
        select location_id, day, orders, capacity
        from unnest($1::uuid[], $2::date[], $3::integer[], $4::integer[]) as c (location_id, day, orders, capacity)
        where orders <= capacity
        order by location_id, day
        on conflict (location_id, day) do update
        set taken = capacity_days.taken + excluded.taken, capacity = greatest(excluded.capacity, capacity_days.taken + excluded.taken)
        where capacity_days.taken + excluded.taken <= excluded.capacity",
        &claims.keys().map(|k| k.location.0).collect::<Vec<_>>(),
        &claims.keys().map(|k| k.day).collect::<Vec<_>>(),
        &claims.values().map(|c| c.orders).collect::<Vec<_>>(),
        &claims.values().map(|c| c.limit).collect::<Vec<_>>()
    )
    .execute(conn)
    .await?;
    Ok(counted.rows_affected() == claims.len() as u64)
}

/// Locks what claims on some SKUs will want, in the order in which claims lock it: whoever holds it is not outrun. For those who were.
pub async fn lock_for_claim(conn: &mut PgConnection, skus: &[SkuId], days: &[CapacityDay]) -> Result<()> {
    sqlx::query!(
        "select from capacity_days
        where (location_id, day) in (select * from unnest($1::uuid[], $2::date[]))
        order by location_id, day
        for update",
        &days.iter().map(|d| d.location.0).collect::<Vec<_>>(),
        &days.iter().map(|d| d.day).collect::<Vec<_>>()
    )
    .execute(&mut *conn)
    .await?;
    let skus: Vec<_> = skus.iter().map(|s| s.0).collect();
    sqlx::query!("select from stock where sku_id = any ($1) order by sku_id, location_id for update", &skus).execute(conn).await?;
    Ok(())
}
