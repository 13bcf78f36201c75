//! The customer says whether to wait for what nobody has, to do without it, or to have something else in its place.

use super::WaitingAnswer;
use super::assign::Claiming;
use super::cancel_order::close_order;
use super::planning::Planning;
use super::project_order::{lock_order, project_order};
use super::reroute_order::{Decides, route_waiting};
use super::settle_payments::cancelled;
use super::substitutes::{in_words, offered, put_in_place, waiting_for};
use crate::events::{self, EventDetails, EventKind, NewEvent, StreamKind};
use crate::identity::{Act, Permission};
use crate::ids::OrderId;
use crate::payments::{self, RecordedOperation};
use crate::refusal::{Error, Refusal, RefusalCode, Result};
use crate::routing::Queue;
use sqlx::PgConnection;

/// Notes what the customer says about what is missing, and nothing else of the order changes. What they do without is called off, and never charged; what they
/// have in its place is routed at once, and they are still asked about what nothing was offered for. Refused where nothing waits for an answer, and where what
/// was offered is gone: `seen` are the SKUs that they were offered; none: whatever is offered now.
pub async fn answer_waiting(
    conn: &mut PgConnection,
    act: &Act,
    planning: &Planning,
    order_id: OrderId,
    (answer, seen): (WaitingAnswer, &[String]),
    claiming: Claiming,
) -> Result<Option<RecordedOperation>> {
    act.require_order(order_id, Permission::CancelOrders)?;
    lock_order(conn, order_id).await?;
    let asked = waiting_for(conn, order_id, Queue::Asked).await?;
    if asked.is_empty() {
        return Err(
            Refusal::new(RefusalCode::IllegalTransition, "Nothing of this order waits for an answer: it was found, called off or answered.").into()
        );
    }
    let instead = if answer == WaitingAnswer::Instead { offered(conn, act.now, planning, order_id, &asked).await? } else { Vec::new() };
    let as_seen = seen.is_empty() || instead.iter().map(|o| &o.code).eq(seen);
    if answer == WaitingAnswer::Instead && (instead.is_empty() || !as_seen) {
        return Err(gone());
    }
    let said = match answer {
        WaitingAnswer::Wait => "it is waited for".to_owned(),
        WaitingAnswer::Without => "it is done without".to_owned(),
        WaitingAnswer::Instead => in_words(&instead),
    };
    let open = sqlx::query_scalar!(r#"select coalesce(sum(open), 0)::integer as "open!" from order_lines where order_id = $1"#, order_id.0)
        .fetch_one(&mut *conn)
        .await?;
    let is_all = answer == WaitingAnswer::Without && asked.iter().map(|(_, units)| units).sum::<i32>() == open;
    let called_off = if answer == WaitingAnswer::Without && !is_all { asked.clone() } else { Vec::new() };
    let details = EventDetails { reason: Some(said), called_off, ..EventDetails::default() };
    let mut happened = vec![NewEvent { kind: EventKind::CustomerAnswered, details }];
    let mut void = None;
    let added = if instead.is_empty() { Vec::new() } else { put_in_place(conn, act.now, order_id, &instead).await? };
    if is_all {
        close_order(conn, act, order_id, "the customer does without it").await?;
        void = payments::request_void(conn, act, order_id).await?;
        happened.push(cancelled("The customer does without it."));
    } else if answer != WaitingAnswer::Instead {
        sqlx::query!(
            "update order_lines l
            set queue = case when $4 then null else $5 end, customer_waits = not $4, open = l.open - case when $4 then a.units else 0 end,
                cancelled = l.cancelled + case when $4 then a.units else 0 end
            from unnest($2::integer[], $3::integer[]) as a (line_no, units)
            where l.order_id = $1 and l.line_no = a.line_no",
            order_id.0,
            &asked.iter().map(|(line_no, _)| *line_no).collect::<Vec<_>>(),
            &asked.iter().map(|(_, units)| *units).collect::<Vec<_>>(),
            answer == WaitingAnswer::Without,
            Queue::Unfillable.as_str()
        )
        .execute(&mut *conn)
        .await?;
    }
    events::append(conn, act, StreamKind::Order, order_id.0, happened).await?;
    project_order(conn, act.now, &[order_id]).await?;
    if !added.is_empty() && !route_waiting(conn, act, planning, order_id, Decides::Rules, claiming).await?.takes(&added) {
        return Err(gone());
    }
    Ok(void)
}

fn gone() -> Error {
    let message = "What could be sent in its place is gone, or something else is. Look at the order again, and choose anew.";
    Refusal::new(RefusalCode::OutOfStock, message).into()
}
