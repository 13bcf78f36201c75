//! Booking what a count has found.

use super::correct_stock::take_off;
use crate::events::{self, Change, EventDetails, EventKind, NewEvent, StreamKind};
use crate::identity::{Act, Permission};
use crate::ids::{OrderId, SkuId};
use crate::inventory::counts::{self, CountState};
use crate::inventory::{self, MovementReason, NewMovement};
use crate::refusal::{Refusal, RefusalCode, Result};
use sqlx::PgConnection;

/// SKUs of a count whose difference is not in the books yet, by code.
pub async fn open_differences(conn: &mut PgConnection, act: &Act, number: &str) -> Result<Vec<String>> {
    act.require(Permission::AdjustStock)?;
    let rows = sqlx::query_scalar!(
        "select s.code
        from counts c
        join count_lines l using (count_id)
        join skus s using (sku_id)
        where c.number = $1 and l.counted <> l.book and l.booked_at is null
        order by s.code",
        number
    )
    .fetch_all(conn)
    .await?;
    Ok(rows)
}

/// Books the difference of one SKU, once. Where fewer units are left than orders have reserved, the last of them are routed anew; they are
/// returned. Done already, it changes nothing.
pub async fn approve_difference(conn: &mut PgConnection, act: &Act, number: &str, sku: &str, spare: i32) -> Result<Vec<OrderId>> {
    act.require(Permission::AdjustStock)?;
    let count = counts::lock_count(conn, number).await?;
    act.require_location(count.location, Permission::AdjustStock)?;
    if count.state == CountState::Closed {
        return Ok(Vec::new());
    }
    counts::require_state(&count.number, count.state, CountState::Review)?;
    let line = sqlx::query!(
        r#"select l.sku_id as "sku: SkuId", l.counted - l.book as "units!", l.book as "book!", l.counted as "counted!", l.booked_at
        from count_lines l
        join skus s using (sku_id)
        where l.count_id = $1 and s.code = $2 and l.counted is not null"#,
        count.id.0,
        sku
    )
    .fetch_optional(&mut *conn)
    .await?
    .ok_or_else(|| Refusal::field("/sku", format!("{sku} was not counted. Choose a line of the count that was.")))?;
    if line.units == 0 || line.booked_at.is_some() {
        return Ok(Vec::new());
    }
    let movement = NewMovement { count: Some(count.id), ..NewMovement::new(line.sku, count.location, line.units, MovementReason::Count) };
    let losers = if line.units < 0 {
        take_off(conn, act, &[movement], spare).await.map_err(|error| match error.refusal() {
            Some(refusal) if refusal.code == RefusalCode::OutOfStock && !error.is_retryable() => {
                Refusal { code: RefusalCode::OutOfStock, ..Refusal::field("/sku", format!("{sku}: {} Have it counted again.", refusal.message)) }
                    .into()
            }
            _ => error,
        })?
    } else {
        inventory::post_movements(conn, act, &[movement]).await?;
        Vec::new()
    };
    sqlx::query!("update count_lines set booked_at = $3 where count_id = $1 and sku_id = $2", count.id.0, line.sku.0, act.now)
        .execute(&mut *conn)
        .await?;
    let change = Change { field: sku.to_owned(), before: line.book.to_string(), after: line.counted.to_string() };
    let details = EventDetails { changes: vec![change], ..EventDetails::default() };
    events::append(conn, act, StreamKind::Count, count.id.0, vec![NewEvent { kind: EventKind::CountBooked, details }]).await?;
    counts::close_if_settled(conn, act, &count).await?;
    Ok(losers)
}
