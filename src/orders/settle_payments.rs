//! What the gateway's answers mean for their orders.

use super::cancel_order::close_order;
use super::project_order::{lock_orders, project_order};
use crate::events::{self, EventDetails, EventKind, Happened, NewEvent, StreamKind};
use crate::fulfilment::release_fulfilments;
use crate::identity::Act;
use crate::ids::OrderId;
use crate::jobs::{self, Job};
use crate::payments::{self, GatewayAnswer, RecordedOperation, Settled};
use crate::purchasing;
use crate::refusal::Result;
use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use std::collections::{BTreeMap, BTreeSet};

/// Takes answers in and moves their orders on: authorised work is released, a declined order is closed and its stock freed, and money
/// authorised for an order that is no more is given free. Returns, for each answer, the operation it calls for, if any, to be sent after the
/// commit. An answer that is known, or that nobody asked for, changes nothing.
pub async fn settle_payments(conn: &mut PgConnection, act: &Act, answers: &[(OrderId, GatewayAnswer)]) -> Result<Vec<Option<RecordedOperation>>> {
    let mut follow_ups = vec![None; answers.len()];
    let mut rest: Vec<usize> = (0..answers.len()).collect();
    // Each order takes its answers one after the other.
    while !rest.is_empty() {
        let mut met = BTreeSet::new();
        let (round, later): (Vec<usize>, Vec<usize>) = rest.into_iter().partition(|&i| met.insert(answers[i].0));
        let called_for = settle_round(conn, act, &round.iter().map(|&i| &answers[i]).collect::<Vec<_>>()).await?;
        for i in round {
            follow_ups[i] = called_for.get(&answers[i].0).copied();
        }
        rest = later;
    }
    Ok(follow_ups)
}

/// Answers of different orders.
async fn settle_round(conn: &mut PgConnection, act: &Act, answers: &[&(OrderId, GatewayAnswer)]) -> Result<BTreeMap<OrderId, RecordedOperation>> {
    lock_orders(conn, &answers.iter().map(|(order, _)| *order).collect::<Vec<_>>()).await?;
    let settled = payments::record_answers(conn, act, answers).await?;
    let mut happened: BTreeMap<OrderId, Vec<NewEvent>> = settled.iter().map(|(order, settled)| (*order, vec![event_of(*settled)])).collect();
    let of_kind = |kind: Settled| settled.iter().filter(move |(_, s)| **s == kind).map(|(order, _)| *order);

    let authorised: Vec<OrderId> = of_kind(Settled::Authorised).collect();
    let open = if authorised.is_empty() { BTreeMap::new() } else { still_open(conn, &authorised).await? };
    // Nobody is asked about an order that they have not paid for.
    for (order, _) in open.iter().filter(|(_, open)| open.asks) {
        happened.entry(*order).or_default().push(EventKind::CustomerAsked.into());
    }
    if !open.is_empty() {
        jobs::forget(conn, &open.keys().map(|o| Job::ExpireUnpaidOrder { order_id: *o }).collect::<Vec<_>>()).await?;
        let waits = |at: &Option<DateTime<Utc>>| at.filter(|at| *at > act.now);
        let later: Vec<_> =
            open.iter().filter_map(|(order_id, open)| Some((Job::ReleaseOrder { order_id: *order_id }, waits(&open.release_at)?))).collect();
        let substitutes = open.iter().filter(|(_, open)| open.has_other_sent);
        let substitutes = substitutes.map(|(order_id, _)| (Job::SendSubstitutes { order_id: *order_id, since: act.now }, act.now));
        jobs::enqueue(conn, &later.into_iter().chain(substitutes).collect::<Vec<_>>()).await?;
        let open: Vec<OrderId> = open.iter().filter(|(_, open)| waits(&open.release_at).is_none()).map(|(order, _)| *order).collect();
        let released = release_fulfilments(conn, act, &open).await?;
        let by_vendors: Vec<OrderId> = released.iter().filter(|r| r.by_vendor).map(|r| r.order).collect();
        for work in released {
            happened.entry(work.order).or_default().push(work.event);
        }
        if !by_vendors.is_empty() {
            purchasing::follow_orders(conn, act, &by_vendors).await?;
        }
    }
    let mut follow_ups = BTreeMap::new();
    // The bank said yes too late: the order is cancelled, the customer's money is not ours to keep. It happens seldom: one by one.
    for order in authorised.into_iter().filter(|o| !open.contains_key(o)) {
        if let Some(void) = payments::request_void(conn, act, order).await? {
            follow_ups.insert(order, void);
        }
    }
    for order in of_kind(Settled::Declined) {
        if let Some((_, answer)) = answers.iter().find(|(o, _)| *o == order)
            && let Some(events) = happened.get_mut(&order)
        {
            events[0].details.reason.clone_from(&answer.reason);
            if close_order(conn, act, order, "payment declined").await? {
                events.push(cancelled("The card was declined."));
            }
        }
    }
    let changed: Vec<OrderId> = happened.keys().copied().collect();
    let happened = happened.into_iter().map(|(order, events)| Happened { act, stream: order.0, events }).collect();
    events::append_all(conn, StreamKind::Order, happened).await?;
    project_order(conn, act.now, &changed).await?;
    Ok(follow_ups)
}

fn event_of(settled: Settled) -> NewEvent {
    match settled {
        Settled::Authorised => EventKind::PaymentAuthorised.into(),
        Settled::Declined => EventKind::PaymentFailed.into(),
        Settled::Captured { amount_minor } => {
            NewEvent { kind: EventKind::PaymentCaptured, details: EventDetails { amount_minor: Some(amount_minor), ..EventDetails::default() } }
        }
        Settled::Voided => EventKind::PaymentVoided.into(),
    }
}

/// An order with open units.
struct Open {
    /// When it may be released; at once where none.
    release_at: Option<DateTime<Utc>>,
    /// Its customer is to be asked about what is missing.
    asks: bool,
    /// Something else is to be sent in the place of what is missing.
    has_other_sent: bool,
}

/// Those of some orders that have open units.
async fn still_open(conn: &mut PgConnection, orders: &[OrderId]) -> Result<BTreeMap<OrderId, Open>> {
    let ids: Vec<_> = orders.iter().map(|o| o.0).collect();
    let rows = sqlx::query!(
        r#"select order_id as "id: OrderId", release_at,
            exists (select from order_lines l where l.order_id = o.order_id and l.queue = 'asked') as "asks!",
            exists (select from order_lines l where l.order_id = o.order_id and l.queue = 'substitute') as "has_other_sent!"
        from orders o
        where order_id = any ($1) and exists (select from order_lines l where l.order_id = o.order_id and l.open > 0)"#,
        &ids
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|r| (r.id, Open { release_at: r.release_at, asks: r.asks, has_other_sent: r.has_other_sent })).collect())
}

pub(super) fn cancelled(reason: &str) -> NewEvent {
    NewEvent { kind: EventKind::OrderCancelled, details: EventDetails { reason: Some(reason.to_owned()), ..EventDetails::default() } }
}
