//! Calling an order off, until somebody has started to pick it.

use super::project_order::{lock_order, project_order};
use super::settle_payments::cancelled;
use crate::events::{self, EventKind, StreamKind};
use crate::fulfilment::cancel_fulfilments;
use crate::identity::{Act, Permission};
use crate::ids::OrderId;
use crate::inventory;
use crate::inventory::backorders::open_backorders;
use crate::jobs::{self, Job};
use crate::payments::{self, RecordedOperation};
use crate::purchasing;
use crate::refusal::{Refusal, RefusalCode, Result};
use crate::slots;
use sqlx::PgConnection;

const LONGEST_REASON: usize = 200;

/// Cancels what is left of an order: stock is freed, the authorisation is voided. Refused once picking has started.
pub async fn cancel_order(conn: &mut PgConnection, act: &Act, order_id: OrderId, reason: &str) -> Result<Option<RecordedOperation>> {
    act.require_order(order_id, Permission::CancelOrders)?;
    lock_order(conn, order_id).await?;
    let reason: String = reason.trim().chars().take(LONGEST_REASON).collect();
    if reason.is_empty() {
        return Err(Refusal::field("/reason", "Say why the order is cancelled.").into());
    }
    if !close_order(conn, act, order_id, &reason).await? {
        return Err(Refusal::new(
            RefusalCode::IllegalTransition,
            "There is nothing left to cancel: everything was sent, collected or cancelled before.",
        )
        .into());
    }
    let void = payments::request_void(conn, act, order_id).await?;
    events::append(conn, act, StreamKind::Order, order_id.0, vec![cancelled(&reason)]).await?;
    project_order(conn, act.now, &[order_id]).await?;
    Ok(void)
}

/// Calls off what has waited for as long as a rule gave it. Nothing happens before its time, while a location still works on a part of the order, or
/// while some of it is promised.
pub async fn cancel_waiting(conn: &mut PgConnection, act: &Act, order_id: OrderId) -> Result<Option<RecordedOperation>> {
    lock_order(conn, order_id).await?;
    let due = sqlx::query_scalar!(
        r#"select exists (
            select from orders o
            where o.order_id = $1 and o.cancel_waiting_at <= $2
                and not exists (
                    select from fulfilment_orders f
                    where f.order_id = o.order_id and f.state in ('planned', 'released', 'picking', 'packed', 'ready')
                )
        ) as "due!""#,
        order_id.0,
        act.now
    )
    .fetch_one(&mut *conn)
    .await?;
    if !due || !open_backorders(conn, order_id).await?.is_empty() || !close_order(conn, act, order_id, "waited too long").await? {
        return Ok(None);
    }
    let void = payments::request_void(conn, act, order_id).await?;
    events::append(conn, act, StreamKind::Order, order_id.0, vec![cancelled("Nobody had it for too long.")]).await?;
    project_order(conn, act.now, &[order_id]).await?;
    Ok(void)
}

/// Orders of which something has waited for as long as a rule gave it, at most so many.
pub async fn overdue_orders(conn: &mut PgConnection, act: &Act, most: i64) -> Result<Vec<OrderId>> {
    let due = sqlx::query_scalar!(
        r#"select order_id as "id: OrderId" from orders where cancel_waiting_at <= $1 order by cancel_waiting_at, order_id limit $2"#,
        act.now,
        most
    )
    .fetch_all(conn)
    .await?;
    Ok(due)
}

/// Frees the stock of an order whose payment was never decided. Nothing happens where it was.
pub async fn expire_unpaid_order(conn: &mut PgConnection, act: &Act, order_id: OrderId) -> Result<()> {
    lock_order(conn, order_id).await?;
    let due = sqlx::query_scalar!(
        r#"select exists (select from orders where order_id = $1 and held_until is not null and held_until <= $2) as "due!""#,
        order_id.0,
        act.now
    )
    .fetch_one(&mut *conn)
    .await?;
    if !due || !payments::expire_payment(conn, order_id).await? {
        return Ok(());
    }
    close_order(conn, act, order_id, "not paid in time").await?;
    let happened = vec![EventKind::PaymentExpired.into(), cancelled("It was not paid in time.")];
    events::append(conn, act, StreamKind::Order, order_id.0, happened).await?;
    project_order(conn, act.now, &[order_id]).await
}

/// Closes the open units of an order and frees their stock. False where none are open. The caller holds the order's lock and appends the
/// event.
pub(super) async fn close_order(conn: &mut PgConnection, act: &Act, order_id: OrderId, reason: &str) -> Result<bool> {
    let closed =
        sqlx::query!("update order_lines set cancelled = cancelled + open, open = 0, queue = null where order_id = $1 and open > 0", order_id.0)
            .execute(&mut *conn)
            .await?;
    if closed.rows_affected() == 0 {
        return Ok(false);
    }
    sqlx::query!("update orders set cancel_waiting_at = null where order_id = $1 and cancel_waiting_at is not null", order_id.0)
        .execute(&mut *conn)
        .await?;
    let given_up = cancel_fulfilments(conn, act, order_id, reason).await?;
    purchasing::follow_orders(conn, act, &[order_id]).await?;
    inventory::give_back_capacity(conn, &given_up.days).await?;
    inventory::let_go(conn, act, order_id, &given_up.reservations).await?;
    jobs::forget(conn, &[Job::ExpireUnpaidOrder { order_id }]).await?;
    slots::give_back(conn, act, order_id).await?;
    Ok(true)
}
