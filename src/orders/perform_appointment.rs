//! A service was done.

use super::advance_fulfilment::{Fulfilled, fulfil_lines};
use super::appointments::to_come;
use super::hold_order::require_not_held;
use super::project_order::{lock_order, project_order};
use crate::events::{self, EventDetails, EventKind, NewEvent, StreamKind};
use crate::identity::{Act, Permission};
use crate::ids::OrderId;
use crate::payments::{self, PaymentState, RecordedOperation};
use crate::refusal::{Refusal, RefusalCode, Result};
use sqlx::PgConnection;

/// The service of an order's line was done: it is invoiced, and the capture of its price is recorded, to be sent after the commit.
pub async fn perform_appointment(conn: &mut PgConnection, act: &Act, order_id: OrderId, line_no: i32) -> Result<Option<RecordedOperation>> {
    lock_order(conn, order_id).await?;
    let one = to_come(conn, order_id, line_no).await?;
    act.require_location(one.location, Permission::WorkFulfilment)?;
    if !one.payment.is_some_and(PaymentState::is_certain) {
        return Err(Refusal::new(RefusalCode::IllegalTransition, "The order is not paid. Nothing is done for it yet.").into());
    }
    require_not_held(conn, act, order_id).await?;
    sqlx::query!("update slot_bookings set state = 'performed', ended_at = $2 where booking_id = $1", one.booking.0, act.now)
        .execute(&mut *conn)
        .await?;
    let owed = fulfil_lines(conn, act, order_id, Fulfilled::Performed, &[(line_no, 1)]).await?;
    let capture = if owed > 0 { Some(payments::request_capture(conn, act, order_id, owed, None).await?) } else { None };
    let details = EventDetails { reason: Some(one.service), ..EventDetails::default() };
    events::append(conn, act, StreamKind::Order, order_id.0, vec![NewEvent { kind: EventKind::AppointmentPerformed, details }]).await?;
    project_order(conn, act.now, &[order_id]).await?;
    Ok(capture)
}
