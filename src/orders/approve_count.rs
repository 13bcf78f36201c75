//! Booking what a count has found.

use super::correct_stock::take_off;
use crate::events::{self, Change, EventDetails, EventKind, NewEvent, StreamKind};
use crate::identity::{Act, Permission};
use crate::ids::{CountId, LocationId, OrderId, SkuId};
use crate::inventory::counts::{self, CountState};
use crate::inventory::{self, MovementReason, NewMovement};
use crate::refusal::{Error, Refusal, RefusalCode, Result};
use chrono::{DateTime, Utc};
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
        r#"select l.sku_id as "sku: SkuId", l.book as "book!", l.counted as "counted!", l.counted_at as "counted_at!", l.booked_at
        from count_lines l
        join skus s using (sku_id)
        where l.count_id = $1 and s.code = $2 and l.counted is not null"#,
        count.id.0,
        sku
    )
    .fetch_optional(&mut *conn)
    .await?
    .ok_or_else(|| Refusal::field("/sku", format!("{sku} was not counted. Choose a line of the count that was.")))?;
    if line.counted == line.book || line.booked_at.is_some() {
        return Ok(Vec::new());
    }
    let corrected = corrected_since(conn, count.id, line.sku, count.location, line.counted_at).await?;
    let book = line.book + corrected;
    let units = line.counted - book;
    let movement = NewMovement { count: Some(count.id), ..NewMovement::new(line.sku, count.location, units, MovementReason::Count) };
    let losers = if units == 0 {
        Vec::new()
    } else if units < 0 {
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
    // The shelf's row is locked now: somebody may have corrected it between the look at it and that.
    if units != 0 && corrected_since(conn, count.id, line.sku, count.location, line.counted_at).await? != corrected {
        return Err(Error::Contended(Refusal::new(RefusalCode::Conflict, format!("{sku} was corrected at the same moment. Try again."))));
    }
    sqlx::query!("update count_lines set booked_at = $3, book = $4 where count_id = $1 and sku_id = $2", count.id.0, line.sku.0, act.now, book)
        .execute(&mut *conn)
        .await?;
    let change = Change { field: sku.to_owned(), before: book.to_string(), after: line.counted.to_string() };
    let details = EventDetails { changes: vec![change], ..EventDetails::default() };
    events::append(conn, act, StreamKind::Count, count.id.0, vec![NewEvent { kind: EventKind::CountBooked, details }]).await?;
    counts::close_if_settled(conn, act, &count).await?;
    Ok(losers)
}

/// Units by which others have corrected a shelf since it was counted: the same difference is not booked twice. This count's own movements are not
/// among them.
async fn corrected_since(conn: &mut PgConnection, count: CountId, sku: SkuId, location: LocationId, counted_at: DateTime<Utc>) -> Result<i32> {
    Ok(sqlx::query_scalar!(
        r#"select coalesce(sum(quantity), 0)::integer as "units!"
        from stock_movements
        where sku_id = $1 and location_id = $2 and occurred_at > $3 and condition is null and reason in ('count', 'reading', 'adjustment')
            and count_id is distinct from $4"#,
        sku.0,
        location.0,
        counted_at,
        count.0
    )
    .fetch_one(conn)
    .await?)
}
