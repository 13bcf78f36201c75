//! `plan(order, snapshot, ruleset) -> (Plan, Trace)`: pure, deterministic, total.
//!
//! No I/O, no clock, no random numbers, no hash maps whose order could leak into the result. The snapshot carries the moment.

use self::seen::Seen;
use super::Queue;
use super::ruleset::{Action, Criterion, LocationTest, Preference, Rule, Ruleset};
use super::sending::Sending;
use crate::catalog::Size;
use crate::fulfilment::Method;
use crate::geo::GeoPoint;
use crate::ids::{LocationId, SkuId};
use crate::inventory::{Buyer, Location, Snapshot};
use crate::promising::{CannotSend, Span};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Goes up when the same input could give another plan. Decisions store it.
pub const ENGINE_VERSION: i32 = 1;

/// What `plan` needs to know of an order.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PlanOrder {
    pub channel: String,
    /// The group of customers that it is from.
    #[serde(default)]
    pub customer_group: Option<String>,
    pub method: Method,
    pub pickup_location: Option<LocationId>,
    /// ISO 3166-1 alpha-2.
    pub country: String,
    pub destination: GeoPoint,
    /// What is known of it of the address.
    #[serde(default)]
    pub postcode: String,
    /// Codes of the carrier services that may bring it; none: whatever the location has.
    #[serde(default)]
    pub services: Option<Vec<String>>,
    /// When it becomes a location's work; none is at once.
    #[serde(default)]
    pub release_at: Option<DateTime<Utc>>,
    /// The slot that the customer chose: from, until. It moves what is promised, not what is planned.
    #[serde(default)]
    pub slot: Option<Span>,
    pub value_minor: i64,
    pub lines: Vec<PlanLine>,
    /// Locations that have turned the order down.
    #[serde(default)]
    pub excluded: Vec<LocationId>,
    /// Units that it was promised before they are there: they are not promised anew.
    #[serde(default)]
    pub promised: Vec<Waiting>,
}

impl PlanOrder {
    pub fn buyer(&self) -> Buyer<'_> {
        Buyer { channel: Some(&self.channel), group: self.customer_group.as_deref() }
    }
}

/// The open units of one line.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PlanLine {
    pub line_no: i32,
    pub sku: SkuId,
    pub quantity: i32,
    pub size: Size,
    /// The customer was promised it by then. No location is asked that would be later, unless nobody can keep the promise.
    #[serde(default)]
    pub promised_by: Option<DateTime<Utc>>,
}

/// Who does what.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// In the order of the lines, then of preference.
    pub assignments: Vec<Assignment>,
    pub waiting: Vec<Waiting>,
    /// Position in the ruleset of the rule that decided.
    pub rule: Option<u32>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Assignment {
    pub line_no: i32,
    pub location: LocationId,
    pub quantity: i32,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Waiting {
    pub line_no: i32,
    pub quantity: i32,
    pub queue: Queue,
    /// Where they are expected, and when, if they are promised.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub location: Option<LocationId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected_at: Option<DateTime<Utc>>,
}

/// Everything that was looked at on the way.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Trace {
    pub rules: Vec<RuleTrace>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RuleTrace {
    pub rule: String,
    pub outcome: RuleOutcome,
    /// In order of preference; those removed come last.
    pub candidates: Vec<CandidateTrace>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RuleOutcome {
    /// The order is not of the kind the rule is for.
    NotForThisOrder,
    Full,
    Partial,
    Nothing,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CandidateTrace {
    pub location: LocationId,
    pub distance_km: f64,
    /// Units of the order it could give.
    pub units_found: i32,
    pub removed: Option<Removal>,
}

/// What put a location out of the running.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Removal {
    Closed(String),
    DoesNotShip,
    NotTheChosenStore,
    NothingAvailable,
    TurnedItDown,
    CannotSend(CannotSend),
    /// What it has would be there only then.
    TooLate(DateTime<Utc>),
    Filter(LocationTest),
}

/// The order's SKUs, each once, with the units wanted over all lines: lines that share a SKU share its stock.
struct Needs {
    skus: Vec<(SkuId, i32)>,
    /// For each SKU, its column in what is [`Seen`].
    columns: Vec<usize>,
    /// For each SKU, the earliest moment that any of its lines was promised by.
    promised_by: Vec<Option<DateTime<Utc>>>,
    /// For each line, where its SKU is in `skus`.
    of_line: Vec<usize>,
}

impl Needs {
    fn of(order: &PlanOrder, seen: &Seen<'_>) -> Self {
        let mut index: BTreeMap<SkuId, usize> = BTreeMap::new();
        let mut skus: Vec<(SkuId, i32)> = Vec::new();
        let mut promised_by: Vec<Option<DateTime<Utc>>> = Vec::new();
        let of_line = order
            .lines
            .iter()
            .map(|line| {
                let at = *index.entry(line.sku).or_insert_with(|| {
                    skus.push((line.sku, 0));
                    promised_by.push(None);
                    skus.len() - 1
                });
                skus[at].1 = skus[at].1.saturating_add(line.quantity);
                promised_by[at] = promised_by[at].into_iter().chain(line.promised_by).min();
                at
            })
            .collect();
        let columns = skus.iter().filter_map(|(sku, _)| seen.column(*sku)).collect();
        Self { skus, columns, promised_by, of_line }
    }

    /// Units that some locations together can give.
    fn units_from(&self, candidates: &[Candidate<'_>], chosen: impl Iterator<Item = usize> + Clone) -> i64 {
        let found = |at: usize, need: i32| chosen.clone().map(|i| i64::from(candidates[i].free[at])).sum::<i64>().min(i64::from(need));
        self.skus.iter().enumerate().map(|(at, (_, need))| found(at, *need)).sum()
    }
}

/// A location still in the running, with what it could give of each SKU of [`Needs`].
struct Candidate<'a> {
    location: &'a Location,
    distance_km: f64,
    free: Vec<i32>,
}

/// An order with what is seen of the world, and how it can be sent: all that planning looks at.
#[derive(Clone, Copy)]
struct Ask<'a> {
    order: &'a PlanOrder,
    snapshot: &'a Snapshot<'a>,
    sending: Option<&'a Sending<'a>>,
    seen: &'a Seen<'a>,
}

/// Decides where each line of an order comes from.
///
/// What nobody has is promised from what is expected, where that may be sold. Of the rest, rules are tried in order. Within a rule, filters remove
/// locations, preferences rank them, `allocate` says over how many an order may be spread, and `then` says what to do with what was found. Never
/// assigns more than [`Snapshot::available`]. What a customer was promised is kept where that is possible at all: only where more would be sent
/// without it, it gives way.
pub fn plan(order: &PlanOrder, snapshot: &Snapshot<'_>, ruleset: &Ruleset) -> (Plan, Trace) {
    let sending = Sending::of(order, snapshot);
    let seen = Seen::of(order, snapshot, sending.as_ref());
    let ask = Ask { order, snapshot, sending: sending.as_ref(), seen: &seen };
    let (kept, trace) = plan_as_promised(&ask, ruleset);
    let is_promised = order.lines.iter().any(|l| l.promised_by.is_some());
    if !is_promised || kept.waiting.iter().all(|w| w.location.is_some()) {
        return (kept, trace);
    }
    let mut late = order.clone();
    late.lines.iter_mut().for_each(|line| line.promised_by = None);
    let (broken, its_trace) = plan_as_promised(&Ask { order: &late, ..ask }, ruleset);
    if units(&broken.assignments) > units(&kept.assignments) { (broken, its_trace) } else { (kept, trace) }
}

fn plan_as_promised(ask: &Ask<'_>, ruleset: &Ruleset) -> (Plan, Trace) {
    let (present, mut later) = later::put_off(ask);
    let (mut plan, trace) = if present.lines.is_empty() && !later.is_empty() {
        (Plan::default(), Trace::default())
    } else {
        plan_present(&Ask { order: &present, ..*ask }, ruleset)
    };
    if !later.is_empty() || !ask.order.promised.is_empty() {
        plan.waiting.append(&mut later);
        later::keep_promises(ask.order, &mut plan.waiting);
        plan.waiting.sort_by_key(|w| w.line_no);
    }
    (plan, trace)
}

/// Decides about what may be there.
fn plan_present(ask: &Ask<'_>, ruleset: &Ruleset) -> (Plan, Trace) {
    let order = ask.order;
    let mut trace = Trace::default();
    for (index, rule) in ruleset.rules.iter().enumerate() {
        if !rule.when.holds(order) {
            trace.rules.push(RuleTrace { rule: rule.name.clone(), outcome: RuleOutcome::NotForThisOrder, candidates: Vec::new() });
            continue;
        }
        let (assignments, rule_trace) = try_rule(ask, rule);
        let outcome = rule_trace.outcome;
        trace.rules.push(rule_trace);
        let action = match outcome {
            RuleOutcome::Full => rule.then.full,
            RuleOutcome::Partial => rule.then.partial,
            RuleOutcome::Nothing | RuleOutcome::NotForThisOrder => rule.then.none,
        };
        let rule = u32::try_from(index).ok();
        match action {
            Action::NextRule => {}
            Action::Hold(queue) => return (Plan { assignments: Vec::new(), waiting: rest(order, &[], queue), rule }, trace),
            Action::Assign { rest: queue } => {
                let waiting = rest(order, &assignments, queue);
                return (Plan { assignments, waiting, rule }, trace);
            }
        }
    }
    (Plan { assignments: Vec::new(), waiting: rest(order, &[], Queue::Unrouted), rule: None }, trace)
}

/// What the assignments leave open.
fn rest(order: &PlanOrder, assignments: &[Assignment], queue: Queue) -> Vec<Waiting> {
    order
        .lines
        .iter()
        .filter_map(|line| {
            let found: i32 = assignments.iter().filter(|a| a.line_no == line.line_no).map(|a| a.quantity).sum();
            (found < line.quantity).then_some(Waiting {
                line_no: line.line_no,
                quantity: line.quantity - found,
                queue,
                location: None,
                expected_at: None,
            })
        })
        .collect()
}

fn try_rule(ask: &Ask<'_>, rule: &Rule) -> (Vec<Assignment>, RuleTrace) {
    let has_soft = rule.candidates.iter().any(|f| !f.hard);
    let first = try_candidates(ask, rule, true);
    // Soft filters give way only where they are what stands between the order and a full result.
    if has_soft && first.1.outcome != RuleOutcome::Full {
        let second = try_candidates(ask, rule, false);
        if units(&second.0) > units(&first.0) {
            return second;
        }
    }
    first
}

fn units(assignments: &[Assignment]) -> i64 {
    assignments.iter().map(|a| i64::from(a.quantity)).sum()
}

fn try_candidates(ask: &Ask<'_>, rule: &Rule, with_soft: bool) -> (Vec<Assignment>, RuleTrace) {
    let (order, snapshot) = (ask.order, ask.snapshot);
    let needs = Needs::of(order, ask.seen);
    let mut kept: Vec<Candidate<'_>> = Vec::new();
    let mut removed: Vec<CandidateTrace> = Vec::new();
    for (at, place) in ask.seen.places.iter().enumerate() {
        let (location, distance_km) = (place.location, place.distance_km);
        match look_at(ask, &needs, rule, with_soft, at) {
            Ok(free) => kept.push(Candidate { location, distance_km, free }),
            Err(removal) => removed.push(CandidateTrace { location: location.id, distance_km, units_found: 0, removed: Some(removal) }),
        }
    }
    rank(order, &needs, snapshot, &rule.prefer, &mut kept);
    let assignments = allocate::allocate(order, &needs, &kept, rule.allocate);
    let wanted: i64 = order.lines.iter().map(|l| i64::from(l.quantity)).sum();
    let outcome = match units(&assignments) {
        0 => RuleOutcome::Nothing,
        found if found < wanted => RuleOutcome::Partial,
        _ => RuleOutcome::Full,
    };
    let mut candidates: Vec<CandidateTrace> = kept
        .iter()
        .enumerate()
        .map(|(index, c)| CandidateTrace {
            location: c.location.id,
            distance_km: c.distance_km,
            units_found: i32::try_from(needs.units_from(&kept, std::iter::once(index))).unwrap_or(i32::MAX),
            removed: None,
        })
        .collect();
    candidates.append(&mut removed);
    (assignments, RuleTrace { rule: rule.name.clone(), outcome, candidates })
}

/// What the location at a position could give of each SKU, or why it is out.
fn look_at(ask: &Ask<'_>, needs: &Needs, rule: &Rule, with_soft: bool, at: usize) -> Result<Vec<i32>, Removal> {
    let place = &ask.seen.places[at];
    if let Some(removal) = &place.out {
        return Err(removal.clone());
    }
    for filter in rule.candidates.iter().filter(|f| f.hard || with_soft) {
        if !filter.test.holds(place.location, place.distance_km, || ask.snapshot.capacity_left(place.location)) {
            return Err(Removal::Filter(filter.test.clone()));
        }
    }
    let row = ask.seen.row(at);
    if needs.columns.iter().all(|column| row[*column] == 0) {
        return Err(Removal::NothingAvailable);
    }
    let mut free: Vec<i32> = needs.columns.iter().map(|column| row[*column]).collect();
    // Only what is there and was promised asks when it would arrive.
    let is_promised = needs.promised_by.iter().zip(&free).any(|(by, free)| by.is_some() && *free > 0);
    if let Some(sending) = ask.sending.filter(|_| is_promised) {
        let arrives = place.earliest.get_or_init(|| sending.earliest(place.location)).clone().map_err(Removal::CannotSend)?;
        for (free, _) in free.iter_mut().zip(&needs.promised_by).filter(|(_, by)| by.is_some_and(|by| arrives > by)) {
            *free = 0;
        }
        if free.iter().all(|f| *f == 0) {
            return Err(Removal::TooLate(arrives));
        }
    }
    Ok(free)
}

/// Units of a SKU that could be had for an order from anywhere, before any rule is asked: what a shortage is measured against. No more than its
/// buyer is offered.
pub fn obtainable(order: &PlanOrder, snapshot: &Snapshot<'_>, sku: SkuId) -> i64 {
    let sending = Sending::of(order, snapshot);
    let seen = Seen::with(order, vec![sku], snapshot, sending.as_ref());
    let ask = Ask { order, snapshot, sending: sending.as_ref(), seen: &seen };
    let found = seen.present(sku) + later::promisable(&ask, sku);
    snapshot.network.rules.cap(order.buyer(), sku).map_or(found, |cap| found.min(i64::from(cap.units)))
}

/// False where no location could send an order by the services that it may go by, whatever it has: why the nearest could not.
pub fn can_be_sent(order: &PlanOrder, snapshot: &Snapshot<'_>) -> Result<(), CannotSend> {
    let Some(sending) = Sending::of(order, snapshot).filter(|_| order.method == Method::Ship) else { return Ok(()) };
    let places = || snapshot.network.locations.iter().filter(|l| l.ships && l.closed.is_none());
    if places().any(|place| sending.reaches(place).is_ok()) {
        return Ok(());
    }
    let distance = |l: &Location| l.point.distance_km(order.destination);
    places().min_by(|a, b| distance(a).total_cmp(&distance(b))).map_or(Ok(()), |nearest| sending.reaches(nearest))
}

/// True where an order asks for more of a SKU than its buyer is offered. Not asked again once it is taken.
pub fn asks_too_much(order: &PlanOrder, snapshot: &Snapshot<'_>) -> bool {
    let mut wanted: BTreeMap<SkuId, i32> = BTreeMap::new();
    for line in &order.lines {
        let units = wanted.entry(line.sku).or_default();
        *units = units.saturating_add(line.quantity);
    }
    wanted.iter().any(|(sku, wanted)| snapshot.network.rules.cap(order.buyer(), *sku).is_some_and(|cap| *wanted > cap.units))
}

/// Sorts by the preferences, best first. Ties keep the order of the location codes.
fn rank(order: &PlanOrder, needs: &Needs, snapshot: &Snapshot<'_>, preferences: &[Preference], candidates: &mut Vec<Candidate<'_>>) {
    if preferences.is_empty() {
        return;
    }
    // Each number is worked out once: lower is better. They stand candidate by candidate in one piece of memory.
    let scores: Vec<f64> = candidates.iter().flat_map(|c| preferences.iter().map(move |p| score(order, needs, snapshot, p, c))).collect();
    let of = |candidate: usize| &scores[candidate * preferences.len()..(candidate + 1) * preferences.len()];
    let mut order_of: Vec<usize> = (0..candidates.len()).collect();
    order_of.sort_by(|&a, &b| of(a).iter().zip(of(b)).map(|(x, y)| x.total_cmp(y)).find(|o| o.is_ne()).unwrap_or(a.cmp(&b)));
    let mut slots: Vec<Option<Candidate<'_>>> = candidates.drain(..).map(Some).collect();
    candidates.extend(order_of.into_iter().filter_map(|i| slots[i].take()));
}

fn score(order: &PlanOrder, needs: &Needs, snapshot: &Snapshot<'_>, preference: &Preference, candidate: &Candidate<'_>) -> f64 {
    let value = match preference.by {
        Criterion::Distance => candidate.distance_km,
        Criterion::Priority => f64::from(candidate.location.priority),
        Criterion::StockBalance => -candidate.free.iter().map(|v| f64::from(*v)).sum::<f64>(),
        Criterion::Coverage => {
            let whole = order.lines.iter().zip(&needs.of_line).filter(|(l, at)| candidate.free[**at] >= l.quantity).count();
            -(u32::try_from(whole).map_or(f64::MAX, f64::from))
        }
        Criterion::CapacityLeft => -snapshot.capacity_left(candidate.location).map_or(f64::MAX, f64::from),
        Criterion::HandlingTime => f64::from(candidate.location.handling_minutes),
    };
    match preference.band {
        Some(band) => (value / band.0).floor(),
        None => value,
    }
}

mod allocate;
mod later;
mod seen;
#[cfg(test)]
mod tests;
