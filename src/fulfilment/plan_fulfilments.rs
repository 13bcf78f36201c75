//! Turns a plan into fulfilment orders, one per location, and gives them to the locations once the payment is certain.

use super::{FulfilmentState, Method, Milestones};
use crate::events::{EventDetails, EventKind, NewEvent};
use crate::identity::Act;
use crate::ids::{LocationId, OrderId, ReservationId, SkuId};
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
    pub method: Method,
    pub planned_at: DateTime<Utc>,
    /// None where nothing could be promised of it.
    pub promised: Option<Promised>,
    pub lines: Vec<PlannedLine>,
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
            release_by, pick_by, pack_by, hand_over_by)
        select order_id, no, location_id, day, method, 'planned', planned_at, service, promised_by, expected_by, release_by, pick_by, pack_by, hand_over_by
        from unnest($1::uuid[], $2::integer[], $3::uuid[], $4::date[], $5::text[], $6::timestamptz[], $7::text[], $8::timestamptz[], $9::timestamptz[],
            $10::timestamptz[], $11::timestamptz[], $12::timestamptz[], $13::timestamptz[])
            as p (order_id, no, location_id, day, method, planned_at, service, promised_by, expected_by, release_by, pick_by, pack_by, hand_over_by)",
        &planned.iter().map(|p| p.order.0).collect::<Vec<_>>(),
        &planned.iter().map(|p| p.no).collect::<Vec<_>>(),
        &planned.iter().map(|p| p.location.0).collect::<Vec<_>>(),
        &planned.iter().map(|p| p.capacity_day).collect::<Vec<_>>() as _,
        &planned.iter().map(|p| p.method.to_string()).collect::<Vec<_>>(),
        &planned.iter().map(|p| p.planned_at).collect::<Vec<_>>(),
        promised!(p => p.service.clone()) as _,
        promised!(p => Some(p.by)) as _,
        promised!(p => Some(p.expected_by)) as _,
        promised!(p => Some(p.milestones.release_by)) as _,
        promised!(p => Some(p.milestones.pick_by)) as _,
        promised!(p => Some(p.milestones.pack_by)) as _,
        promised!(p => Some(p.milestones.hand_over_by)) as _
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
    .execute(conn)
    .await?;
    Ok(())
}

/// Work that was handed to its location.
#[derive(Clone, Debug)]
pub struct Released {
    pub order: OrderId,
    /// The location is a vendor's.
    pub by_vendor: bool,
    pub event: NewEvent,
}

/// Hands all planned fulfilment orders of some orders to their locations; none while routing is stopped. The caller holds the orders' locks and appends the events.
pub async fn release_fulfilments(conn: &mut PgConnection, act: &Act, orders: &[OrderId]) -> Result<Vec<Released>> {
    let ids: Vec<_> = orders.iter().map(|o| o.0).collect();
    let released = sqlx::query!(
        r#"with released as (
            update fulfilment_orders
            set state = $2, released_at = $3
            where order_id = any ($1) and state = $4 and not exists (select from network_state where stopped_at is not null)
            returning order_id, fulfilment_no, location_id
        )
        select r.order_id as "order: OrderId", r.fulfilment_no, v.name, v.kind = 'vendor' as "by_vendor!"
        from released r
        join location_versions v on v.location_id = r.location_id and v.valid @> $3::timestamptz
        order by r.order_id, r.fulfilment_no"#,
        &ids,
        FulfilmentState::Released.as_str(),
        act.now,
        FulfilmentState::Planned.as_str()
    )
    .fetch_all(conn)
    .await?;
    Ok(released
        .into_iter()
        .map(|r| {
            let details = EventDetails { fulfilment_no: Some(r.fulfilment_no), location: Some(r.name), ..EventDetails::default() };
            Released { order: r.order, by_vendor: r.by_vendor, event: NewEvent { kind: EventKind::FulfilmentReleased, details } }
        })
        .collect())
}
