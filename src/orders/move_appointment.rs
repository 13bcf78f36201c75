//! Another time for a service.

use super::appointments::{Appointment, to_come};
use super::planning::Planning;
use super::project_order::{lock_order, project_order};
use super::views::AppointmentChoice;
use crate::events::{self, Change, EventDetails, EventKind, NewEvent, StreamKind};
use crate::identity::{Act, Permission};
use crate::ids::{BookingId, OrderId};
use crate::refusal::{Refusal, RefusalCode, Result};
use crate::slots::{self, SlotView};
use chrono::{DateTime, Utc};
use sqlx::PgConnection;

/// Books another slot of a plan for a service, under an id that the caller chose, in place of the one that it has, which others can have now.
pub async fn move_appointment(
    conn: &mut PgConnection,
    act: &Act,
    planning: &Planning,
    (order_id, line_no): (OrderId, i32),
    booking: BookingId,
    (plan, starts_at): (&str, DateTime<Utc>),
) -> Result<()> {
    act.require(Permission::CaptureOrders)?;
    lock_order(conn, order_id).await?;
    let before = to_come(conn, order_id, line_no).await?;
    if before.brings_goods {
        let words = "Those who come bring the goods: another time is another way for all of it. Call the order off and take it anew.";
        return Err(Refusal::new(RefusalCode::IllegalTransition, words).into());
    }
    let wrong = |message: String| Refusal::field("/slot", message);
    slots::lock_days(conn, &[(&before.plan, before.starts_at), (plan, starts_at)]).await?;
    slots::book_slot(conn, act, &planning.network, booking, plan, starts_at, None).await?;
    let booked = slots::lock_bookings(conn, &[booking], act.now).await?.pop();
    let booked = booked.ok_or_else(|| wrong("This time is not kept for you any more. Choose a time again.".to_owned()))?;
    let after = Appointment::at(&planning.network, &before.skill, &before.destination(), booked).map_err(wrong)?;
    if after.brings_goods || before.is_unknown || before.goods_by.is_some_and(|by| after.booked.starts_at < by) {
        return Err(wrong("The order's things are not there by then. Choose a later time.".to_owned()).into());
    }
    slots::release_ordered(conn, act, before.booking).await?;
    let ordered = slots::Ordered { booking, order: order_id, appointment: Some((line_no, after.location)), brings_order: false };
    slots::become_ordered(conn, &[ordered]).await?;
    sqlx::query!(
        "update order_lines set promised_from = $3, promised_by = $4 where order_id = $1 and line_no = $2",
        order_id.0,
        line_no,
        after.booked.starts_at,
        after.booked.ends_at
    )
    .execute(&mut *conn)
    .await?;
    let change = Change { field: format!("line {line_no}"), before: before.ends_at.to_rfc3339(), after: after.booked.ends_at.to_rfc3339() };
    let details = EventDetails { reason: Some(before.service), changes: vec![change], ..EventDetails::default() };
    events::append(conn, act, StreamKind::Order, order_id.0, vec![NewEvent { kind: EventKind::AppointmentMoved, details }]).await?;
    project_order(conn, act.now, &[order_id]).await
}

/// The times that an order's appointment could be moved to. None where it is not to come any more, or those who come bring the goods.
pub async fn appointment_choice(
    conn: &mut PgConnection,
    act: &Act,
    planning: &Planning,
    order_id: OrderId,
    line_no: i32,
) -> Result<Option<AppointmentChoice>> {
    act.require(Permission::CaptureOrders)?;
    let one = match to_come(conn, order_id, line_no).await {
        Ok(one) => one,
        Err(error) if error.refusal().is_some() => return Ok(None),
        Err(error) => return Err(error),
    };
    if one.brings_goods {
        return Ok(None);
    }
    let plans = slots::slots_of_skill(&planning.network, &one.skill, &one.destination());
    let free = slots::free_slots(conn, &planning.network, &plans, &[], act.now).await?;
    let fits = |slot: &SlotView| !one.is_unknown && one.goods_by.is_none_or(|by| slot.starts_at >= by) && slot.starts_at != one.starts_at;
    let mut slots: Vec<SlotView> = free.into_values().flatten().filter(fits).collect();
    slots.sort_by_key(|slot| slot.starts_at);
    Ok(Some(AppointmentChoice { line_no, service: one.service, starts_at: one.starts_at, slots }))
}
