//! What the gateway's answer means for the order.

use super::cancel_order::close_order;
use super::project_order::{lock_order, project_order};
use crate::events::{self, EventDetails, EventKind, NewEvent, StreamKind};
use crate::fulfilment::release_fulfilments;
use crate::identity::Act;
use crate::ids::OrderId;
use crate::jobs::{self, Job};
use crate::payments::{self, GatewayAnswer, RecordedOperation, Settled};
use crate::refusal::Result;
use sqlx::PgConnection;

/// Takes an answer in and moves the order on: authorised work is released, a declined order is closed and its stock freed, and money
/// authorised for an order that is no more is given free. Returns the operation this calls for, if any, to be sent after the commit.
pub async fn settle_payment(conn: &mut PgConnection, act: &Act, order_id: OrderId, answer: &GatewayAnswer) -> Result<Option<RecordedOperation>> {
    lock_order(conn, order_id).await?;
    let settled = payments::record_answer(conn, act, order_id, answer).await?;
    let mut follow_up = None;
    let mut happened: Vec<NewEvent> = Vec::new();
    match settled {
        Settled::Nothing => return Ok(None),
        Settled::Authorised => {
            happened.push(EventKind::PaymentAuthorised.into());
            let open = sqlx::query_scalar!(r#"select exists (select from order_lines where order_id = $1 and open > 0) as "open!""#, order_id.0)
                .fetch_one(&mut *conn)
                .await?;
            if open {
                sqlx::query!("update orders set held_until = null where order_id = $1", order_id.0).execute(&mut *conn).await?;
                jobs::forget(conn, &Job::ExpireUnpaidOrder { order_id }).await?;
                happened.extend(release_fulfilments(conn, act, order_id).await?);
            } else {
                // The bank said yes too late: the order is cancelled, the customer's money is not ours to keep.
                follow_up = payments::request_void(conn, act, order_id).await?;
            }
        }
        Settled::Declined => {
            let reason = answer.reason.clone();
            happened.push(NewEvent { kind: EventKind::PaymentFailed, details: EventDetails { reason, ..EventDetails::default() } });
            if close_order(conn, act, order_id, "payment declined").await? {
                happened.push(cancelled("The card was declined."));
            }
        }
        Settled::Captured { amount_minor } => {
            happened.push(NewEvent {
                kind: EventKind::PaymentCaptured,
                details: EventDetails { amount_minor: Some(amount_minor), ..EventDetails::default() },
            });
        }
        Settled::Voided => happened.push(EventKind::PaymentVoided.into()),
    }
    events::append(conn, act, StreamKind::Order, order_id.0, happened).await?;
    project_order(conn, act.now, &[order_id]).await?;
    Ok(follow_up)
}

pub(super) fn cancelled(reason: &str) -> NewEvent {
    NewEvent { kind: EventKind::OrderCancelled, details: EventDetails { reason: Some(reason.to_owned()), ..EventDetails::default() } }
}
