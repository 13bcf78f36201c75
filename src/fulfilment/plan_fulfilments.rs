//! Turns a plan into fulfilment orders, one per location, and gives them to the locations once the payment is certain.

use super::{FulfilmentState, Milestones, Way};
use crate::events::{EventDetails, EventKind, NewEvent};
use crate::identity::Act;
use crate::ids::{LocationId, OrderId, ReservationId, SkuId};
use crate::jobs::{self, Job};
use crate::refusal::Result;
use chrono::{DateTime, NaiveDate, Utc};
use sqlx::PgConnection;

/// What one location will do for an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlannedFulfilment {
    pub order: OrderId,
    /// From 1, unique within the order.
    pub no: i32,
    pub location: LocationId,
    /// The day the order counts on there; none where the location has no limit.
    pub capacity_day: Option<NaiveDate>,
    pub way: Way,
    /// The store that it is sent to; none where it goes to the customer or is collected here.
    pub to_store: Option<LocationId>,
    pub planned_at: DateTime<Utc>,
    /// None where nothing could be promised of it.
    pub promised: Option<Promised>,
    pub lines: Vec<PlannedLine>,
    /// Who is asked before it is this location's work, and for how many minutes; none where nobody else is.
    pub offer: Option<(Vec<LocationId>, u32)>,
}

/// What was promised of a fulfilment order, and how it is to be kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Promised {
    /// Code of the carrier service; none where it is collected.
    pub service: Option<String>,
    pub by: DateTime<Utc>,
    /// When it should be there, without what is promised on top.
    pub expected_by: DateTime<Utc>,
    pub milestones: Milestones,
}

/// Units of a line, and the reservation that keeps them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlannedLine {
    pub line_no: i32,
    pub sku: SkuId,
    pub quantity: i32,
    pub reservation_id: ReservationId,
    /// Units that rules keep back from this buyer, and that must stay on the shelf.
    pub kept_back: i32,
    /// Units owed to orders placed before, which come first; none: all that is owed does.
    pub ahead: Option<i32>,
}

/// Writes fulfilment orders, of one order or of many.
pub async fn plan_fulfilments(conn: &mut PgConnection, planned: &[PlannedFulfilment]) -> Result<()> {
    macro_rules! promised {
        ($p:ident => $value:expr) => {
            &planned.iter().map(|f| f.promised.as_ref().and_then(|$p| $value)).collect::<Vec<_>>()
        };
    }
    sqlx::query!(
        "insert into fulfilment_orders (order_id, fulfilment_no, location_id, capacity_day, method, state, planned_at, service, promised_by, expected_by,
            release_by, pick_by, pack_by, hand_over_by, offer_minutes, to_location_id)
        select order_id, no, location_id, day, method, 'planned', planned_at, service, promised_by, expected_by, release_by, pick_by, pack_by,
            hand_over_by, minutes, to_store
        from unnest($1::uuid[], $2::integer[], $3::uuid[], $4::date[], $5::text[], $6::timestamptz[], $7::text[], $8::timestamptz[], $9::timestamptz[],
            $10::timestamptz[], $11::timestamptz[], $12::timestamptz[], $13::timestamptz[], $14::integer[], $15::uuid[])
            as p (order_id, no, location_id, day, method, planned_at, service, promised_by, expected_by, release_by, pick_by, pack_by, hand_over_by, minutes,
                to_store)",
        &planned.iter().map(|p| p.order.0).collect::<Vec<_>>(),
        &planned.iter().map(|p| p.no).collect::<Vec<_>>(),
        &planned.iter().map(|p| p.location.0).collect::<Vec<_>>(),
        &planned.iter().map(|p| p.capacity_day).collect::<Vec<_>>() as _,
        &planned.iter().map(|p| p.way.to_string()).collect::<Vec<_>>(),
        &planned.iter().map(|p| p.planned_at).collect::<Vec<_>>(),
        promised!(p => p.service.clone()) as _,
        promised!(p => Some(p.by)) as _,
        promised!(p => Some(p.expected_by)) as _,
        promised!(p => Some(p.milestones.release_by)) as _,
        promised!(p => Some(p.milestones.pick_by)) as _,
        promised!(p => Some(p.milestones.pack_by)) as _,
        promised!(p => Some(p.milestones.hand_over_by)) as _,
        &planned.iter().map(|p| p.offer.as_ref().and_then(|(_, minutes)| i32::try_from(*minutes).ok())).collect::<Vec<_>>() as _,
        &planned.iter().map(|p| p.to_store.map(|store| store.0)).collect::<Vec<_>>() as _
    )
    .execute(&mut *conn)
    .await?;
    let lines: Vec<(&PlannedFulfilment, &PlannedLine)> = planned.iter().flat_map(|p| p.lines.iter().map(move |l| (p, l))).collect();
    sqlx::query!(
        "insert into fulfilment_lines (order_id, fulfilment_no, line_no, sku_id, quantity, reservation_id)
        select * from unnest($1::uuid[], $2::integer[], $3::integer[], $4::uuid[], $5::integer[], $6::uuid[])",
        &lines.iter().map(|(p, _)| p.order.0).collect::<Vec<_>>(),
        &lines.iter().map(|(p, _)| p.no).collect::<Vec<_>>(),
        &lines.iter().map(|(_, l)| l.line_no).collect::<Vec<_>>(),
        &lines.iter().map(|(_, l)| l.sku.0).collect::<Vec<_>>(),
        &lines.iter().map(|(_, l)| l.quantity).collect::<Vec<_>>(),
        &lines.iter().map(|(_, l)| l.reservation_id.0).collect::<Vec<_>>()
    )
    .execute(&mut *conn)
    .await?;
    let asked: Vec<(&PlannedFulfilment, LocationId)> =
        planned.iter().flat_map(|p| p.offer.iter().flat_map(|(locations, _)| locations).map(move |location| (p, *location))).collect();
    if asked.is_empty() {
        return Ok(());
    }
    sqlx::query!(
        "insert into fulfilment_offers (order_id, fulfilment_no, location_id, rank)
        select order_id, no, location_id, row_number() over (partition by order_id, no order by at)
        from unnest($1::uuid[], $2::integer[], $3::uuid[]) with ordinality as p (order_id, no, location_id, at)",
        &asked.iter().map(|(p, _)| p.order.0).collect::<Vec<_>>(),
        &asked.iter().map(|(p, _)| p.no).collect::<Vec<_>>(),
        &asked.iter().map(|(_, location)| location.0).collect::<Vec<_>>()
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Work that was handed to its location, or that locations are asked for.
#[derive(Clone, Debug)]
pub struct Released {
    pub order: OrderId,
    /// It is a vendor's work.
    pub by_vendor: bool,
    pub event: NewEvent,
}

/// Hands all planned fulfilment orders of some orders to their locations; those that several are asked for wait until one has taken them or their time is
/// over. None while routing is stopped. The caller holds the orders' locks and appends the events.
pub async fn release_fulfilments(conn: &mut PgConnection, act: &Act, orders: &[OrderId]) -> Result<Vec<Released>> {
    let ids: Vec<_> = orders.iter().map(|o| o.0).collect();
    let changed = sqlx::query_file!(
        "src/fulfilment/sql/release_fulfilments.sql",
        &ids,
        FulfilmentState::Released.as_str(),
        act.now,
        FulfilmentState::Planned.as_str()
    )
    .fetch_all(&mut *conn)
    .await?;
    let asked = changed.iter().filter_map(|r| Some((Job::EndOffer { order_id: r.order, fulfilment_no: r.fulfilment_no }, r.offered_until?)));
    jobs::enqueue(conn, &asked.collect::<Vec<_>>()).await?;
    Ok(changed
        .into_iter()
        .map(|r| {
            let details = EventDetails { fulfilment_no: Some(r.fulfilment_no), location: Some(r.names), ..EventDetails::default() };
            let kind = if r.offered_until.is_some() { EventKind::FulfilmentOffered } else { EventKind::FulfilmentReleased };
            Released { order: r.order, by_vendor: r.by_vendor && r.offered_until.is_none(), event: NewEvent { kind, details } }
        })
        .collect())
}
