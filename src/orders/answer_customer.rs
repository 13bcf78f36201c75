//! The customer says whether to wait for what nobody has, or to do without it.

use super::WaitingAnswer;
use super::cancel_order::cancel_waiting;
use super::project_order::{lock_order, project_order};
use crate::events::{self, EventDetails, EventKind, NewEvent, StreamKind};
use crate::identity::{Act, Permission};
use crate::ids::OrderId;
use crate::payments::RecordedOperation;
use crate::refusal::{Refusal, RefusalCode, Result};
use crate::routing::Queue;
use sqlx::PgConnection;

/// Notes what the customer says about what is missing. Done without, it is called off as soon as nobody works on the rest of the order any more. Refused
/// where nothing waits for an answer.
pub async fn answer_waiting(conn: &mut PgConnection, act: &Act, order_id: OrderId, answer: WaitingAnswer) -> Result<Option<RecordedOperation>> {
    act.require_order(order_id, Permission::CancelOrders)?;
    lock_order(conn, order_id).await?;
    let waiting = sqlx::query!(
        "update order_lines set queue = $2 where order_id = $1 and queue = $3 and open > 0",
        order_id.0,
        Queue::Unfillable.as_str(),
        Queue::Asked.as_str()
    )
    .execute(&mut *conn)
    .await?;
    if waiting.rows_affected() == 0 {
        return Err(
            Refusal::new(RefusalCode::IllegalTransition, "Nothing of this order waits for an answer: it was found, called off or answered.").into()
        );
    }
    sqlx::query!(
        "update orders
        set customer_answer = $2, cancel_waiting_at = case when $2 = 'without' then $3 else cancel_waiting_at end
        where order_id = $1",
        order_id.0,
        answer.as_str(),
        act.now
    )
    .execute(&mut *conn)
    .await?;
    let said = match answer {
        WaitingAnswer::Wait => "it is waited for",
        WaitingAnswer::Without => "it is done without",
    };
    let details = EventDetails { reason: Some(said.to_owned()), ..EventDetails::default() };
    events::append(conn, act, StreamKind::Order, order_id.0, vec![NewEvent { kind: EventKind::CustomerAnswered, details }]).await?;
    project_order(conn, act.now, &[order_id]).await?;
    match answer {
        WaitingAnswer::Wait => Ok(None),
        WaitingAnswer::Without => cancel_waiting(conn, act, order_id).await,
    }
}
