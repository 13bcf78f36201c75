//! Recording what is to be asked of the gateway, in the transaction that is the reason for it.

use super::{GatewayRequest, OperationKind, PaymentState, RecordedOperation};
use crate::identity::Act;
use crate::ids::{OperationId, OrderId};
use crate::jobs::{self, Job};
use crate::money::Currency;
use crate::refusal::{Refusal, Result};
use chrono::{DateTime, TimeDelta, Utc};
use sqlx::PgConnection;

/// Every order has one payment until payments can be split.
const FIRST: i32 = 1;

/// The request handler sends an operation right after its commit; should it die, a worker does after this long.
const SETTLE_AFTER: TimeDelta = TimeDelta::seconds(5);

/// A payment about to be opened.
#[derive(Clone, Copy, Debug)]
pub struct NewPayment<'a> {
    pub order: OrderId,
    pub at: DateTime<Utc>,
    pub amount_minor: i64,
    pub currency: Currency,
    /// The card, as the gateway knows it.
    pub token: &'a str,
}

/// Opens the payments of new orders and records their authorisations, in the same order, each with what to send.
pub async fn open_payments(conn: &mut PgConnection, new: &[NewPayment<'_>]) -> Result<Vec<(RecordedOperation, GatewayRequest)>> {
    sqlx::query!(
        "insert into payments (order_id, payment_no, token, state, currency, amount_minor)
        select order_id, $1, token, 'pending', currency, amount_minor
        from unnest($2::uuid[], $3::text[], $4::text[], $5::bigint[]) as p (order_id, token, currency, amount_minor)",
        FIRST,
        &new.iter().map(|p| p.order.0).collect::<Vec<_>>(),
        &new.iter().map(|p| p.token.to_owned()).collect::<Vec<_>>(),
        &new.iter().map(|p| p.currency.code().to_owned()).collect::<Vec<_>>(),
        &new.iter().map(|p| p.amount_minor).collect::<Vec<_>>()
    )
    .execute(&mut *conn)
    .await?;
    let authorisations: Vec<NewOperation> = new
        .iter()
        .map(|p| NewOperation { order: p.order, at: p.at, kind: OperationKind::Authorise, amount_minor: p.amount_minor, fulfilment_no: None })
        .collect();
    let recorded = record(conn, &authorisations).await?;
    let requests = new.iter().zip(&recorded).map(|(p, operation)| GatewayRequest {
        key: operation.operation_id,
        kind: OperationKind::Authorise,
        amount_minor: p.amount_minor,
        currency: p.currency.code().to_owned(),
        token: Some(p.token.to_owned()),
        reference: None,
    });
    Ok(recorded.iter().copied().zip(requests).collect())
}

/// Records the capture of what has just left the building, or of a service that was done, which has no fulfilment order.
pub async fn request_capture(
    conn: &mut PgConnection,
    act: &Act,
    order_id: OrderId,
    amount_minor: i64,
    fulfilment_no: Option<i32>,
) -> Result<RecordedOperation> {
    record_one(conn, NewOperation { order: order_id, at: act.now, kind: OperationKind::Capture, amount_minor, fulfilment_no }).await
}

/// Gives the customer's money free again, where there is an authorisation that nothing was taken from.
pub async fn request_void(conn: &mut PgConnection, act: &Act, order_id: OrderId) -> Result<Option<RecordedOperation>> {
    // A capture that is asked for and not answered yet counts: a void must not overtake it.
    let authorised = sqlx::query_scalar!(
        "select authorised_minor
        from payments
        where order_id = $1 and state = 'authorised'
            and not exists (select from payment_operations o where o.order_id = $1 and o.kind = 'capture' and o.state <> 'failed')",
        order_id.0
    )
    .fetch_optional(&mut *conn)
    .await?;
    match authorised {
        None => Ok(None),
        Some(amount_minor) => {
            let void = NewOperation { order: order_id, at: act.now, kind: OperationKind::Void, amount_minor, fulfilment_no: None };
            record_one(conn, void).await.map(Some)
        }
    }
}

struct NewOperation {
    order: OrderId,
    at: DateTime<Utc>,
    kind: OperationKind,
    amount_minor: i64,
    fulfilment_no: Option<i32>,
}

async fn record_one(conn: &mut PgConnection, new: NewOperation) -> Result<RecordedOperation> {
    Ok(record(conn, &[new]).await?.into_iter().next().ok_or(sqlx::Error::RowNotFound)?)
}

async fn record(conn: &mut PgConnection, new: &[NewOperation]) -> Result<Vec<RecordedOperation>> {
    let recorded: Vec<RecordedOperation> =
        new.iter().map(|o| RecordedOperation { order_id: o.order, operation_id: OperationId::new(o.at) }).collect();
    sqlx::query!(
        "insert into payment_operations (order_id, operation_id, payment_no, kind, amount_minor, fulfilment_no, state, requested_at)
        select order_id, operation_id, $1, kind, amount_minor, fulfilment_no, 'requested', requested_at
        from unnest($2::uuid[], $3::uuid[], $4::text[], $5::bigint[], $6::integer[], $7::timestamptz[])
            as o (order_id, operation_id, kind, amount_minor, fulfilment_no, requested_at)",
        FIRST,
        &recorded.iter().map(|o| o.order_id.0).collect::<Vec<_>>(),
        &recorded.iter().map(|o| o.operation_id.0).collect::<Vec<_>>(),
        &new.iter().map(|o| o.kind.to_string()).collect::<Vec<_>>(),
        &new.iter().map(|o| o.amount_minor).collect::<Vec<_>>(),
        &new.iter().map(|o| o.fulfilment_no).collect::<Vec<_>>() as _,
        &new.iter().map(|o| o.at).collect::<Vec<_>>()
    )
    .execute(&mut *conn)
    .await?;
    let settle = |(o, new): (&RecordedOperation, &NewOperation)| {
        (Job::SettlePaymentOperation { order_id: o.order_id, operation_id: o.operation_id }, new.at + SETTLE_AFTER)
    };
    jobs::enqueue(conn, &recorded.iter().zip(new).map(settle).collect::<Vec<_>>()).await?;
    Ok(recorded)
}

/// What to send for an operation that is not answered yet; none where it is.
pub async fn operation_request(conn: &mut PgConnection, operation: RecordedOperation) -> Result<Option<GatewayRequest>> {
    let row = sqlx::query!(
        r#"select o.kind as "kind: OperationKind", o.amount_minor, p.currency, p.token, p.gateway_reference
        from payment_operations o
        join payments p using (order_id, payment_no)
        where o.order_id = $1 and o.operation_id = $2 and o.state = 'requested'"#,
        operation.order_id.0,
        operation.operation_id.0
    )
    .fetch_optional(conn)
    .await?;
    Ok(row.map(|r| GatewayRequest {
        key: operation.operation_id,
        kind: r.kind,
        amount_minor: r.amount_minor,
        currency: r.currency,
        token: (r.kind == OperationKind::Authorise).then_some(r.token),
        reference: r.gateway_reference,
    }))
}

/// The authorisations that orders in the making rely on, as they were once sent: a gateway that never heard of them (an order that was
/// imported) then knows them, one that did answers as before.
pub async fn relied_on_authorisations(conn: &mut PgConnection) -> Result<Vec<GatewayRequest>> {
    let rows = sqlx::query!(
        r#"select o.operation_id as "key: OperationId", o.amount_minor, p.currency, p.token
        from payments p
        join payment_operations o using (order_id, payment_no)
        where p.state in ('authorised', 'partly_captured') and o.kind = 'authorise' and o.state = 'succeeded'"#
    )
    .fetch_all(conn)
    .await?;
    Ok(rows
        .into_iter()
        .map(|r| GatewayRequest {
            key: r.key,
            kind: OperationKind::Authorise,
            amount_minor: r.amount_minor,
            currency: r.currency,
            token: Some(r.token),
            reference: None,
        })
        .collect())
}

/// The state of an order's payment.
pub async fn payment_of_order(conn: &mut PgConnection, order_id: OrderId) -> Result<PaymentState> {
    sqlx::query_scalar!(r#"select state as "state: PaymentState" from payments where order_id = $1 and payment_no = $2"#, order_id.0, FIRST)
        .fetch_optional(conn)
        .await?
        .ok_or_else(|| Refusal::not_found("payment for this order").into())
}

/// The order an operation belongs to; none where it is not ours.
pub async fn order_of_operation(conn: &mut PgConnection, operation: OperationId) -> Result<Option<OrderId>> {
    Ok(sqlx::query_scalar!(r#"select order_id as "id: OrderId" from payment_operations where operation_id = $1"#, operation.0)
        .fetch_optional(conn)
        .await?)
}
