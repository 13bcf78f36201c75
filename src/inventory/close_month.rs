//! Stock of everything at any moment of the past, and the monthly closings that make it cheap.

use super::StockLevel;
use super::levels::Levels;
use crate::ids::{LocationId, SkuId};
use crate::refusal::Result;
use chrono::{DateTime, Datelike as _, Months, NaiveDate, TimeDelta, Utc};
use sqlx::PgConnection;

/// A month is closed so long after its end: whatever was under way then is in.
const AFTER: TimeDelta = TimeDelta::hours(1);

/// The first moment of the month that a moment lies in.
fn month_of(at: DateTime<Utc>) -> DateTime<Utc> {
    NaiveDate::from_ymd_opt(at.year(), at.month(), 1).and_then(|day| day.and_hms_opt(0, 0, 0)).map_or(at, |first| first.and_utc())
}

/// Closes the first month that is over and not closed yet. False where there is none. Any number of nodes may.
pub async fn close_month(conn: &mut PgConnection, now: DateTime<Utc>) -> Result<bool> {
    // One node at a time; the others find it done.
    sqlx::query!("select pg_advisory_xact_lock(hashtext('close_month'))").fetch_one(&mut *conn).await?;
    // What an import is still writing is not over.
    let importing =
        sqlx::query_scalar!(r#"select exists (select from imports where state = 'running') as "importing!""#).fetch_one(&mut *conn).await?;
    if importing {
        return Ok(false);
    }
    let state = sqlx::query!(
        "select (select max(closed_at) from closed_months) as closed, (select min(occurred_at) from stock_movements) as first_movement,
            (select min(opened_at) from reservations) as first_reservation"
    )
    .fetch_one(&mut *conn)
    .await?;
    let begin = state.closed.or_else(|| state.first_movement.into_iter().chain(state.first_reservation).min().map(month_of));
    let Some(end) = begin.and_then(|begin| begin.checked_add_months(Months::new(1))).filter(|end| *end + AFTER <= now) else { return Ok(false) };
    let levels = stock_of_all(conn, end - TimeDelta::microseconds(1)).await?;
    let held: Vec<_> = levels.iter().filter(|(.., level)| level.on_hand != 0 || level.reserved != 0).collect();
    sqlx::query!(
        "insert into stock_closings (closed_at, sku_id, location_id, on_hand, reserved)
        select $1::timestamptz, * from unnest($2::uuid[], $3::uuid[], $4::integer[], $5::integer[])",
        end,
        &held.iter().map(|(sku, ..)| sku.0).collect::<Vec<_>>(),
        &held.iter().map(|(_, location, _)| location.0).collect::<Vec<_>>(),
        &held.iter().map(|(.., level)| level.on_hand).collect::<Vec<_>>(),
        &held.iter().map(|(.., level)| level.reserved).collect::<Vec<_>>()
    )
    .execute(&mut *conn)
    .await?;
    sqlx::query!("insert into closed_months (closed_at) values ($1)", end).execute(conn).await?;
    Ok(true)
}

/// Forgets all closings: somebody writes into the past. They are made again when it is written.
pub async fn forget_closings(conn: &mut PgConnection) -> Result<()> {
    // Whoever closes a month waits, and then sees what was written.
    sqlx::query!("select pg_advisory_xact_lock(hashtext('close_month'))").fetch_one(&mut *conn).await?;
    sqlx::query!("delete from stock_closings").execute(&mut *conn).await?;
    sqlx::query!("delete from closed_months").execute(conn).await?;
    Ok(())
}

/// On hand and reserved of every SKU at every location as they were at a moment; places that had none may be missing.
pub async fn stock_of_all(conn: &mut PgConnection, at: DateTime<Utc>) -> Result<Levels> {
    let rows = sqlx::query_file!("src/inventory/sql/stock_of_all.sql", at).fetch_all(conn).await?;
    let level = |on_hand, reserved| StockLevel { on_hand, reserved, ..StockLevel::default() };
    Ok(rows.into_iter().map(|r| (r.sku, r.location, level(r.on_hand, r.reserved))).collect())
}
