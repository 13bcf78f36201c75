//! Reading returns.

use super::views::{ReturnDetail, ReturnLineView, ReturnRow};
use super::{ReturnReason, ReturnState};
use crate::identity::{Act, Permission};
use crate::ids::{LocationId, OrderId, ReturnId};
use crate::page::{Page, read_time_key, time_key};
use crate::refusal::{Refusal, Result};
use sqlx::PgConnection;
use uuid::Uuid;

const PAGE: usize = 50;

/// Returns, newest first, a page at a time; `state` and `location` (a code) narrow them.
pub async fn list_returns(
    conn: &mut PgConnection,
    act: &Act,
    state: Option<ReturnState>,
    location: Option<&str>,
    after: Option<&str>,
) -> Result<Page<ReturnRow>> {
    act.require(Permission::ReadStock)?;
    let (at, id) = read_time_key::<Uuid>(after)?;
    let rows = sqlx::query_file!("src/returns/sql/list_returns.sql", state.map(ReturnState::as_str), location, at, id, PAGE as i64 + 1, act.now)
        .fetch_all(conn)
        .await?;
    let page = Page::cut(rows, PAGE, |r| time_key(r.approved_at, r.return_id));
    let rows = page.rows.into_iter().map(|r| ReturnRow {
        number: r.number,
        order_number: r.order_number,
        location_code: r.location_code,
        location: r.location,
        state: r.state,
        reason: r.reason,
        announced: r.announced,
        received: r.received,
        approved_at: r.approved_at,
    });
    Ok(Page { rows: rows.collect(), next: page.next })
}

/// One return by its number.
pub async fn read_return(conn: &mut PgConnection, act: &Act, number: &str) -> Result<ReturnDetail> {
    act.require(Permission::ReadStock)?;
    let r = sqlx::query!(
        r#"select r.return_id, r.number, o.number as order_number, r.location_id as "location_id: LocationId", l.code, v.name,
            r.state as "state: ReturnState", r.reason as "reason: ReturnReason", r.note, r.approved_at, r.ended_at
        from returns r
        join orders o using (order_id)
        join locations l on l.location_id = r.location_id
        join location_versions v on v.location_id = r.location_id and v.valid @> $2::timestamptz
        where r.number = $1"#,
        number.trim().to_ascii_uppercase(),
        act.now
    )
    .fetch_optional(&mut *conn)
    .await?
    .ok_or_else(|| Refusal::not_found(format_args!("return {number}")))?;
    let lines = sqlx::query_as!(
        ReturnLineView,
        "select s.code as sku, s.name, l.announced, l.received, l.matched from return_lines l join skus s using (sku_id) where l.return_id = $1 order by s.code",
        r.return_id
    )
    .fetch_all(conn)
    .await?;
    Ok(ReturnDetail {
        number: r.number,
        order_number: r.order_number,
        location_id: r.location_id,
        location_code: r.code,
        location: r.name,
        state: r.state,
        reason: r.reason,
        note: r.note,
        approved_at: r.approved_at,
        ended_at: r.ended_at,
        lines,
    })
}

/// The returns of an order, newest first: their numbers and where they are.
pub async fn returns_of_order(conn: &mut PgConnection, act: &Act, order: OrderId) -> Result<Vec<(String, ReturnState)>> {
    act.require_order(order, Permission::ReadOrders)?;
    let rows = sqlx::query!(
        r#"select number, state as "state: ReturnState" from returns where order_id = $1 order by approved_at desc, return_id desc"#,
        order.0
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|r| (r.number, r.state)).collect())
}

/// The number of a return.
pub async fn number_of(conn: &mut PgConnection, id: ReturnId) -> Result<String> {
    sqlx::query_scalar!("select number from returns where return_id = $1", id.0)
        .fetch_optional(conn)
        .await?
        .ok_or_else(|| Refusal::not_found("such return").into())
}
