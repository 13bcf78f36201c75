//! Ending reservations: the units leave the building, or become free again.

use super::{CapacityDay, MovementReason, ReservationOutcome, backorders};
use crate::identity::Act;
use crate::ids::{LocationId, OrderId, ReservationId, SkuId};
use crate::jobs::{self, Job};
use crate::refusal::Result;
use sqlx::PgConnection;
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// A reservation by its whole key: the stock family is keyed by SKU.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Held {
    pub sku: SkuId,
    pub reservation: ReservationId,
}

/// Frees the units of these reservations; orders that wait for the same things are looked at again after the commit. Those closed already are
/// left as they are, so it may be run twice.
pub async fn release_reservations(conn: &mut PgConnection, act: &Act, reservations: &[Held], outcome: ReservationOutcome) -> Result<()> {
    if reservations.is_empty() {
        return Ok(());
    }
    free(conn, act, reservations, &[], outcome).await?;
    look_for_waiting(conn, act, reservations.iter().map(|r| r.sku)).await
}

/// Nothing is kept for an order, or owed to it, any more. The caller holds its lock.
pub async fn let_go(conn: &mut PgConnection, act: &Act, order: OrderId, reservations: &[Held]) -> Result<()> {
    let owed = backorders::open_backorders(conn, order).await?;
    if reservations.is_empty() && owed.is_empty() {
        return Ok(());
    }
    // All rows at once, in their order.
    let places: Vec<_> = owed.iter().map(|o| (o.sku, o.location)).collect();
    free(conn, act, reservations, &places, ReservationOutcome::Released).await?;
    if !owed.is_empty() {
        backorders::close_rows(conn, act.now, order).await?;
        backorders::change_backordered(conn, &[], &owed, &BTreeMap::new()).await?;
    }
    look_for_waiting(conn, act, reservations.iter().map(|r| r.sku).chain(owed.iter().map(|o| o.sku))).await
}

/// Frees the units of reservations for a claim that follows in the same transaction, and locks the rows of that as well.
pub(super) async fn move_reservations(conn: &mut PgConnection, act: &Act, reservations: &[Held], also: &[(SkuId, LocationId)]) -> Result<()> {
    free(conn, act, reservations, also, ReservationOutcome::Moved).await
}

async fn free(conn: &mut PgConnection, act: &Act, reservations: &[Held], also: &[(SkuId, LocationId)], outcome: ReservationOutcome) -> Result<()> {
    let (skus, ids) = lock_rows(conn, reservations, also).await?;
    sqlx::query_file!("src/inventory/sql/release_reservations.sql", &skus, &ids, act.now, outcome.as_str()).execute(conn).await?;
    Ok(())
}

/// Units of some SKUs can be had again: orders may wait for them.
pub(super) async fn look_for_waiting(conn: &mut PgConnection, act: &Act, skus: impl Iterator<Item = SkuId>) -> Result<()> {
    let skus: BTreeSet<SkuId> = skus.collect();
    jobs::enqueue(conn, &skus.into_iter().map(|sku_id| (Job::RerouteWaiting { sku_id, since: act.now }, act.now)).collect::<Vec<_>>()).await
}

/// Takes fulfilment orders off the days they were counted on, each once, in the order of the days. Before the stock is freed: claims lock in that
/// order.
pub async fn give_back_capacity(conn: &mut PgConnection, days: &[CapacityDay]) -> Result<()> {
    if days.is_empty() {
        return Ok(());
    }
    sqlx::query!(
        "with given_back as (
            select location_id, day, count(*)::integer as orders
            from unnest($1::uuid[], $2::date[]) as d (location_id, day)
            group by location_id, day
        ),
        locked as (
            select c.location_id, c.day, g.orders
            from capacity_days c
            join given_back g using (location_id, day)
            order by c.location_id, c.day
            for update of c
        )
        update capacity_days
        set taken = taken - locked.orders
        from locked
        where capacity_days.location_id = locked.location_id and capacity_days.day = locked.day",
        &days.iter().map(|d| d.location.0).collect::<Vec<_>>(),
        &days.iter().map(|d| d.day).collect::<Vec<_>>()
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// The units of these reservations leave: they come off the shelf, the reservation and the ledger in one step.
pub async fn consume_reservations(
    conn: &mut PgConnection,
    act: &Act,
    order_id: OrderId,
    reservations: &[Held],
    reason: MovementReason,
) -> Result<()> {
    let (skus, ids) = lock_rows(conn, reservations, &[]).await?;
    sqlx::query_file!(
        "src/inventory/sql/consume_reservations.sql",
        &skus,
        &ids,
        act.now,
        order_id.0,
        reason.as_str(),
        act.actor.kind(),
        act.actor.id()
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Locks the stock rows behind reservations, and others, in (SKU, location) order, as claims do, and gives the reservations' keys apart.
async fn lock_rows(conn: &mut PgConnection, reservations: &[Held], also: &[(SkuId, LocationId)]) -> Result<(Vec<Uuid>, Vec<Uuid>)> {
    let skus: Vec<Uuid> = reservations.iter().map(|r| r.sku.0).collect();
    let ids: Vec<Uuid> = reservations.iter().map(|r| r.reservation.0).collect();
    sqlx::query!(
        "select from stock
        where (sku_id, location_id) in (
            select r.sku_id, r.location_id
            from reservations r
            join unnest($1::uuid[], $2::uuid[]) as held (sku_id, reservation_id) using (sku_id, reservation_id)
            where r.closed_at is null
            union all
            select * from unnest($3::uuid[], $4::uuid[])
        )
        order by sku_id, location_id
        for update",
        &skus,
        &ids,
        &also.iter().map(|a| a.0.0).collect::<Vec<_>>(),
        &also.iter().map(|a| a.1.0).collect::<Vec<_>>()
    )
    .execute(conn)
    .await?;
    Ok((skus, ids))
}
