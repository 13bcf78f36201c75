//! Ending reservations: the units leave the building, or become free again.

use super::{CapacityDay, MovementReason, ReservationOutcome};
use crate::identity::Act;
use crate::ids::{OrderId, ReservationId, SkuId};
use crate::jobs::{self, Job};
use crate::refusal::Result;
use sqlx::PgConnection;
use std::collections::BTreeSet;
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
    let (skus, ids) = lock_rows(conn, reservations).await?;
    sqlx::query_file!("src/inventory/sql/release_reservations.sql", &skus, &ids, act.now, outcome.as_str()).execute(&mut *conn).await?;
    look_for_waiting(conn, act, reservations.iter().map(|r| r.sku)).await
}

/// Units of some SKUs can be had again: orders may wait for them.
pub(super) async fn look_for_waiting(conn: &mut PgConnection, act: &Act, skus: impl Iterator<Item = SkuId>) -> Result<()> {
    let skus: BTreeSet<SkuId> = skus.collect();
    jobs::enqueue(conn, &skus.into_iter().map(|sku_id| (Job::RerouteWaiting { sku_id, since: act.now }, act.now)).collect::<Vec<_>>()).await
}

/// Takes fulfilment orders off the days they were counted on, each once, in the order of the days. Before the stock is freed: claims lock in that
/// order.
pub async fn give_back_capacity(conn: &mut PgConnection, days: &[CapacityDay]) -> Result<()> {
    let mut days = days.to_vec();
    days.sort_unstable();
    for CapacityDay { location, day } in days {
        sqlx::query!("update capacity_days set taken = taken - 1 where location_id = $1 and day = $2", location.0, day).execute(&mut *conn).await?;
    }
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
    let (skus, ids) = lock_rows(conn, reservations).await?;
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

/// Locks the stock rows behind reservations in (SKU, location) order, as claims do, and gives the keys apart.
async fn lock_rows(conn: &mut PgConnection, reservations: &[Held]) -> Result<(Vec<Uuid>, Vec<Uuid>)> {
    let skus: Vec<Uuid> = reservations.iter().map(|r| r.sku.0).collect();
    let ids: Vec<Uuid> = reservations.iter().map(|r| r.reservation.0).collect();
    sqlx::query!(
        "select from stock
        where (sku_id, location_id) in (
            select r.sku_id, r.location_id
            from reservations r
            join unnest($1::uuid[], $2::uuid[]) as held (sku_id, reservation_id) using (sku_id, reservation_id)
            where r.closed_at is null
        )
        order by sku_id, location_id
        for update",
        &skus,
        &ids
    )
    .execute(conn)
    .await?;
    Ok((skus, ids))
}
