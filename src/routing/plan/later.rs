//! What is not there yet and may be sold all the same.

use super::seen::is_allowed;
use super::{Ask, Needs, PlanLine, PlanOrder, Waiting, elsewhere};
use crate::fulfilment::Method;
use crate::ids::SkuId;
use crate::inventory::backorders::{self, LaterKind, LaterTerms};
use crate::routing::{Queue, Ruleset};
use chrono::{DateTime, Utc};
use std::borrow::Cow;

/// Splits an order into what may be there and what is promised from what is expected. A line that was promised something keeps its promise; the last
/// lines of a SKU are put off first; of the terms those that are expected first count first. What nobody may sell stays with what may be there.
pub(super) fn put_off<'a>(ask: &Ask<'a>, ruleset: &Ruleset) -> (Cow<'a, PlanOrder>, Vec<Waiting>) {
    let (order, snapshot) = (ask.order, ask.snapshot);
    if order.promised.is_empty() && order.lines.iter().all(|l| !snapshot.network.later.contains_key(&l.sku)) {
        return (Cow::Borrowed(order), Vec::new());
    }
    let mut now = order.clone();
    let mut later: Vec<Waiting> = Vec::new();
    let needs = Needs::of(order, ask.seen);
    for (sku, wanted) in &needs.skus {
        // What is brought to the store is there sooner.
        let mut short = i64::from(*wanted) - ask.seen.present(*sku) - elsewhere(order, snapshot, ruleset, *sku);
        let mut rooms: Vec<(&LaterTerms, i32)> = rooms(ask, *sku).collect();
        for line in now.lines.iter_mut().rev().filter(|l| l.sku == *sku) {
            let kept = promises(order, line).cloned();
            let offered = rooms.iter_mut().map(|(terms, left)| {
                let queue = match terms.kind {
                    LaterKind::Backorder => Queue::Backorder,
                    LaterKind::Preorder => Queue::Preorder,
                };
                let (location, expected_at) = (Some(terms.location), Some(terms.expected_at));
                (Waiting { line_no: line.line_no, quantity: *left, queue, location, expected_at }, Some(left))
            });
            for (mut waiting, left) in kept.map(|w| (w, None)).chain(offered).collect::<Vec<_>>() {
                waiting.quantity = waiting.quantity.min(line.quantity).min(i32::try_from(short).unwrap_or(i32::MAX));
                if waiting.quantity <= 0 {
                    continue;
                }
                short -= i64::from(waiting.quantity);
                line.shrink_to(line.quantity - waiting.quantity);
                if let Some(left) = left {
                    *left -= waiting.quantity;
                }
                add(&mut later, waiting);
            }
        }
    }
    now.lines.retain(|line| line.quantity > 0);
    (Cow::Owned(now), later)
}

/// What a line was promised, but for locations that are not asked again by then.
fn promises<'o>(order: &'o PlanOrder, line: &PlanLine) -> impl Iterator<Item = &'o Waiting> + use<'o> {
    let (line_no, sku) = (line.line_no, line.sku);
    let is_asked = move |w: &Waiting| w.location.is_none_or(|l| order.may_ask(l, sku, w.expected_at.unwrap_or(DateTime::<Utc>::MAX_UTC)));
    order.promised.iter().filter(move |w| w.line_no == line_no && is_asked(w))
}

/// What was promised stays promised where its units are there and still cannot be sent today: to waiting units of a line their promise is given back,
/// as far as it is not in `waiting` already.
pub(super) fn keep_promises(order: &PlanOrder, waiting: &mut Vec<Waiting>) {
    let mut kept = Vec::new();
    for line in &order.lines {
        for promise in promises(order, line) {
            let used: i32 = waiting.iter().filter(|w| is_same(w, promise)).map(|w| w.quantity).sum();
            let mut left = promise.quantity - used;
            for open in waiting.iter_mut().filter(|w| w.line_no == line.line_no && w.location.is_none()) {
                let units = open.quantity.min(left);
                if units > 0 {
                    open.quantity -= units;
                    left -= units;
                    kept.push(Waiting { quantity: units, ..promise.clone() });
                }
            }
        }
    }
    waiting.retain(|w| w.quantity > 0);
    for promise in kept {
        add(waiting, promise);
    }
}

fn is_same(a: &Waiting, b: &Waiting) -> bool {
    a.line_no == b.line_no && a.location == b.location && a.expected_at == b.expected_at
}

fn add(waiting: &mut Vec<Waiting>, more: Waiting) {
    match waiting.iter_mut().find(|w| is_same(w, &more)) {
        Some(same) => same.quantity += more.quantity,
        None => waiting.push(more),
    }
}

/// Units of a SKU that may be promised to an order before they are there.
pub(super) fn promisable(ask: &Ask<'_>, sku: SkuId) -> i64 {
    rooms(ask, sku).map(|(_, units)| i64::from(units)).sum()
}

/// The terms on which a SKU may be promised to an order, each with the units that are left of it.
fn rooms<'a>(ask: &'a Ask<'_>, sku: SkuId) -> impl Iterator<Item = (&'a LaterTerms, i32)> {
    let (order, snapshot) = (ask.order, ask.snapshot);
    let all = snapshot.network.later.get(&sku).map(Vec::as_slice).unwrap_or_default();
    let owed = move |location| snapshot.stock.levels.get(sku, location).backordered;
    backorders::rooms(all, snapshot.at, owed).filter(move |(terms, _)| {
        let Some(place) = snapshot.network.location(terms.location) else { return false };
        let fits = match order.method {
            Method::Ship => place.ships && ask.sending.is_none_or(|sending| sending.reaches(place).is_ok()),
            Method::Pickup => place.offers_pickup && order.pickup_location == Some(place.id),
        };
        fits && order.may_ask(place.id, sku, terms.expected_at) && is_allowed(order, snapshot, sku, place.id)
    })
}
