//! Recording what the gateway said. Run twice with the same answer it changes nothing the second time.

use super::ledger::{Journal, post_journals};
use super::{GatewayAnswer, OperationKind, Settled, Verdict};
use crate::identity::Act;
use crate::ids::{OperationId, OrderId};
use crate::jobs::{self, Job};
use crate::money::Currency;
use crate::refusal::Result;
use sqlx::PgConnection;
use std::collections::BTreeMap;

/// Takes answers in, at most one an order. The caller holds the orders' locks and acts on what comes back; an order is missing from it where
/// nothing is new: answered before, not decided yet, or not asked by us.
pub async fn record_answers(conn: &mut PgConnection, act: &Act, answers: &[&(OrderId, GatewayAnswer)]) -> Result<BTreeMap<OrderId, Settled>> {
    let decided: Vec<_> = answers.iter().filter(|(_, a)| a.verdict != Verdict::Pending).collect();
    let finished = sqlx::query_file!(
        "src/payments/sql/record_answers.sql",
        &decided.iter().map(|(order, _)| order.0).collect::<Vec<_>>(),
        &decided.iter().map(|(_, a)| a.key.0).collect::<Vec<_>>(),
        &decided.iter().map(|(_, a)| a.verdict == Verdict::Succeeded).collect::<Vec<_>>(),
        &decided.iter().map(|(_, a)| a.reference.clone()).collect::<Vec<_>>() as _,
        &decided.iter().map(|(_, a)| a.reason.clone()).collect::<Vec<_>>() as _,
        act.now
    )
    .fetch_all(&mut *conn)
    .await?;
    let done: Vec<Job> = finished.iter().map(|f| Job::SettlePaymentOperation { order_id: f.order_id, operation_id: f.operation_id }).collect();
    jobs::forget(conn, &done).await?;
    let captured: Vec<Journal<'_>> = finished
        .iter()
        .filter(|f| f.kind == OperationKind::Capture && f.succeeded)
        .filter_map(|f| {
            let entries = vec![("gateway", f.amount_minor), ("receivable", -f.amount_minor)];
            Some(Journal { order: f.order_id, currency: Currency::from_code(&f.currency)?, entries })
        })
        .collect();
    post_journals(conn, act, &captured).await?;
    let meaning = finished.into_iter().filter_map(|f| {
        let settled = match (f.kind, f.succeeded) {
            (OperationKind::Authorise, true) => Settled::Authorised,
            (OperationKind::Authorise, false) => Settled::Declined,
            (OperationKind::Capture, true) => Settled::Captured { amount_minor: f.amount_minor },
            (OperationKind::Void, true) => Settled::Voided,
            // What failed to be charged is said on the payment; a void that the gateway refuses runs out by itself.
            (OperationKind::Capture | OperationKind::Void, false) | (OperationKind::Refund, _) => return None,
        };
        Some((f.order_id, settled))
    });
    Ok(meaning.collect())
}

/// Gives up on a payment the bank never decided. True where it was still pending.
pub async fn expire_payment(conn: &mut PgConnection, order_id: OrderId) -> Result<bool> {
    let expired = sqlx::query!("update payments set state = 'expired' where order_id = $1 and state = 'pending'", order_id.0).execute(conn).await?;
    Ok(expired.rows_affected() > 0)
}
