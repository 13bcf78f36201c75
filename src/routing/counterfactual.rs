//! What would have had to be otherwise: the smallest changes by which another location would have sent something of an order.

use super::rules::Asks;
use super::ruleset::Ruleset;
use super::{Plan, PlanOrder, Removal, Trace, plan, plan_traced};
use crate::ids::{LocationId, SkuId};
use crate::inventory::{Network, Snapshot, StockView};
use std::borrow::Cow;

/// Changes that together would have made a location send something. Each is as small as it can be: with any of them one smaller, and the others as they
/// are, the location would not have.
#[derive(Clone, Debug, PartialEq)]
pub struct WouldHaveSent {
    pub location: LocationId,
    /// At least one; of what a location lacked first, first.
    pub changes: Vec<Change>,
}

/// One thing that would have had to be otherwise.
#[derive(Clone, Debug, PartialEq)]
pub enum Change {
    /// It is not closed.
    Open,
    /// It takes so many more orders that day, 1 or more.
    Capacity { more: i32 },
    /// It has so many more units of a SKU that can be promised, 1 or more: on its shelf, or not kept back there.
    Units { sku: SkuId, more: i32 },
    /// A demand of a rule, by their positions, is no narrower than this, a whole number in the fact's unit.
    Limit { rule: usize, demand: usize, to: f64 },
}

/// So many locations are looked at, the nearest.
const MOST_LOOKED_AT: usize = 25;
/// So many things may stand in a location's way.
const MOST_CHANGES: usize = 6;

/// What would have made locations send something of an order that `done` does not let them, those for which least would have to change before the others, at
/// most `most`. Only what somebody can do something about is looked at: units, capacity, limits and closures.
pub fn would_have_sent(order: &PlanOrder, snapshot: &Snapshot<'_>, ruleset: &Ruleset, done: &Plan, most: usize) -> Vec<WouldHaveSent> {
    let (_, trace) = plan_traced(order, snapshot, ruleset);
    let is_other = |id: LocationId| done.assignments.iter().all(|a| a.location != id);
    // Nearer ones are more telling than further ones.
    let mut others: Vec<(f64, LocationId)> =
        snapshot.network.locations.iter().filter(|l| is_other(l.id)).map(|l| (l.point.distance_km(order.destination), l.id)).collect();
    others.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    others.truncate(MOST_LOOKED_AT);
    let found = others.into_iter().filter_map(|(distance, location)| {
        let asked = (0..trace.rules.len()).filter(|rule| !trace.rules[*rule].candidates.is_empty());
        let ways = asked.filter_map(|rule| Search { order, snapshot, ruleset, location }.by_rule(rule));
        let best = ways.min_by_key(|changes| (changes.len(), changes.iter().map(Change::size).sum::<i64>()))?;
        Some((best, distance, location))
    });
    let mut found: Vec<_> = found.collect();
    found.sort_by(|a, b| a.0.len().cmp(&b.0.len()).then(a.1.total_cmp(&b.1)));
    found.into_iter().take(most).map(|(changes, _, location)| WouldHaveSent { location, changes }).collect()
}

impl Change {
    /// How much it is, for telling two ways apart.
    const fn size(&self) -> i64 {
        match self {
            Self::Open | Self::Limit { .. } => 1,
            Self::Capacity { more } | Self::Units { more, .. } => *more as i64,
        }
    }

    /// The same by so much less; none where nothing would be left of it.
    fn less(&self, by: i32, ruleset: &Ruleset) -> Option<Self> {
        match self {
            Self::Open => None,
            Self::Capacity { more } => (*more > by).then(|| Self::Capacity { more: more - by }),
            Self::Units { sku, more } => (*more > by).then(|| Self::Units { sku: *sku, more: more - by }),
            Self::Limit { rule, demand, to } => {
                let narrower = match ruleset.rules.get(*rule)?.candidates.get(*demand)?.test.asks {
                    Asks::AtMost(limit) => Some(to - f64::from(by)).filter(|to| *to > limit),
                    Asks::AtLeast(limit) => Some(to + f64::from(by)).filter(|to| *to < limit),
                    _ => None,
                };
                narrower.map(|to| Self::Limit { rule: *rule, demand: *demand, to })
            }
        }
    }

    fn is_about_the_same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Open, Self::Open) | (Self::Capacity { .. }, Self::Capacity { .. }) => true,
            (Self::Units { sku, .. }, Self::Units { sku: other, .. }) => sku == other,
            (Self::Limit { rule, demand, .. }, Self::Limit { rule: other, demand: another, .. }) => (rule, demand) == (other, another),
            _ => false,
        }
    }
}

/// One location that is looked at.
#[derive(Clone, Copy)]
struct Search<'a> {
    order: &'a PlanOrder,
    snapshot: &'a Snapshot<'a>,
    ruleset: &'a Ruleset,
    location: LocationId,
}

/// The world with some changes.
struct World<'a> {
    network: Cow<'a, Network>,
    stock: Cow<'a, StockView>,
    ruleset: Cow<'a, Ruleset>,
}

impl<'a> Search<'a> {
    fn with(&self, changes: &[Change]) -> World<'a> {
        let mut world =
            World { network: Cow::Borrowed(self.snapshot.network), stock: Cow::Borrowed(self.snapshot.stock), ruleset: Cow::Borrowed(self.ruleset) };
        for change in changes {
            match change {
                Change::Open | Change::Capacity { .. } => {
                    let place = self.snapshot.network.position(self.location).and_then(|at| world.network.to_mut().locations.get_mut(at));
                    match (place, change) {
                        (Some(place), Change::Open) => place.closed = None,
                        (Some(place), Change::Capacity { more }) => place.daily_order_capacity = place.daily_order_capacity.map(|most| most + more),
                        _ => {}
                    }
                }
                Change::Units { sku, more } => world.stock.to_mut().levels.entry(*sku, self.location).on_hand += more,
                Change::Limit { rule, demand, to } => {
                    let filter = world.ruleset.to_mut().rules.get_mut(*rule).and_then(|rule| rule.candidates.get_mut(*demand));
                    if let Some(Asks::AtMost(limit) | Asks::AtLeast(limit)) = filter.map(|filter| &mut filter.test.asks) {
                        *limit = *to;
                    }
                }
            }
        }
        world
    }

    fn sends(&self, changes: &[Change]) -> bool {
        let world = self.with(changes);
        let snapshot = Snapshot { at: self.snapshot.at, network: &world.network, stock: &world.stock };
        plan(self.order, &snapshot, &world.ruleset).assignments.iter().any(|a| a.location == self.location)
    }

    /// What would make the location send something by a rule: what stands in its way is taken out of it, one after the other.
    fn by_rule(&self, rule: usize) -> Option<Vec<Change>> {
        let mut changes: Vec<Change> = Vec::new();
        while changes.len() <= MOST_CHANGES {
            let world = self.with(&changes);
            let snapshot = Snapshot { at: self.snapshot.at, network: &world.network, stock: &world.stock };
            let (done, trace) = plan_traced(self.order, &snapshot, &world.ruleset);
            if done.assignments.iter().any(|a| a.location == self.location) {
                let least = self.least(changes);
                return (!least.is_empty()).then_some(least);
            }
            let more = self.what_is_missing(rule, &trace, &snapshot);
            if more.is_empty() || more.iter().any(|one| changes.iter().any(|known| known.is_about_the_same(one))) {
                return None;
            }
            changes.extend(more);
        }
        None
    }

    fn what_is_missing(&self, rule: usize, trace: &Trace, snapshot: &Snapshot<'_>) -> Vec<Change> {
        let Some(candidate) = trace.rules.get(rule).and_then(|rule| rule.candidates.iter().find(|c| c.location == self.location)) else {
            return Vec::new();
        };
        match &candidate.removed {
            Some(Removal::Closed(_)) => vec![Change::Open],
            Some(Removal::Full) => {
                let left = snapshot.network.location(self.location).and_then(|place| snapshot.capacity_left(place)).unwrap_or(0);
                vec![Change::Capacity { more: 1 - left.min(0) }]
            }
            None | Some(Removal::NothingAvailable) => self.missing_units(snapshot),
            Some(Removal::Filter { demand, was }) => {
                let was = was.as_deref().and_then(|was| was.parse().ok()).filter(|was: &f64| was.abs() < 1e9);
                let asks = self.ruleset.rules.get(rule).and_then(|rule| rule.candidates.get(*demand)).map(|filter| &filter.test.asks);
                let to = match (was, asks) {
                    (Some(was), Some(Asks::AtMost(_))) => Some(was.ceil()),
                    (Some(was), Some(Asks::AtLeast(_))) => Some(was.floor()),
                    _ => None,
                };
                to.map(|to| Change::Limit { rule, demand: *demand, to }).into_iter().collect()
            }
            Some(
                Removal::DoesNotShip
                | Removal::NotTheChosenStore
                | Removal::TurnedItDown
                | Removal::TakenByAnother
                | Removal::CannotSend(_)
                | Removal::TooLate(_),
            ) => Vec::new(),
        }
    }

    /// Units that it lacks to have all of the order.
    fn missing_units(&self, snapshot: &Snapshot<'_>) -> Vec<Change> {
        let mut wanted: Vec<(SkuId, i32)> = Vec::new();
        // What it said it does not have, no unit more of would have it asked for.
        for line in self.order.lines.iter().filter(|line| self.order.may_ask(self.location, line.sku, snapshot.at)) {
            match wanted.iter_mut().find(|(sku, _)| *sku == line.sku) {
                Some((_, units)) => *units = units.saturating_add(line.quantity),
                None => wanted.push((line.sku, line.quantity)),
            }
        }
        let buyer = self.order.buyer();
        let lacking = wanted.into_iter().filter_map(|(sku, units)| {
            let level = snapshot.stock.levels.get(sku, self.location);
            let kept = snapshot.network.rules.kept_back(buyer, sku, self.location, level.per_day_milli);
            // Below zero, too: what is owed and kept back comes first.
            let free = i64::from(level.on_hand) - i64::from(level.reserved) - i64::from(level.ahead) - i64::from(kept);
            let more = i32::try_from(i64::from(units) - free).ok().filter(|more| *more > 0)?;
            Some(Change::Units { sku, more })
        });
        lacking.collect()
    }

    /// The same changes, each made smaller as long as the location still sends something.
    fn least(&self, mut changes: Vec<Change>) -> Vec<Change> {
        loop {
            let before = changes.clone();
            let mut at = 0;
            while at < changes.len() {
                let mut by = 1 << 20;
                let mut is_needed = true;
                while by > 0 && is_needed {
                    let mut tried = changes.clone();
                    match tried[at].less(by, self.ruleset) {
                        Some(less) => tried[at] = less,
                        None if by == 1 => drop(tried.remove(at)),
                        None => {
                            by /= 2;
                            continue;
                        }
                    }
                    if self.sends(&tried) {
                        is_needed = tried.len() == changes.len();
                        changes = tried;
                    } else {
                        by /= 2;
                    }
                }
                at += usize::from(is_needed);
            }
            if changes == before {
                return changes;
            }
        }
    }
}
