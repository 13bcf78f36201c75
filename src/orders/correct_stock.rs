//! Making the books agree with the shelf though orders count on it: what can no longer be supplied from there is routed anew.

use super::project_order::{lock_orders, project_order};
use super::reroute_order::SHORTFALL;
use crate::events::{self, StreamKind};
use crate::fulfilment::{self, RejectReason, Rejected};
use crate::identity::{Act, Permission};
use crate::ids::{LocationId, OrderId, SkuId};
use crate::inventory::{self, MovementReason, NewMovement, ReservationOutcome};
use crate::jobs::{self, Job};
use crate::refusal::{Error, Refusal, RefusalCode, Result};
use sqlx::PgConnection;

/// A correction of one SKU at one location, by code, from the API or a page. Returns the orders that lose units by it: they are routed anew
/// right after the commit.
pub async fn correct_stock(
    conn: &mut PgConnection,
    act: &Act,
    sku: &str,
    location: &str,
    quantity: i32,
    reason: MovementReason,
) -> Result<Vec<OrderId>> {
    let movement = inventory::check_adjustment(conn, act, sku, location, quantity, reason).await?;
    if quantity < 0 {
        return take_off(conn, act, &movement).await;
    }
    inventory::post_movements(conn, act, std::slice::from_ref(&movement)).await?;
    Ok(Vec::new())
}

/// Takes units off the shelf. Where fewer would be left than are reserved, the orders that came last give theirs up, those not yet being picked
/// first; refused where even that is not enough, because the rest is packed.
pub(super) async fn take_off(conn: &mut PgConnection, act: &Act, movement: &NewMovement) -> Result<Vec<OrderId>> {
    let losers = losers(conn, movement).await?;
    lock_orders(conn, &losers.iter().map(|(order, _)| *order).collect::<Vec<_>>()).await?;
    for (order, fulfilment_no) in &losers {
        match give_up(conn, act, *order, *fulfilment_no, SHORTFALL).await {
            // Somebody has packed or cancelled it meanwhile: look again.
            Err(Error::Refused(refusal)) if refusal.code == RefusalCode::IllegalTransition => return Err(Error::Contended(refusal)),
            outcome => outcome?,
        };
    }
    match inventory::post_movements(conn, act, std::slice::from_ref(movement)).await {
        // Somebody has reserved some meanwhile: look again.
        Err(Error::Refused(refusal)) if refusal.code == RefusalCode::OutOfStock => Err(Error::Contended(refusal)),
        Err(error) => Err(error),
        Ok(()) => Ok(losers.into_iter().map(|(order, _)| order).collect()),
    }
}

/// The fulfilment orders that have to give up their units for a movement to be possible.
async fn losers(conn: &mut PgConnection, movement: &NewMovement) -> Result<Vec<(OrderId, i32)>> {
    let candidates = sqlx::query_file!("src/orders/sql/shortfall_candidates.sql", movement.sku.0, movement.location.0).fetch_all(conn).await?;
    let (on_hand, reserved) = candidates.first().map_or((0, 0), |l| (l.on_hand, l.reserved));
    if on_hand + movement.quantity < 0 {
        let message = format!("Only {on_hand} units are on hand there. Take off {on_hand} or fewer.");
        return Err(Refusal { code: RefusalCode::OutOfStock, ..Refusal::field("/quantity", message) }.into());
    }
    let mut missing = reserved - (on_hand + movement.quantity);
    if missing <= 0 {
        return Ok(Vec::new());
    }
    let mut losers = Vec::new();
    for candidate in candidates {
        let (Some(order), Some(fulfilment_no), true) = (candidate.order, candidate.fulfilment_no, missing > 0) else { break };
        missing -= candidate.units;
        losers.push((order, fulfilment_no));
    }
    if missing > 0 {
        let message = format!("{missing} of these units are packed for orders and about to leave. Take off {missing} fewer.");
        return Err(Refusal { code: RefusalCode::OutOfStock, ..Refusal::field("/quantity", message) }.into());
    }
    Ok(losers)
}

/// Turns one fulfilment order down: what it kept is free again, its lines wait, and a job routes them anew. The caller holds the order's lock.
async fn give_up(conn: &mut PgConnection, act: &Act, order_id: OrderId, fulfilment_no: i32, reason: &str) -> Result<Rejected> {
    let rejected = fulfilment::reject_fulfilment(conn, act, order_id, fulfilment_no, reason).await?;
    inventory::give_back_capacity(conn, &rejected.given_up.days).await?;
    inventory::release_reservations(conn, act, &rejected.given_up.reservations, ReservationOutcome::Released).await?;
    sqlx::query!(
        "update order_lines set queue = 'rejected' where order_id = $1 and line_no = any ($2) and open > 0",
        order_id.0,
        &rejected.lines.iter().map(|l| l.0).collect::<Vec<_>>()
    )
    .execute(&mut *conn)
    .await?;
    jobs::enqueue(conn, &[(Job::RerouteOrder { order_id, since: act.now }, act.now)]).await?;
    events::append(conn, act, StreamKind::Order, order_id.0, vec![rejected.event.clone()]).await?;
    project_order(conn, act.now, &[order_id]).await?;
    Ok(rejected)
}

/// A location turns work down, and the books learn from why: nothing in stock empties them, a mismatch or damage takes off what is missing, too
/// busy leaves them alone. `line_no` is the line that is missing; all of them where it is left out. The caller holds the order's lock.
pub(super) async fn turn_down(
    conn: &mut PgConnection,
    act: &Act,
    order_id: OrderId,
    fulfilment_no: i32,
    reason: RejectReason,
    line_no: Option<i32>,
) -> Result<()> {
    act.require(Permission::WorkFulfilment)?;
    let place = sqlx::query_scalar!(
        r#"select location_id as "id: LocationId" from fulfilment_orders where order_id = $1 and fulfilment_no = $2"#,
        order_id.0,
        fulfilment_no
    )
    .fetch_optional(&mut *conn)
    .await?
    .ok_or_else(|| Refusal::not_found("such fulfilment order"))?;
    act.require_location(place, Permission::WorkFulfilment)?;
    let rejected = give_up(conn, act, order_id, fulfilment_no, reason.as_str()).await?;
    let missing: Vec<_> = rejected.lines.into_iter().filter(|(no, ..)| line_no.is_none_or(|only| only == *no)).collect();
    if missing.is_empty() {
        return Err(Refusal::field("/line_no", "This line is not in the parcel. Choose one that is, or leave it out for all.").into());
    }
    for (_, sku, units) in missing {
        let (quantity, why) = match reason {
            RejectReason::TooBusy => continue,
            RejectReason::NotInStock => (-unpicked(conn, sku, place).await?, MovementReason::Adjustment),
            RejectReason::Mismatch => (-units, MovementReason::Adjustment),
            RejectReason::Damaged => (-units, MovementReason::Damage),
        };
        if quantity < 0 {
            take_off(conn, act, &NewMovement { sku, location: place, quantity, reason: why, transfer: None }).await?;
        }
    }
    Ok(())
}

/// Units on the books of a shelf, less those that somebody has in hand for another order.
async fn unpicked(conn: &mut PgConnection, sku: SkuId, location: LocationId) -> Result<i32> {
    Ok(sqlx::query_scalar!(
        r#"select (s.on_hand - coalesce((
            select sum(r.quantity)
            from reservations r
            join fulfilment_lines fl on fl.order_id = r.order_id and fl.reservation_id = r.reservation_id
            join fulfilment_orders f on f.order_id = fl.order_id and f.fulfilment_no = fl.fulfilment_no
            where r.sku_id = s.sku_id and r.location_id = s.location_id and r.closed_at is null and f.state in ('picking', 'packed', 'ready')
        ), 0))::integer as "units!"
        from stock s
        where s.sku_id = $1 and s.location_id = $2"#,
        sku.0,
        location.0
    )
    .fetch_optional(conn)
    .await?
    .unwrap_or(0))
}
