//! A location turns a fulfilment order down: what it kept is given back, and its units are to be routed anew.

use super::{Command, FulfilmentState, GivenUp, Method};
use crate::events::{EventDetails, EventKind, NewEvent};
use crate::identity::Act;
use crate::ids::{LocationId, OrderId, ReservationId, SkuId};
use crate::inventory::{CapacityDay, Held};
use crate::refusal::{Refusal, Result};
use sqlx::PgConnection;

/// What a rejected fulfilment order was.
#[derive(Clone, Debug)]
pub struct Rejected {
    pub location: LocationId,
    /// (line, SKU, units)
    pub lines: Vec<(i32, SkuId, i32)>,
    pub given_up: GivenUp,
    pub event: NewEvent,
}

/// Rejects one fulfilment order; refused once it is packed. The caller holds the order's lock, gives back what comes back, and routes anew.
pub async fn reject_fulfilment(conn: &mut PgConnection, act: &Act, order_id: OrderId, fulfilment_no: i32, reason: &str) -> Result<Rejected> {
    let fulfilment = sqlx::query!(
        r#"select f.state as "state: FulfilmentState", f.method as "method: Method", f.location_id as "location: LocationId", f.capacity_day, v.name
        from fulfilment_orders f
        join location_versions v on v.location_id = f.location_id and v.valid @> $3::timestamptz
        where f.order_id = $1 and f.fulfilment_no = $2"#,
        order_id.0,
        fulfilment_no,
        act.now
    )
    .fetch_optional(&mut *conn)
    .await?
    .ok_or_else(|| Refusal::not_found("such fulfilment order"))?;
    let state = fulfilment.state.apply(Command::Reject, fulfilment.method)?;
    sqlx::query!(
        "update fulfilment_orders set state = $3, reason = $4, closed_at = $5 where order_id = $1 and fulfilment_no = $2",
        order_id.0,
        fulfilment_no,
        state.as_str(),
        reason,
        act.now
    )
    .execute(&mut *conn)
    .await?;
    let lines = sqlx::query!(
        r#"select line_no, quantity, sku_id as "sku: SkuId", reservation_id as "reservation: ReservationId"
        from fulfilment_lines
        where order_id = $1 and fulfilment_no = $2
        order by line_no"#,
        order_id.0,
        fulfilment_no
    )
    .fetch_all(conn)
    .await?;
    let details = EventDetails {
        fulfilment_no: Some(fulfilment_no),
        location: Some(fulfilment.name),
        reason: Some(reason.to_owned()),
        ..EventDetails::default()
    };
    Ok(Rejected {
        location: fulfilment.location,
        given_up: GivenUp {
            days: fulfilment.capacity_day.map(|day| CapacityDay { location: fulfilment.location, day }).into_iter().collect(),
            reservations: lines.iter().map(|l| Held { sku: l.sku, reservation: l.reservation }).collect(),
        },
        lines: lines.into_iter().map(|l| (l.line_no, l.sku, l.quantity)).collect(),
        event: NewEvent { kind: EventKind::FulfilmentRejected, details },
    })
}
