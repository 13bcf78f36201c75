//! What taking an order in and routing it anew do alike with a plan: its fulfilment orders, and the claim of what they need.

use super::holds::{self, Freed};
use super::planning::Planning;
use crate::events::{EventDetails, EventKind, NewEvent};
use crate::fulfilment::{Method, PlannedFulfilment, PlannedLine, Promised, Way};
use crate::identity::Act;
use crate::ids::{OrderId, ReservationId, SkuId};
use crate::inventory::backorders::{LaterKind, Owed};
use crate::inventory::{self, CapacityClaim, CapacityDay, Claim, Claims, Holder, Snapshot};
use crate::refusal::Result;
use crate::routing::{Plan, PlanOrder, Promise, PromisedParcel, Queue};
use chrono::{DateTime, Utc};
use sqlx::PgConnection;

/// How sure a claim wants to be of its stock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Claiming {
    /// Plan on what is read, and notice when others were faster: nobody waits for anybody.
    Hopeful,
    /// Lock what is planned on first: for those who were outrun.
    Certain,
}

/// Locks what a certain claim is planned on.
pub(super) async fn lock_if_certain(
    conn: &mut PgConnection,
    planning: &Planning,
    skus: &[SkuId],
    at: DateTime<Utc>,
    claiming: Claiming,
) -> Result<()> {
    if claiming == Claiming::Certain {
        let limited = planning.network.locations.iter().filter(|l| l.daily_order_capacity.is_some());
        let days: Vec<CapacityDay> = limited.map(|l| CapacityDay { location: l.id, day: l.day(at) }).collect();
        inventory::lock_for_claim(conn, skus, &days).await?;
    }
    Ok(())
}

/// A plan with the order it is for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Assigned<'a> {
    pub order: OrderId,
    pub plan_order: &'a PlanOrder,
    pub plan: &'a Plan,
    pub promise: &'a Promise,
    /// Fulfilment orders that the order has had before.
    pub earlier: i32,
    /// It is routed anew.
    pub again: bool,
    /// What it brings along from the basket that it was.
    pub freed: &'a Freed,
    pub planned_at: DateTime<Utc>,
}

/// One fulfilment order for each location of the plan, numbered in the order in which they first appear. They count on the day that it is
/// there at the moment of the snapshot. What is collected in a store and comes from elsewhere is sent to that store.
pub(super) fn fulfilments_of(snapshot: &Snapshot<'_>, assigned: &Assigned<'_>) -> Vec<PlannedFulfilment> {
    let mut fulfilments: Vec<PlannedFulfilment> = Vec::new();
    for a in &assigned.plan.assignments {
        let Some(line) = assigned.plan_order.lines.iter().find(|l| l.line_no == a.line_no) else { continue };
        let units = PlannedLine {
            line_no: a.line_no,
            sku: line.sku,
            quantity: a.quantity,
            reservation_id: ReservationId::new(assigned.planned_at),
            kept_back: snapshot.kept_back(assigned.plan_order.buyer(), line.sku, a.location),
            // An order that is routed anew knows its place among those who wait; a new one comes last, but for what it brings along.
            ahead: if assigned.again {
                Some(snapshot.stock.levels.get(line.sku, a.location).ahead)
            } else {
                holds::ahead_of(assigned.freed, line.sku, a.location)
            },
        };
        match fulfilments.iter_mut().find(|f| f.location == a.location) {
            Some(fulfilment) => fulfilment.lines.push(units),
            None => fulfilments.push(PlannedFulfilment {
                order: assigned.order,
                no: assigned.earlier + i32::try_from(fulfilments.len()).unwrap_or(i32::MAX - assigned.earlier - 1) + 1,
                location: a.location,
                capacity_day: snapshot.network.location(a.location).filter(|l| l.daily_order_capacity.is_some()).map(|l| l.day(snapshot.at)),
                way: match assigned.plan_order.method {
                    Method::Ship => Way::Ship,
                    Method::Pickup if assigned.plan_order.brought_to(a.location).is_none() => Way::Pickup,
                    Method::Pickup => Way::ToStore,
                },
                to_store: assigned.plan_order.brought_to(a.location),
                planned_at: assigned.planned_at,
                promised: assigned.promise.at(a.location).map(|parcel| promised(assigned.plan_order, parcel)),
                lines: vec![units],
                offer: assigned.plan.offer.as_ref().map(|offer| (offer.locations.clone(), offer.minutes)),
            }),
        }
    }
    fulfilments
}

/// What is promised of a parcel: what its lines were promised before, where it keeps that; else what it can be promised now. See [`PlanOrder::kept_to`].
fn promised(order: &PlanOrder, parcel: &PromisedParcel) -> Promised {
    let by = parcel.schedule.by();
    let before = parcel.lines.iter().filter_map(|(no, _)| order.lines.iter().find(|l| l.line_no == *no)?.promised_by).min();
    Promised {
        service: parcel.service().cloned(),
        by: order.kept_to(before, by),
        expected_by: parcel.schedule.expected_by,
        milestones: parcel.milestones,
    }
}

/// Says by which rule an order was routed.
pub(super) fn routed(planning: &Planning, plan: &Plan) -> NewEvent {
    let rule = plan.rule.and_then(|i| planning.ruleset.rules.get(i as usize)).map(|rule| rule.name.clone());
    NewEvent { kind: EventKind::OrderPlanned, details: EventDetails { reason: rule, ..EventDetails::default() } }
}

/// What a plan owes, where it promises what is not there yet.
pub(super) fn owed_of(order: OrderId, plan_order: &PlanOrder, plan: &Plan) -> Vec<Owed> {
    let owed = plan.waiting.iter().filter_map(|w| {
        let line = plan_order.lines.iter().find(|l| l.line_no == w.line_no)?;
        let kind = if w.queue == Queue::Preorder { LaterKind::Preorder } else { LaterKind::Backorder };
        Some(Owed { sku: line.sku, location: w.location?, order, line_no: w.line_no, quantity: w.quantity, kind, expected_at: w.expected_at? })
    });
    owed.collect()
}

/// Claims the stock and the capacity that fulfilment orders were planned on, in exchange for what `claims` gives up: the last thing of a
/// transaction, since every other order for the same things and places waits for what it locks.
pub(super) async fn claim(
    conn: &mut PgConnection,
    act: &Act,
    planning: &Planning,
    fulfilments: &[PlannedFulfilment],
    mut claims: Claims,
) -> Result<()> {
    for fulfilment in fulfilments {
        if let Some(day) = fulfilment.capacity_day
            && let Some(limit) = planning.network.location(fulfilment.location).and_then(|l| l.daily_order_capacity)
        {
            claims.capacity.entry(CapacityDay { location: fulfilment.location, day }).or_insert(CapacityClaim { orders: 0, limit }).orders += 1;
        }
        claims.stock.extend(fulfilment.lines.iter().map(|line| Claim {
            holder: Holder::Line { order: fulfilment.order, line_no: line.line_no },
            reservation_id: line.reservation_id,
            sku: line.sku,
            location: fulfilment.location,
            quantity: line.quantity,
            kept_back: line.kept_back,
            ahead: line.ahead,
            claimed_at: fulfilment.planned_at,
        }));
    }
    inventory::claim_stock(conn, act, &claims).await
}
