//! Locations turn fulfilment orders down: what they kept is given back, and their units are to be routed anew.

use super::{Command, FulfilmentState, GivenUp, Way};
use crate::events::{EventDetails, EventKind, NewEvent};
use crate::identity::Act;
use crate::ids::{LocationId, OrderId, ReservationId, SkuId};
use crate::inventory::{CapacityDay, Held};
use crate::refusal::{Refusal, Result};
use sqlx::PgConnection;

/// What a rejected fulfilment order was.
#[derive(Clone, Debug)]
pub struct Rejected {
    pub order: OrderId,
    pub location: LocationId,
    /// (line, SKU, units)
    pub lines: Vec<(i32, SkuId, i32)>,
    pub given_up: GivenUp,
    pub event: NewEvent,
}

/// Rejects fulfilment orders, by order and number; refused, with nothing changed, where one of them is packed. The caller holds the orders' locks,
/// gives back what comes back, and routes anew.
pub async fn reject_fulfilments(conn: &mut PgConnection, act: &Act, which: &[(OrderId, i32)], reason: &str) -> Result<Vec<Rejected>> {
    let (orders, numbers): (Vec<_>, Vec<i32>) = which.iter().map(|(order, no)| (order.0, *no)).unzip();
    let fulfilments = sqlx::query!(
        r#"select f.order_id as "order: OrderId", f.fulfilment_no, f.state as "state: FulfilmentState", f.method as "way: Way",
            f.location_id as "location: LocationId", f.capacity_day, v.name
        from unnest($1::uuid[], $2::integer[]) as w (order_id, fulfilment_no)
        join fulfilment_orders f using (order_id, fulfilment_no)
        join location_versions v on v.location_id = f.location_id and v.valid @> $3::timestamptz
        order by f.order_id, f.fulfilment_no"#,
        &orders,
        &numbers,
        act.now
    )
    .fetch_all(&mut *conn)
    .await?;
    if fulfilments.len() < which.len() {
        return Err(Refusal::not_found("such fulfilment order").into());
    }
    for fulfilment in &fulfilments {
        fulfilment.state.apply(Command::Reject, fulfilment.way)?;
    }
    let lines = sqlx::query!(
        r#"with rejected as (
            update fulfilment_orders
            set state = $3, reason = $4, closed_at = $5
            where (order_id, fulfilment_no) in (select * from unnest($1::uuid[], $2::integer[]))
        )
        select order_id as "order: OrderId", fulfilment_no, line_no, quantity, sku_id as "sku: SkuId", reservation_id as "reservation: ReservationId"
        from fulfilment_lines
        where (order_id, fulfilment_no) in (select * from unnest($1::uuid[], $2::integer[]))
        order by line_no"#,
        &orders,
        &numbers,
        FulfilmentState::Rejected.as_str(),
        reason,
        act.now
    )
    .fetch_all(conn)
    .await?;
    let rejected = fulfilments.into_iter().map(|f| {
        let own = || lines.iter().filter(|l| (l.order, l.fulfilment_no) == (f.order, f.fulfilment_no));
        let given_up = GivenUp {
            days: f.capacity_day.map(|day| CapacityDay { location: f.location, day }).into_iter().collect(),
            reservations: own().map(|l| Held { sku: l.sku, reservation: l.reservation }).collect(),
        };
        let lines = own().map(|l| (l.line_no, l.sku, l.quantity)).collect();
        let details =
            EventDetails { fulfilment_no: Some(f.fulfilment_no), location: Some(f.name), reason: Some(reason.to_owned()), ..EventDetails::default() };
        Rejected { order: f.order, location: f.location, lines, given_up, event: NewEvent { kind: EventKind::FulfilmentRejected, details } }
    });
    Ok(rejected.collect())
}

/// Notes of which of its lines a location did not have what it turned down; without a note it had none of them.
pub async fn note_lacking(conn: &mut PgConnection, order: OrderId, fulfilment_no: i32, line_no: i32) -> Result<()> {
    sqlx::query!("update fulfilment_orders set lacking_line = $3 where order_id = $1 and fulfilment_no = $2", order.0, fulfilment_no, line_no)
        .execute(conn)
        .await?;
    Ok(())
}
