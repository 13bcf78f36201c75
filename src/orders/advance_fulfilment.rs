//! A step at a location, and what it means for the order: quantities, what the customer owes, and the capture of it.

use super::correct_stock::turn_down;
use super::hold_order::may_move_on;
use super::project_order::{lock_order, project_order};
use crate::events::{self, StreamKind};
use crate::fulfilment::views::StepDone;
use crate::fulfilment::{self, Command, FulfilmentState, RejectReason, StepInput};
use crate::identity::Act;
use crate::ids::OrderId;
use crate::money::{Currency, share};
use crate::payments::{self, RecordedOperation};
use crate::purchasing;
use crate::refusal::{Refusal, Result};
use sqlx::PgConnection;

/// Takes one step of a fulfilment order. When goods leave, they are invoiced and the capture of their price is recorded, to be sent after
/// the commit. `spare` is for work that is turned down: so many units are freed beyond what is needed by whoever was outrun.
pub async fn advance_fulfilment(
    conn: &mut PgConnection,
    act: &Act,
    order_id: OrderId,
    fulfilment_no: i32,
    command: Command,
    input: &StepInput,
    spare: i32,
) -> Result<(StepDone, Option<RecordedOperation>)> {
    lock_order(conn, order_id).await?;
    if command == Command::Reject {
        let reasons = RejectReason::ALL.iter().map(|r| r.as_str()).collect::<Vec<_>>().join(", ");
        let reason = input.reason.ok_or_else(|| Refusal::field("/reason", format!("Say why it cannot be done: {reasons}.")))?;
        turn_down(conn, act, order_id, fulfilment_no, reason, input.line_no, spare).await?;
        return Ok((StepDone { state: FulfilmentState::Rejected, tracking_number: None }, None));
    }
    may_move_on(conn, act, order_id, command).await?;
    let stepped = fulfilment::take_step(conn, act, order_id, fulfilment_no, command, input).await?;
    let mut capture = None;
    if !stepped.left.is_empty() {
        purchasing::follow_orders(conn, act, &[order_id]).await?;
        let how = if command == Command::Collect { Fulfilled::Collected } else { Fulfilled::Shipped };
        let owed = fulfil_lines(conn, act, order_id, how, &stepped.left).await?;
        if owed > 0 {
            capture = Some(payments::request_capture(conn, act, order_id, owed, Some(fulfilment_no)).await?);
        }
    }
    let done = StepDone { state: stepped.state, tracking_number: stepped.event.details.tracking_number.clone() };
    events::append(conn, act, StreamKind::Order, order_id.0, vec![stepped.event]).await?;
    project_order(conn, act.now, &[order_id]).await?;
    Ok((done, capture))
}

/// How units of a line reach the customer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fulfilled {
    Shipped,
    Collected,
    /// A service was done.
    Performed,
}

/// Moves units from open to shipped, collected or performed and invoices them. Each unit bears its share of its line, so that the parcels of an order
/// add up to it exactly; the delivery charge goes with the first that is sent or collected.
pub(super) async fn fulfil_lines(conn: &mut PgConnection, act: &Act, order_id: OrderId, how: Fulfilled, left: &[(i32, i32)]) -> Result<i64> {
    let header = sqlx::query!(
        r#"select o.currency, o.shipping_minor, (select sum(shipped + collected) from order_lines where order_id = $1) as "sent!"
        from orders o
        where order_id = $1"#,
        order_id.0
    )
    .fetch_one(&mut *conn)
    .await?;
    let numbers: Vec<i32> = left.iter().map(|l| l.0).collect();
    let units: Vec<i32> = left.iter().map(|l| l.1).collect();
    let lines = sqlx::query!(
        r#"update order_lines l
        set open = l.open - u.units,
            shipped = l.shipped + case when $4 then u.units else 0 end,
            collected = l.collected + case when $5 then u.units else 0 end,
            performed = l.performed + case when $6 then u.units else 0 end
        from unnest($2::integer[], $3::integer[]) as u (line_no, units)
        where l.order_id = $1 and l.line_no = u.line_no
        returning l.quantity, l.shipped + l.collected + l.performed as "done!", u.units as "units!", l.amount_minor, l.tax_minor"#,
        order_id.0,
        &numbers,
        &units,
        how == Fulfilled::Shipped,
        how == Fulfilled::Collected,
        how == Fulfilled::Performed
    )
    .fetch_all(&mut *conn)
    .await?;
    let part = |total: i64, done: i32, units: i32, all: i32| share(total, done, all) - share(total, done - units, all);
    let gross: i64 = lines.iter().map(|l| part(l.amount_minor, l.done, l.units, l.quantity)).sum();
    let tax: i64 = lines.iter().map(|l| part(l.tax_minor, l.done, l.units, l.quantity)).sum();
    let shipping = if header.sent == 0 && how != Fulfilled::Performed { header.shipping_minor } else { 0 };
    let Some(currency) = Currency::from_code(&header.currency) else {
        return Err(sqlx::Error::Protocol(format!("order {order_id} has the unknown currency {}", header.currency)).into());
    };
    payments::invoice_goods(conn, act, order_id, currency, gross, tax, shipping).await
}
