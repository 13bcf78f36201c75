//! Recording what the gateway said. Run twice with the same answer it changes nothing the second time.

use super::ledger::post_journal;
use super::{GatewayAnswer, OperationKind, Settled, Verdict};
use crate::identity::Act;
use crate::ids::{OperationId, OrderId};
use crate::jobs::{self, Job};
use crate::money::Currency;
use crate::refusal::{Refusal, Result};
use sqlx::PgConnection;

/// Takes an answer in. The caller holds the order's lock and acts on what comes back.
pub async fn record_answer(conn: &mut PgConnection, act: &Act, order_id: OrderId, answer: &GatewayAnswer) -> Result<Settled> {
    let operation = sqlx::query!(
        r#"select o.kind as "kind: OperationKind", o.state, o.amount_minor, o.fulfilment_no, p.currency
        from payment_operations o
        join payments p using (order_id, payment_no)
        where o.order_id = $1 and o.operation_id = $2
        for update of o"#,
        order_id.0,
        answer.key.0
    )
    .fetch_optional(&mut *conn)
    .await?
    .ok_or_else(|| Refusal::not_found("such payment operation"))?;
    if operation.state != "requested" || answer.verdict == Verdict::Pending {
        return Ok(Settled::Nothing);
    }
    let succeeded = answer.verdict == Verdict::Succeeded;
    finish(conn, act, order_id, answer.key, if succeeded { "succeeded" } else { "failed" }, answer.reason.as_deref()).await?;
    let amount = operation.amount_minor;
    match (operation.kind, succeeded) {
        (OperationKind::Authorise, true) => {
            sqlx::query!(
                "update payments set state = 'authorised', authorised_minor = $2, gateway_reference = $3
                where order_id = $1 and state in ('pending', 'expired')",
                order_id.0,
                amount,
                answer.reference
            )
            .execute(conn)
            .await?;
            Ok(Settled::Authorised)
        }
        (OperationKind::Authorise, false) => {
            sqlx::query!("update payments set state = 'failed', failure = $2 where order_id = $1 and state = 'pending'", order_id.0, answer.reason)
                .execute(conn)
                .await?;
            Ok(Settled::Declined)
        }
        (OperationKind::Capture, true) => {
            sqlx::query!(
                "update payments
                set captured_minor = captured_minor + $2,
                    state = case when captured_minor + $2 = amount_minor then 'captured' else 'partly_captured' end
                where order_id = $1",
                order_id.0,
                amount
            )
            .execute(&mut *conn)
            .await?;
            if let Some(currency) = Currency::from_code(&operation.currency) {
                post_journal(conn, act, order_id, currency, &[("gateway", amount), ("receivable", -amount)]).await?;
            }
            Ok(Settled::Captured { amount_minor: amount })
        }
        (OperationKind::Void, true) => {
            sqlx::query!("update payments set state = 'voided' where order_id = $1", order_id.0).execute(conn).await?;
            Ok(Settled::Voided)
        }
        // It stays on the books as owed, and whoever looks at the order sees it.
        (OperationKind::Capture, false) => {
            let reason = format!(
                "Charging for parcel {} failed: {}",
                operation.fulfilment_no.unwrap_or(1),
                answer.reason.as_deref().unwrap_or("no reason given")
            );
            sqlx::query!("update payments set failure = $2 where order_id = $1", order_id.0, reason).execute(conn).await?;
            Ok(Settled::Nothing)
        }
        // A void that the gateway refuses runs out by itself.
        (OperationKind::Void | OperationKind::Refund, _) => Ok(Settled::Nothing),
    }
}

async fn finish(conn: &mut PgConnection, act: &Act, order_id: OrderId, operation_id: OperationId, state: &str, detail: Option<&str>) -> Result<()> {
    sqlx::query!(
        "update payment_operations set state = $3, detail = $4, answered_at = $5 where order_id = $1 and operation_id = $2",
        order_id.0,
        operation_id.0,
        state,
        detail,
        act.now
    )
    .execute(&mut *conn)
    .await?;
    jobs::forget(conn, &Job::SettlePaymentOperation { order_id, operation_id }).await
}

/// Gives up on a payment the bank never decided. True where it was still pending.
pub async fn expire_payment(conn: &mut PgConnection, order_id: OrderId) -> Result<bool> {
    let expired = sqlx::query!("update payments set state = 'expired' where order_id = $1 and state = 'pending'", order_id.0).execute(conn).await?;
    Ok(expired.rows_affected() > 0)
}
