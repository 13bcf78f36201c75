//! Calls off everything of an order that nobody has started to pick.

use super::{Command, FulfilmentState, Method};
use crate::identity::Act;
use crate::ids::{OrderId, ReservationId, SkuId};
use crate::inventory::Held;
use crate::refusal::Result;
use sqlx::PgConnection;

/// Cancels all fulfilment orders of an order and returns the reservations behind them. Refused, with nothing changed, where one of them
/// has gone too far. The caller holds the order's lock.
pub async fn cancel_fulfilments(conn: &mut PgConnection, act: &Act, order_id: OrderId, reason: &str) -> Result<Vec<Held>> {
    let states = sqlx::query!(
        r#"select state as "state: FulfilmentState", method as "method: Method" from fulfilment_orders where order_id = $1 and state <> 'cancelled'"#,
        order_id.0
    )
    .fetch_all(&mut *conn)
    .await?;
    for fulfilment in states {
        fulfilment.state.apply(Command::Cancel, fulfilment.method)?;
    }
    let held = sqlx::query!(
        r#"with cancelled as (
            update fulfilment_orders
            set state = 'cancelled', reason = $2, closed_at = $3
            where order_id = $1 and state <> 'cancelled'
            returning fulfilment_no
        )
        select l.sku_id as "sku: SkuId", l.reservation_id as "reservation: ReservationId"
        from fulfilment_lines l
        join cancelled using (fulfilment_no)
        where l.order_id = $1"#,
        order_id.0,
        reason,
        act.now
    )
    .fetch_all(conn)
    .await?;
    Ok(held.into_iter().map(|r| Held { sku: r.sku, reservation: r.reservation }).collect())
}
