//! The ledger of what is owed.

use super::LaterKind;
use crate::ids::{LocationId, OrderId, SkuId};
use crate::refusal::Result;
use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use std::collections::BTreeMap;

/// Units of a line that are owed from a location.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Owed {
    pub sku: SkuId,
    pub location: LocationId,
    pub order: OrderId,
    pub line_no: i32,
    pub quantity: i32,
    pub kind: LaterKind,
    pub expected_at: DateTime<Utc>,
}

/// What is owed to an order. The caller holds its lock.
pub async fn open_backorders(conn: &mut PgConnection, order: OrderId) -> Result<Vec<Owed>> {
    let rows = sqlx::query_as!(
        Owed,
        r#"select sku_id as "sku: SkuId", location_id as "location: LocationId", order_id as "order: OrderId", line_no, quantity,
            kind as "kind: LaterKind", expected_at
        from backorders
        where order_id = $1 and closed_at is null
        order by sku_id, location_id, line_no"#,
        order.0
    )
    .fetch_all(conn)
    .await?;
    Ok(rows)
}

/// What is owed is expected later than it was. What was expected before is kept. The caller holds the order's lock.
pub async fn postpone(conn: &mut PgConnection, now: DateTime<Utc>, owed: &Owed, expected_at: DateTime<Utc>) -> Result<()> {
    sqlx::query!(
        "with closed as (
            update backorders
            set closed_at = $6
            where sku_id = $1 and location_id = $2 and order_id = $3 and line_no = $4 and expected_at = $7 and closed_at is null
            returning quantity, kind
        )
        insert into backorders (sku_id, location_id, order_id, line_no, quantity, kind, expected_at, opened_at)
        select $1, $2, $3, $4, quantity, kind, $5, $6 from closed",
        owed.sku.0,
        owed.location.0,
        owed.order.0,
        owed.line_no,
        expected_at,
        now,
        owed.expected_at
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Closes the rows of an order. Its stock rows are the caller's to change.
pub(in crate::inventory) async fn close_rows(conn: &mut PgConnection, now: DateTime<Utc>, order: OrderId) -> Result<()> {
    sqlx::query!("update backorders set closed_at = $2 where order_id = $1 and closed_at is null", order.0, now).execute(conn).await?;
    Ok(())
}

/// Writes what is owed from now on. The stock rows are the caller's to change.
pub(in crate::inventory) async fn insert_rows(conn: &mut PgConnection, now: DateTime<Utc>, owed: &[Owed]) -> Result<()> {
    sqlx::query!(
        "insert into backorders (sku_id, location_id, order_id, line_no, quantity, kind, expected_at, opened_at)
        select *, $8::timestamptz from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::integer[], $5::integer[], $6::text[], $7::timestamptz[])",
        &owed.iter().map(|o| o.sku.0).collect::<Vec<_>>(),
        &owed.iter().map(|o| o.location.0).collect::<Vec<_>>(),
        &owed.iter().map(|o| o.order.0).collect::<Vec<_>>(),
        &owed.iter().map(|o| o.line_no).collect::<Vec<_>>(),
        &owed.iter().map(|o| o.quantity).collect::<Vec<_>>(),
        &owed.iter().map(|o| o.kind.to_string()).collect::<Vec<_>>(),
        &owed.iter().map(|o| o.expected_at).collect::<Vec<_>>(),
        now
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Counts what is owed anew on the stock rows, locked in (SKU, location) order. False, with nothing changed, where a limit would be passed, or where
/// more is owed than was `seen` when days were promised of it.
pub(in crate::inventory) async fn change_backordered(
    conn: &mut PgConnection,
    opened: &[Owed],
    closed: &[Owed],
    seen: &BTreeMap<(SkuId, LocationId), i32>,
) -> Result<bool> {
    let mut changes: BTreeMap<(SkuId, LocationId), i32> = BTreeMap::new();
    for (owed, sign) in opened.iter().map(|o| (o, 1)).chain(closed.iter().map(|o| (o, -1))) {
        *changes.entry((owed.sku, owed.location)).or_default() += sign * owed.quantity;
    }
    changes.retain(|_, units| *units != 0);
    if changes.is_empty() {
        return Ok(true);
    }
    let changed = sqlx::query!(
        "with changes as (
            select * from unnest($1::uuid[], $2::uuid[], $3::integer[], $4::integer[]) as c (sku_id, location_id, units, seen)
        ),
        locked as (
            select s.sku_id, s.location_id, c.units
            from stock s
            join changes c using (sku_id, location_id)
            where c.units < 0 or (s.backordered + c.units <= s.backorder_limit and (c.seen is null or s.backordered <= c.seen))
            order by s.sku_id, s.location_id
            for update of s
        )
        update stock
        set backordered = stock.backordered + locked.units
        from locked
        where stock.sku_id = locked.sku_id and stock.location_id = locked.location_id
            and (select count(*) from locked) = (select count(*) from changes)",
        &changes.keys().map(|k| k.0.0).collect::<Vec<_>>(),
        &changes.keys().map(|k| k.1.0).collect::<Vec<_>>(),
        &changes.values().copied().collect::<Vec<_>>(),
        &changes.keys().map(|place| seen.get(place).copied()).collect::<Vec<_>>() as _
    )
    .execute(conn)
    .await?;
    Ok(changed.rows_affected() == changes.len() as u64)
}
