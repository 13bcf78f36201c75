//! Turns a plan into fulfilment orders, one per location, and gives them to the locations once the payment is certain.

use super::{FulfilmentState, Method};
use crate::events::{EventDetails, EventKind, NewEvent};
use crate::identity::Act;
use crate::ids::{LocationId, OrderId, ReservationId, SkuId};
use crate::refusal::Result;
use chrono::NaiveDate;
use sqlx::PgConnection;
use std::collections::BTreeMap;

/// Units of a line that a location will send, and the reservation that keeps them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlannedLine {
    pub line_no: i32,
    pub sku: SkuId,
    pub location: LocationId,
    /// The day the order counts on there; none where the location has no limit.
    pub capacity_day: Option<NaiveDate>,
    pub quantity: i32,
    pub reservation_id: ReservationId,
}

/// Writes the fulfilment orders of a plan, numbered from 1 in the order their locations first appear.
pub async fn plan_fulfilments(conn: &mut PgConnection, act: &Act, order_id: OrderId, method: Method, lines: &[PlannedLine]) -> Result<()> {
    let mut numbers: BTreeMap<LocationId, i32> = BTreeMap::new();
    let (mut locations, mut days) = (Vec::new(), Vec::new());
    for line in lines {
        numbers.entry(line.location).or_insert_with(|| {
            locations.push(line.location.0);
            days.push(line.capacity_day);
            i32::try_from(locations.len()).unwrap_or(i32::MAX)
        });
    }
    sqlx::query!(
        "insert into fulfilment_orders (order_id, fulfilment_no, location_id, capacity_day, method, state, planned_at)
        select $1, ordinal, location_id, day, $4, 'planned', $5
        from unnest($2::uuid[], $3::date[]) with ordinality as l (location_id, day, ordinal)",
        order_id.0,
        &locations,
        &days as _,
        method.as_str(),
        act.now
    )
    .execute(&mut *conn)
    .await?;
    sqlx::query!(
        "insert into fulfilment_lines (order_id, fulfilment_no, line_no, sku_id, quantity, reservation_id)
        select $1, * from unnest($2::integer[], $3::integer[], $4::uuid[], $5::integer[], $6::uuid[])",
        order_id.0,
        &lines.iter().filter_map(|l| numbers.get(&l.location).copied()).collect::<Vec<_>>(),
        &lines.iter().map(|l| l.line_no).collect::<Vec<_>>(),
        &lines.iter().map(|l| l.sku.0).collect::<Vec<_>>(),
        &lines.iter().map(|l| l.quantity).collect::<Vec<_>>(),
        &lines.iter().map(|l| l.reservation_id.0).collect::<Vec<_>>()
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Hands all planned fulfilment orders of an order to their locations. The caller holds the order's lock and appends the events.
pub async fn release_fulfilments(conn: &mut PgConnection, act: &Act, order_id: OrderId) -> Result<Vec<NewEvent>> {
    let released = sqlx::query!(
        r#"with released as (
            update fulfilment_orders
            set state = $2, released_at = $3
            where order_id = $1 and state = $4
            returning fulfilment_no, location_id
        )
        select r.fulfilment_no, v.name
        from released r
        join location_versions v on v.location_id = r.location_id and v.valid @> $3::timestamptz
        order by r.fulfilment_no"#,
        order_id.0,
        FulfilmentState::Released.as_str(),
        act.now,
        FulfilmentState::Planned.as_str()
    )
    .fetch_all(conn)
    .await?;
    Ok(released
        .into_iter()
        .map(|r| NewEvent {
            kind: EventKind::FulfilmentReleased,
            details: EventDetails { fulfilment_no: Some(r.fulfilment_no), location: Some(r.name), ..EventDetails::default() },
        })
        .collect())
}
