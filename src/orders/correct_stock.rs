//! Making the books agree with the shelf though orders count on it: what can no longer be supplied from there is routed anew.

use super::holds::{self, HeldUnits};
use super::project_order::{lock_orders, project_order};
use super::reroute_order::{DISRUPTION, OFFER, SHORTFALL};
use crate::events::{self, Happened, StreamKind};
use crate::fulfilment::{self, RejectReason, Rejected};
use crate::identity::{Act, Permission};
use crate::ids::{HoldId, LocationId, OrderId, SkuId};
use crate::inventory::{self, Condition, Held, MovementReason, NewMovement, ReservationOutcome};
use crate::jobs::{self, Job};
use crate::purchasing;
use crate::refusal::{Error, Refusal, RefusalCode, Result};
use crate::routing::Queue;
use sqlx::PgConnection;
use std::collections::BTreeSet;

/// A correction of one SKU at one location, by code, from the API or a page. Returns the orders that lose units by it: they are routed anew
/// right after the commit. `spare` as in [`take_off`].
pub async fn correct_stock(
    conn: &mut PgConnection,
    act: &Act,
    sku: &str,
    location: &str,
    quantity: i32,
    reason: MovementReason,
    spare: i32,
) -> Result<Vec<OrderId>> {
    let movement = inventory::check_adjustment(conn, act, sku, location, quantity, reason).await?;
    take_off(conn, act, &with_damaged(movement), spare).await
}

/// What is found broken leaves the shelf, but not the building.
fn with_damaged(movement: NewMovement) -> Vec<NewMovement> {
    match movement.reason {
        MovementReason::Damage => {
            let broken = NewMovement { quantity: -movement.quantity, condition: Condition::Damaged, ..movement.clone() };
            vec![movement, broken]
        }
        _ => vec![movement],
    }
}

/// Posts movements, at most one of which takes units that can be sold off a shelf. Where fewer would be left than are reserved, the orders that
/// came last give theirs up, those not yet being picked first; refused where even that is not enough, because the rest is packed.
///
/// Orders that come between the look at the shelf and its lock may reserve what was freed; then this fails as contended. `spare` units are freed
/// beyond what is needed: zero at first, more for whoever was outrun.
pub(super) async fn take_off(conn: &mut PgConnection, act: &Act, movements: &[NewMovement], spare: i32) -> Result<Vec<OrderId>> {
    let losers = match movements.iter().find(|m| m.quantity < 0 && m.condition == Condition::Sellable) {
        Some(movement) => losers(conn, movement, spare).await?,
        None => Losers::default(),
    };
    let baskets = holds::lock_holds(conn, &losers.baskets).await?;
    lock_orders(conn, &losers.orders.iter().map(|(order, _)| *order).collect::<Vec<_>>()).await?;
    match give_up(conn, act, &losers.orders, &baskets, SHORTFALL).await {
        // Somebody has packed or cancelled one of them meanwhile: look again.
        Err(Error::Refused(refusal)) if refusal.code == RefusalCode::IllegalTransition => return Err(Error::Contended(refusal)),
        outcome => outcome?,
    };
    match inventory::post_movements(conn, act, movements).await {
        // Somebody has reserved some meanwhile: look again.
        Err(Error::Refused(refusal)) if refusal.code == RefusalCode::OutOfStock && refusal.fields.is_empty() => Err(Error::Contended(refusal)),
        Err(error) => Err(error),
        Ok(()) => Ok(losers.orders.into_iter().map(|(order, _)| order).collect()),
    }
}

/// Who has to give units up.
#[derive(Debug, Default)]
struct Losers {
    baskets: Vec<HoldId>,
    /// Fulfilment orders.
    orders: Vec<(OrderId, i32)>,
}

/// Who has to give up units for a movement to be possible: baskets first, then orders.
async fn losers(conn: &mut PgConnection, movement: &NewMovement, spare: i32) -> Result<Losers> {
    let candidates = sqlx::query_file!("src/orders/sql/shortfall_candidates.sql", movement.sku.0, movement.location.0).fetch_all(&mut *conn).await?;
    let (on_hand, reserved) = candidates.first().map_or((0, 0), |l| (l.on_hand, l.reserved));
    if on_hand + movement.quantity < 0 {
        let message = format!("Only {on_hand} units are on hand there. Take off {on_hand} or fewer.");
        return Err(Refusal { code: RefusalCode::OutOfStock, ..Refusal::field("/quantity", message) }.into());
    }
    let mut losers = Losers::default();
    let mut missing = reserved - (on_hand + movement.quantity);
    if missing <= 0 {
        return Ok(losers);
    }
    for (hold, units) in holds::holds_of(conn, movement.sku, movement.location).await? {
        if missing + spare > 0 {
            missing -= units;
            losers.baskets.push(hold);
        }
    }
    for candidate in candidates {
        let (Some(order), Some(fulfilment_no), true) = (candidate.order, candidate.fulfilment_no, missing + spare > 0) else { break };
        missing -= candidate.units;
        losers.orders.push((order, fulfilment_no));
    }
    if missing > 0 {
        let message = format!("{missing} of these units are packed for orders and about to leave. Take off {missing} fewer.");
        return Err(Refusal { code: RefusalCode::OutOfStock, ..Refusal::field("/quantity", message) }.into());
    }
    Ok(losers)
}

/// Turns fulfilment orders down and frees baskets: what they kept is free again, the orders' lines wait, and a job for each routes them anew. The
/// caller holds the locks of orders and baskets.
pub(super) async fn give_up(
    conn: &mut PgConnection,
    act: &Act,
    orders: &[(OrderId, i32)],
    baskets: &[HeldUnits],
    reason: &str,
) -> Result<Vec<Rejected>> {
    let rejected = fulfilment::reject_fulfilments(conn, act, orders, reason).await?;
    purchasing::follow_orders(conn, act, &rejected.iter().map(|r| r.order).collect::<Vec<_>>()).await?;
    holds::end_holds(conn, act, &holds::ids_of(baskets), "released").await?;
    let days: Vec<_> = rejected.iter().flat_map(|r| r.given_up.days.iter().copied()).collect();
    inventory::give_back_capacity(conn, &days).await?;
    let units: Vec<Held> = rejected.iter().flat_map(|r| r.given_up.reservations.iter().copied()).chain(baskets.iter().map(HeldUnits::key)).collect();
    inventory::release_reservations(conn, act, &units, ReservationOutcome::Released).await?;
    if rejected.is_empty() {
        return Ok(rejected);
    }
    let lines: Vec<(OrderId, i32)> = rejected.iter().flat_map(|r| r.lines.iter().map(|l| (r.order, l.0))).collect();
    sqlx::query!(
        "update order_lines
        set queue = $3
        where (order_id, line_no) in (select * from unnest($1::uuid[], $2::integer[])) and open > 0",
        &lines.iter().map(|l| l.0.0).collect::<Vec<_>>(),
        &lines.iter().map(|l| l.1).collect::<Vec<_>>(),
        // What was taken over, or counted on what is out of order, nobody has turned down.
        if matches!(reason, OFFER | DISRUPTION) { Queue::Unrouted.as_str() } else { Queue::Rejected.as_str() }
    )
    .execute(&mut *conn)
    .await?;
    let losers: BTreeSet<OrderId> = rejected.iter().map(|r| r.order).collect();
    let jobs: Vec<_> = losers.iter().map(|order| (Job::RerouteOrder { order_id: *order, since: act.now }, act.now)).collect();
    jobs::enqueue(conn, &jobs).await?;
    let happened = rejected.iter().map(|r| Happened { act, stream: r.order.0, events: vec![r.event.clone()] }).collect();
    events::append_all(conn, StreamKind::Order, happened).await?;
    project_order(conn, act.now, &losers.into_iter().collect::<Vec<_>>()).await?;
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
    spare: i32,
) -> Result<()> {
    let place = sqlx::query_scalar!(
        r#"select location_id as "id: LocationId" from fulfilment_orders where order_id = $1 and fulfilment_no = $2"#,
        order_id.0,
        fulfilment_no
    )
    .fetch_optional(&mut *conn)
    .await?
    .ok_or_else(|| Refusal::not_found("such fulfilment order"))?;
    act.require_location(place, Permission::WorkFulfilment)?;
    let rejected = give_up(conn, act, &[(order_id, fulfilment_no)], &[], reason.as_str()).await?;
    let missing: Vec<_> = rejected.into_iter().flat_map(|r| r.lines).filter(|(no, ..)| line_no.is_none_or(|only| only == *no)).collect();
    if missing.is_empty() {
        return Err(Refusal::field("/line_no", "This line is not in the parcel. Choose one that is, or leave it out for all.").into());
    }
    if let Some(line_no) = line_no {
        fulfilment::note_lacking(conn, order_id, fulfilment_no, line_no).await?;
    }
    for (_, sku, units) in missing {
        let (quantity, why) = match reason {
            RejectReason::TooBusy => continue,
            RejectReason::NotInStock => (-unpicked(conn, sku, place).await?, MovementReason::Adjustment),
            RejectReason::Mismatch => (-units, MovementReason::Adjustment),
            RejectReason::Damaged => (-units, MovementReason::Damage),
        };
        if quantity < 0 {
            take_off(conn, act, &with_damaged(NewMovement::new(sku, place, quantity, why)), spare).await?;
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
