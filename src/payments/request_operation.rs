//! Recording what is to be asked of the gateway, in the transaction that is the reason for it.

use super::{GatewayRequest, OperationKind, PaymentState, RecordedOperation};
use crate::identity::Act;
use crate::ids::{OperationId, OrderId};
use crate::jobs::{self, Job};
use crate::money::Currency;
use crate::refusal::{Refusal, Result};
use chrono::TimeDelta;
use sqlx::PgConnection;

/// Every order has one payment until payments can be split.
const FIRST: i32 = 1;

/// The request handler sends an operation right after its commit; should it die, a worker does after this long.
const SETTLE_AFTER: TimeDelta = TimeDelta::seconds(5);

/// Opens an order's payment and records its authorisation.
pub async fn open_payment(
    conn: &mut PgConnection,
    act: &Act,
    order_id: OrderId,
    amount_minor: i64,
    currency: Currency,
    token: &str,
) -> Result<RecordedOperation> {
    sqlx::query!(
        "insert into payments (order_id, payment_no, token, state, currency, amount_minor) values ($1, $2, $3, 'pending', $4, $5)",
        order_id.0,
        FIRST,
        token,
        currency.code(),
        amount_minor
    )
    .execute(&mut *conn)
    .await?;
    record(conn, act, order_id, OperationKind::Authorise, amount_minor, None).await
}

/// Records the capture of what has just left the building.
pub async fn request_capture(
    conn: &mut PgConnection,
    act: &Act,
    order_id: OrderId,
    amount_minor: i64,
    fulfilment_no: i32,
) -> Result<RecordedOperation> {
    record(conn, act, order_id, OperationKind::Capture, amount_minor, Some(fulfilment_no)).await
}

/// Gives the customer's money free again, where there is an authorisation that nothing was taken from.
pub async fn request_void(conn: &mut PgConnection, act: &Act, order_id: OrderId) -> Result<Option<RecordedOperation>> {
    let authorised = sqlx::query_scalar!("select authorised_minor from payments where order_id = $1 and state = 'authorised'", order_id.0)
        .fetch_optional(&mut *conn)
        .await?;
    match authorised {
        None => Ok(None),
        Some(amount) => record(conn, act, order_id, OperationKind::Void, amount, None).await.map(Some),
    }
}

async fn record(
    conn: &mut PgConnection,
    act: &Act,
    order_id: OrderId,
    kind: OperationKind,
    amount_minor: i64,
    fulfilment_no: Option<i32>,
) -> Result<RecordedOperation> {
    let operation_id = OperationId::new(act.now);
    sqlx::query!(
        "insert into payment_operations (order_id, operation_id, payment_no, kind, amount_minor, fulfilment_no, state, requested_at)
        values ($1, $2, $3, $4, $5, $6, 'requested', $7)",
        order_id.0,
        operation_id.0,
        FIRST,
        kind.as_str(),
        amount_minor,
        fulfilment_no,
        act.now
    )
    .execute(&mut *conn)
    .await?;
    jobs::enqueue(conn, &[(Job::SettlePaymentOperation { order_id, operation_id }, act.now + SETTLE_AFTER)]).await?;
    Ok(RecordedOperation { order_id, operation_id })
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
