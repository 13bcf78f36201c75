//! Calls off everything of an order that nobody has started to pick.

use super::{Command, FulfilmentState, Way};
use crate::identity::Act;
use crate::ids::{LocationId, OrderId, ReservationId, SkuId};
use crate::inventory::{CapacityDay, Held};
use crate::refusal::Result;
use sqlx::PgConnection;
use std::collections::BTreeMap;

/// What cancelled fulfilment orders kept, to be given back.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GivenUp {
    pub reservations: Vec<Held>,
    /// One for each fulfilment order that counted on a day.
    pub days: Vec<CapacityDay>,
}

/// Cancels all fulfilment orders of an order that still run and returns what they kept. Refused, with nothing changed, where one of them
/// is being picked already. What has left is left as it is. The caller holds the order's lock.
pub async fn cancel_fulfilments(conn: &mut PgConnection, act: &Act, order_id: OrderId, reason: &str) -> Result<GivenUp> {
    let states = sqlx::query!(
        r#"select state as "state: FulfilmentState", method as "way: Way" from fulfilment_orders where order_id = $1 and state in ('planned', 'released', 'picking', 'packed', 'ready')"#,
        order_id.0
    )
    .fetch_all(&mut *conn)
    .await?;
    for fulfilment in states {
        fulfilment.state.apply(Command::Cancel, fulfilment.way)?;
    }
    let rows = sqlx::query!(
        r#"with cancelled as (
            update fulfilment_orders
            set state = 'cancelled', reason = $2, closed_at = $3
            where order_id = $1 and state in ('planned', 'released', 'picking', 'packed', 'ready')
            returning fulfilment_no, location_id, capacity_day
        )
        select fulfilment_no, l.sku_id as "sku: SkuId", l.reservation_id as "reservation: ReservationId", location_id as "location: LocationId", capacity_day
        from fulfilment_lines l
        join cancelled using (fulfilment_no)
        where l.order_id = $1"#,
        order_id.0,
        reason,
        act.now
    )
    .fetch_all(conn)
    .await?;
    let days: BTreeMap<i32, CapacityDay> =
        rows.iter().filter_map(|r| Some((r.fulfilment_no, CapacityDay { location: r.location, day: r.capacity_day? }))).collect();
    Ok(GivenUp {
        days: days.into_values().collect(),
        reservations: rows.into_iter().map(|r| Held { sku: r.sku, reservation: r.reservation }).collect(),
    })
}
