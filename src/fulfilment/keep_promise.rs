//! What was promised of a fulfilment order: read by whoever watches it, written anew when it changes.

use super::{FulfilmentState, Milestones, Way};
use crate::catalog::Size;
use crate::ids::{LocationId, OrderId};
use crate::refusal::Result;
use chrono::{DateTime, Utc};
use sqlx::PgConnection;

/// A fulfilment order as its promise sees it.
#[derive(Clone, Debug)]
pub struct Watched {
    pub order: OrderId,
    pub no: i32,
    pub location: LocationId,
    pub way: Way,
    pub state: FulfilmentState,
    /// Code of the carrier service; none where it is collected.
    pub service: Option<String>,
    pub promised_by: DateTime<Utc>,
    pub milestones: Milestones,
    /// Its lines, by number, with their units.
    pub lines: Vec<(i32, i32)>,
    /// What is in it: the size of a unit, and how many.
    pub things: Vec<(Size, i32)>,
}

impl Watched {
    /// False where nothing is promised of it, and its moments are no moments.
    pub fn is_promised(&self) -> bool {
        self.promised_by < DateTime::<Utc>::MAX_UTC
    }

    /// The step that is to be done next, and by when; none where nothing more can be late.
    pub const fn next_step(&self) -> Option<(&'static str, DateTime<Utc>)> {
        match self.state {
            FulfilmentState::Planned => Some(("release", self.milestones.release_by)),
            FulfilmentState::Released => Some(("pick", self.milestones.pick_by)),
            FulfilmentState::Picking => Some(("pack", self.milestones.pack_by)),
            FulfilmentState::Packed => Some(("hand_over", self.milestones.hand_over_by)),
            FulfilmentState::Shipped => Some(("delivery", self.promised_by)),
            _ => None,
        }
    }
}

/// One fulfilment order; none where nothing is promised of it.
pub async fn watched(conn: &mut PgConnection, order: OrderId, no: i32) -> Result<Option<Watched>> {
    Ok(watched_or_not(conn, order, no).await?.filter(Watched::is_promised))
}

/// The same, where nothing may be promised of it: then there is no end to when it may be there.
pub async fn watched_or_not(conn: &mut PgConnection, order: OrderId, no: i32) -> Result<Option<Watched>> {
    let row = sqlx::query!(
        r#"select location_id as "location: LocationId", method as "way: Way", state as "state: FulfilmentState", service, promised_by, release_by,
            pick_by, pack_by, hand_over_by
        from fulfilment_orders
        where order_id = $1 and fulfilment_no = $2"#,
        order.0,
        no
    )
    .fetch_optional(&mut *conn)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let ever = DateTime::<Utc>::MAX_UTC;
    let promised_by = row.promised_by.unwrap_or(ever);
    let [release_by, pick_by, pack_by, hand_over_by] = [row.release_by, row.pick_by, row.pack_by, row.hand_over_by].map(|by| by.unwrap_or(ever));
    let lines = sqlx::query!(
        "select fl.line_no, fl.quantity, s.weight_grams, s.length_mm, s.width_mm, s.height_mm
        from fulfilment_lines fl
        join skus s using (sku_id)
        where fl.order_id = $1 and fl.fulfilment_no = $2
        order by fl.line_no",
        order.0,
        no
    )
    .fetch_all(conn)
    .await?;
    let milestones = Milestones { release_by, pick_by, pack_by, hand_over_by };
    let (location, way, state, service) = (row.location, row.way, row.state, row.service);
    let things = lines.iter().map(|l| (Size::of(l.weight_grams, l.length_mm, l.width_mm, l.height_mm), l.quantity)).collect();
    let lines = lines.into_iter().map(|l| (l.line_no, l.quantity)).collect();
    Ok(Some(Watched { order, no, location, way, state, service, promised_by, milestones, lines, things }))
}

/// A fulfilment order goes by another carrier service, by which it is expected at another moment. The caller holds the order's lock.
pub async fn change_service(conn: &mut PgConnection, order: OrderId, no: i32, service: &str, expected_by: DateTime<Utc>) -> Result<()> {
    sqlx::query!(
        "update fulfilment_orders set service = $3, expected_by = $4 where order_id = $1 and fulfilment_no = $2",
        order.0,
        no,
        service,
        expected_by
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Nothing is promised of a fulfilment order any more. The caller holds the order's lock.
pub async fn forget_promise(conn: &mut PgConnection, order: OrderId, no: i32) -> Result<()> {
    sqlx::query!(
        "update fulfilment_orders
        set promised_by = null, release_by = null, pick_by = null, pack_by = null, hand_over_by = null
        where order_id = $1 and fulfilment_no = $2",
        order.0,
        no
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Says anew what is promised of fulfilment orders, and by when each step keeps it. The caller holds the orders' locks.
pub async fn promise_fulfilments(conn: &mut PgConnection, promised: &[(OrderId, i32, DateTime<Utc>, Milestones)]) -> Result<()> {
    sqlx::query!(
        "update fulfilment_orders f
        set promised_by = p.promised_by, release_by = p.release_by, pick_by = p.pick_by, pack_by = p.pack_by, hand_over_by = p.hand_over_by
        from unnest($1::uuid[], $2::integer[], $3::timestamptz[], $4::timestamptz[], $5::timestamptz[], $6::timestamptz[], $7::timestamptz[])
            as p (order_id, no, promised_by, release_by, pick_by, pack_by, hand_over_by)
        where f.order_id = p.order_id and f.fulfilment_no = p.no",
        &promised.iter().map(|p| p.0.0).collect::<Vec<_>>(),
        &promised.iter().map(|p| p.1).collect::<Vec<_>>(),
        &promised.iter().map(|p| p.2).collect::<Vec<_>>(),
        &promised.iter().map(|p| p.3.release_by).collect::<Vec<_>>(),
        &promised.iter().map(|p| p.3.pick_by).collect::<Vec<_>>(),
        &promised.iter().map(|p| p.3.pack_by).collect::<Vec<_>>(),
        &promised.iter().map(|p| p.3.hand_over_by).collect::<Vec<_>>()
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// By when each step of a fulfilment order keeps what is promised of it.
#[derive(Clone, Debug)]
pub struct Refreshed {
    pub order: OrderId,
    pub no: i32,
    pub promised_by: DateTime<Utc>,
    pub service: Option<String>,
    pub milestones: Milestones,
}

/// Says anew by when the steps of fulfilment orders keep their promises. Those that are promised otherwise by now, or go by another service, are left
/// alone.
pub async fn refresh_fulfilments(conn: &mut PgConnection, refreshed: &[Refreshed]) -> Result<()> {
    sqlx::query!(
        "update fulfilment_orders f
        set release_by = p.release_by, pick_by = p.pick_by, pack_by = p.pack_by, hand_over_by = p.hand_over_by
        from unnest($1::uuid[], $2::integer[], $3::timestamptz[], $4::text[], $5::timestamptz[], $6::timestamptz[], $7::timestamptz[], $8::timestamptz[])
            as p (order_id, no, promised_by, service, release_by, pick_by, pack_by, hand_over_by)
        where f.order_id = p.order_id and f.fulfilment_no = p.no and f.promised_by = p.promised_by and f.service is not distinct from p.service",
        &refreshed.iter().map(|r| r.order.0).collect::<Vec<_>>(),
        &refreshed.iter().map(|r| r.no).collect::<Vec<_>>(),
        &refreshed.iter().map(|r| r.promised_by).collect::<Vec<_>>(),
        &refreshed.iter().map(|r| r.service.clone()).collect::<Vec<_>>() as _,
        &refreshed.iter().map(|r| r.milestones.release_by).collect::<Vec<_>>(),
        &refreshed.iter().map(|r| r.milestones.pick_by).collect::<Vec<_>>(),
        &refreshed.iter().map(|r| r.milestones.pack_by).collect::<Vec<_>>(),
        &refreshed.iter().map(|r| r.milestones.hand_over_by).collect::<Vec<_>>()
    )
    .execute(conn)
    .await?;
    Ok(())
}
