//! Handing an order to its locations when its time to wait is over.

use super::project_order::{lock_order, project_order};
use crate::events::{self, StreamKind};
use crate::fulfilment::release_fulfilments;
use crate::identity::Act;
use crate::ids::OrderId;
use crate::payments::PaymentState;
use crate::purchasing;
use crate::refusal::Result;
use sqlx::PgConnection;

/// Orders of which something is planned and could be a location's work already: nothing has told so, because a node died or routing was stopped just then.
pub async fn unreleased_orders(conn: &mut PgConnection, act: &Act, most: i64) -> Result<Vec<OrderId>> {
    let found = sqlx::query_scalar!(
        r#"select distinct f.order_id as "id: OrderId"
        from fulfilment_orders f
        join orders o using (order_id)
        join payments p using (order_id)
        where f.state = 'planned' and f.offered_until is null and p.state in ('authorised', 'partly_captured', 'captured') and (o.release_at is null or o.release_at <= $1)
            and not exists (select from order_holds h where h.order_id = f.order_id and h.released_at is null)
        limit $2"#,
        act.now,
        most
    )
    .fetch_all(conn)
    .await?;
    Ok(found)
}

/// Releases what is planned of an order whose money is certain. Nothing happens where nothing is, or where it still waits.
pub async fn release_order(conn: &mut PgConnection, act: &Act, order_id: OrderId) -> Result<()> {
    lock_order(conn, order_id).await?;
    let order = sqlx::query!(
        r#"select o.release_at, p.state as "payment: PaymentState"
        from orders o
        join payments p using (order_id)
        where o.order_id = $1
        order by p.payment_no desc
        limit 1"#,
        order_id.0
    )
    .fetch_optional(&mut *conn)
    .await?;
    let Some(order) = order else { return Ok(()) };
    if !order.payment.is_certain() || order.release_at.is_some_and(|at| at > act.now) {
        return Ok(());
    }
    let released = release_fulfilments(conn, act, &[order_id]).await?;
    if released.is_empty() {
        return Ok(());
    }
    purchasing::follow_orders(conn, act, &[order_id]).await?;
    events::append(conn, act, StreamKind::Order, order_id.0, released.into_iter().map(|r| r.event).collect()).await?;
    project_order(conn, act.now, &[order_id]).await
}
