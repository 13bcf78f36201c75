//! What is not there yet and may be sold all the same.

use super::{Needs, PlanOrder, Waiting, is_allowed, present};
use crate::fulfilment::Method;
use crate::ids::SkuId;
use crate::inventory::Snapshot;
use crate::inventory::backorders::{LaterKind, LaterTerms};
use crate::routing::Queue;
use std::borrow::Cow;

/// Splits an order into what may be there and what is promised from what is expected. A line that was promised something keeps its promise; the last
/// lines of a SKU are put off first; of the terms those that are expected first count first. What nobody may sell stays with what may be there.
pub(super) fn put_off<'a>(order: &'a PlanOrder, snapshot: &Snapshot<'_>) -> (Cow<'a, PlanOrder>, Vec<Waiting>) {
    if order.promised.is_empty() && order.lines.iter().all(|l| !snapshot.network.later.contains_key(&l.sku)) {
        return (Cow::Borrowed(order), Vec::new());
    }
    let mut now = order.clone();
    let mut later: Vec<Waiting> = Vec::new();
    let needs = Needs::of(order);
    for (sku, wanted) in &needs.skus {
        let mut short = i64::from(*wanted) - present(order, snapshot, *sku);
        let mut rooms: Vec<(&LaterTerms, i32)> = rooms(order, snapshot, *sku).collect();
        for line in now.lines.iter_mut().rev().filter(|l| l.sku == *sku) {
            let kept = order.promised.iter().filter(|w| w.line_no == line.line_no).cloned();
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
                line.quantity -= waiting.quantity;
                if let Some(left) = left {
                    *left -= waiting.quantity;
                }
                match later
                    .iter_mut()
                    .find(|w| w.line_no == waiting.line_no && w.location == waiting.location && w.expected_at == waiting.expected_at)
                {
                    Some(same) => same.quantity += waiting.quantity,
                    None => later.push(waiting),
                }
            }
        }
    }
    now.lines.retain(|line| line.quantity > 0);
    (Cow::Owned(now), later)
}

/// Units of a SKU that may be promised to an order before they are there.
pub(super) fn promisable(order: &PlanOrder, snapshot: &Snapshot<'_>, sku: SkuId) -> i64 {
    rooms(order, snapshot, sku).map(|(_, units)| i64::from(units)).sum()
}

/// The terms on which a SKU may be promised to an order, each with the units that are left of it.
fn rooms<'a>(order: &'a PlanOrder, snapshot: &'a Snapshot<'_>, sku: SkuId) -> impl Iterator<Item = (&'a LaterTerms, i32)> {
    snapshot.network.later.get(&sku).into_iter().flatten().filter_map(move |terms| {
        let place = snapshot.network.location(terms.location)?;
        let fits = match order.method {
            Method::Ship => place.ships,
            Method::Pickup => place.offers_pickup && order.pickup_location == Some(place.id),
        };
        let owed = snapshot.stock.levels.get(&(sku, terms.location)).map_or(0, |level| level.backordered);
        let left = terms.most_units - owed;
        (fits && left > 0 && terms.hold_at(snapshot.at) && is_allowed(order, snapshot, sku, place.id)).then_some((terms, left))
    })
}
