//! `plan(order, snapshot, ruleset) -> (Plan, Trace)`: pure, deterministic, total.
//!
//! No I/O, no clock, no random numbers, no hash maps whose order could leak into the result. The snapshot carries the moment.

pub use self::order::{OrderTraits, PlanLine, PlanOrder};
pub use self::outcome::{Assignment, CandidateTrace, Offer, Plan, Removal, RuleOutcome, RuleTrace, Trace, Waiting};
pub(in crate::routing) use self::seen::Seen;
use super::Queue;
use super::actions::{Besides, Take};
use super::facts::{OfPlace, PlaceView};
use super::ruleset::{ReadyAllocate, ReadyFilter, ReadyRule, ReadyTest, Ruleset};
use super::sending::Sending;
use crate::fulfilment::Method;
use crate::ids::{LocationId, SkuId};
use crate::inventory::{Location, LocationKind, Snapshot};
use crate::promising::CannotSend;
use allocate::Chosen;
use chrono::{DateTime, TimeDelta, Utc};
use std::collections::{BTreeMap, BTreeSet};

/// Goes up when the same input could give another plan. Decisions store it.
pub const ENGINE_VERSION: i32 = 5;

/// The order's SKUs, each once, with the units wanted over all lines: lines that share a SKU share its stock.
#[derive(Debug)]
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
        let mut skus: Vec<(SkuId, i32)> = Vec::with_capacity(order.lines.len());
        let mut columns: Vec<usize> = Vec::with_capacity(order.lines.len());
        let mut promised_by: Vec<Option<DateTime<Utc>>> = Vec::with_capacity(order.lines.len());
        // Where each column of what is seen is in `skus`.
        let mut known: Vec<Option<usize>> = vec![None; seen.skus.len()];
        let mut of_line = Vec::with_capacity(order.lines.len());
        for line in &order.lines {
            let Some(column) = seen.column(line.sku) else { continue };
            let at = *known[column].get_or_insert_with(|| {
                skus.push((line.sku, 0));
                columns.push(column);
                promised_by.push(None);
                skus.len() - 1
            });
            skus[at].1 = skus[at].1.saturating_add(line.quantity);
            promised_by[at] = promised_by[at].into_iter().chain(line.promised_by).min();
            of_line.push(at);
        }
        Self { skus, columns, promised_by, of_line }
    }

    /// Units that a candidate alone could give.
    fn units_at(&self, candidate: &Candidate<'_>) -> i64 {
        self.skus.iter().zip(&candidate.free).map(|((_, need), free)| i64::from(*free.min(need))).sum()
    }
}

/// A location still in the running, with what it could give of each SKU of [`Needs`].
#[derive(Debug)]
struct Candidate<'a> {
    view: PlaceView<'a>,
    free: Vec<i32>,
    /// See [`CandidateTrace::scores`].
    scores: Vec<Option<f64>>,
}

/// An order with what is seen of the world, and how it can be sent: all that planning looks at.
#[derive(Clone, Copy)]
struct Ask<'a> {
    order: &'a PlanOrder,
    snapshot: &'a Snapshot<'a>,
    sending: Option<&'a Sending<'a>>,
    seen: &'a Seen<'a>,
    /// What the order wants of each SKU that is seen: [`Seen::wanted_by`].
    wanted: &'a [i32],
    /// How far what was promised gives way.
    gives_way: GivesWay,
    /// Whether anybody wants to know how it came to be.
    traced: bool,
}

/// How far a promise gives way where it cannot be kept.
#[derive(Clone, Copy, Debug)]
enum GivesWay {
    By(TimeDelta),
    Altogether,
}

impl GivesWay {
    /// The latest moment that still counts as in time; none where any does.
    fn latest(self, promised_by: DateTime<Utc>) -> Option<DateTime<Utc>> {
        match self {
            Self::By(more) => promised_by.checked_add_signed(more),
            Self::Altogether => None,
        }
    }
}

impl<'a> Ask<'a> {
    /// A location as the order sees it.
    fn view(&self, position: usize) -> PlaceView<'a> {
        let place = &self.seen.places[position];
        let Self { order, snapshot, sending, seen, wanted, .. } = *self;
        PlaceView { order, snapshot, location: place.location, distance_km: place.distance_km, sending, seen, wanted, position }
    }
}

/// Decides where each line of an order comes from.
///
/// What nobody has is promised from what is expected, where that may be sold. Of the rest, rules are tried in order. Within a rule, filters remove
/// locations, preferences rank them or costs weigh them, `allocate` says how an order may be spread, and `then` says what to do with what was found.
/// Never assigns more than [`Snapshot::available`]. What a customer was promised is kept where that is possible at all: where more would be sent
/// without it, it gives way, first by the days that the ruleset allows, then altogether. Where somebody has chosen a location by hand, no rule is asked.
pub fn plan(order: &PlanOrder, snapshot: &Snapshot<'_>, ruleset: &Ruleset) -> Plan {
    decide(order, snapshot, ruleset, false).0
}

/// The same plan, with everything that was looked at on the way.
pub fn plan_traced(order: &PlanOrder, snapshot: &Snapshot<'_>, ruleset: &Ruleset) -> (Plan, Trace) {
    decide(order, snapshot, ruleset, true)
}

fn decide(order: &PlanOrder, snapshot: &Snapshot<'_>, ruleset: &Ruleset, traced: bool) -> (Plan, Trace) {
    let sending = Sending::of(order, snapshot);
    let seen = Seen::of(order, snapshot, sending.as_ref());
    let wanted = seen.wanted_by(order);
    let gives_way = GivesWay::By(TimeDelta::zero());
    let ask = Ask { order, snapshot, sending: sending.as_ref(), seen: &seen, wanted: &wanted, gives_way, traced };
    if order.by_hand {
        return plan_by_hand(&Ask { gives_way: GivesWay::Altogether, ..ask });
    }
    let mut best = plan_as_promised(&ask, ruleset);
    let is_done = |plan: &Plan| plan.waiting.iter().all(|w| w.location.is_some());
    if order.lines.iter().all(|l| l.promised_by.is_none()) || is_done(&best.0) {
        return best;
    }
    let by_days = ruleset.relax_days.iter().map(|days| GivesWay::By(TimeDelta::days(i64::from(*days))));
    for gives_way in by_days.chain([GivesWay::Altogether]) {
        let next = plan_as_promised(&Ask { gives_way, ..ask }, ruleset);
        if units(&next.0.assignments) > units(&best.0.assignments) {
            best = next;
        }
        if is_done(&best.0) {
            break;
        }
    }
    best
}

/// Takes what the location that somebody has chosen has of it, be it later than was promised. The rest waits for somebody to look at it again.
fn plan_by_hand(ask: &Ask<'_>) -> (Plan, Trace) {
    let rule = ReadyRule::by_hand();
    let Tried { assignments, outcome, candidates, .. } = try_candidates(ask, &Needs::of(ask.order, ask.seen), &rule, false);
    let mut waiting = rest(ask.order, &assignments, Queue::CustomerCare);
    later::keep_promises(ask.order, &mut waiting);
    let trace = Trace { rules: vec![RuleTrace { rule: rule.name, outcome, candidates, cut_short: false }] };
    (Plan { assignments, waiting, ..Plan::default() }, trace)
}

fn plan_as_promised(ask: &Ask<'_>, ruleset: &Ruleset) -> (Plan, Trace) {
    let (present, mut later) = later::put_off(ask, ruleset);
    let (mut plan, trace) = if present.lines.is_empty() && !later.is_empty() {
        (Plan::default(), Trace::default())
    } else {
        plan_present(&Ask { order: &present, wanted: &ask.seen.wanted_by(&present), ..*ask }, ruleset)
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
    let needs = Needs::of(order, ask.seen);
    let mut trace = Trace::default();
    for (index, rule) in ruleset.rules.iter().enumerate() {
        if !rule.is_for(order, ask.snapshot) {
            if ask.traced {
                trace.rules.push(RuleTrace {
                    rule: rule.name.clone(),
                    outcome: RuleOutcome::NotForThisOrder,
                    candidates: Vec::new(),
                    cut_short: false,
                });
            }
            continue;
        }
        let tried = try_rule(ask, &needs, rule);
        let outcome = tried.outcome;
        let decision = rule.then(outcome);
        let is_promised_anew = matches!(decision.take, Take::Later { .. }) && needs.promised_by.iter().any(Option::is_some);
        let later = is_promised_anew.then(|| try_rule(&Ask { gives_way: GivesWay::Altogether, ..*ask }, &needs, rule));
        let Tried { mut assignments, candidates, cut_short, offer, .. } = match later {
            // What is late leaves no time to ask who takes it.
            Some(later) if units(&later.assignments) > units(&tried.assignments) => Tried { offer: None, ..later },
            _ => tried,
        };
        if ask.traced {
            trace.rules.push(RuleTrace { rule: rule.name.clone(), outcome, candidates, cut_short });
        }
        let queue = match decision.take {
            Take::NextRule => continue,
            Take::Nothing { queue } => {
                assignments.clear();
                queue
            }
            Take::Found { rest } | Take::Later { rest } => rest,
            Take::Vendors { rest } => {
                take_from_vendors(ask, rule, &mut assignments);
                rest
            }
            Take::ToStore { rest } => {
                let others = bring_to_store(ask, rule, &mut assignments);
                if let Some(told) = trace.rules.last_mut().filter(|_| !others.is_empty()) {
                    // Of the store it is told what it lacked; of the others, how they did as senders to it.
                    told.candidates.retain(|candidate| Some(candidate.location) == order.pickup_location);
                    told.candidates.splice(0..0, others);
                }
                rest
            }
        };
        let waiting = rest(order, &assignments, queue);
        let besides = decision.besides.clone();
        // What comes from several, or from a vendor besides, is nobody's to take alone.
        let offer = offer.filter(|_| one_place(&assignments).is_some());
        return (Plan { assignments, waiting, rule: u32::try_from(index).ok(), besides, offer }, trace);
    }
    (Plan { waiting: rest(order, &[], Queue::Unrouted), ..Plan::default() }, trace)
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

/// What of an order is not assigned.
fn missing_of(order: &PlanOrder, assignments: &[Assignment]) -> PlanOrder {
    let mut missing = order.clone();
    for line in &mut missing.lines {
        let taken = assignments.iter().filter(|a| a.line_no == line.line_no).map(|a| a.quantity).sum::<i32>();
        line.shrink_to(line.quantity - taken);
    }
    missing.lines.retain(|line| line.quantity > 0);
    missing
}

/// Adds what other locations can send of what is missing to the store in which the customer collects: those that the rule allows, as it prefers them.
/// They are told where anybody wants to know.
fn bring_to_store(ask: &Ask<'_>, rule: &ReadyRule, assignments: &mut Vec<Assignment>) -> Vec<CandidateTrace> {
    let Some(store) = store_of(ask.order, ask.snapshot) else { return Vec::new() };
    let mut missing = missing_of(ask.order, assignments).sent_to(store, ask.snapshot);
    missing.lines.retain(|line| ask.snapshot.network.allowed(line.sku, store.id).pickup);
    let sending = Sending::of(&missing, ask.snapshot);
    let seen = Seen::of(&missing, ask.snapshot, sending.as_ref());
    let ask = Ask { order: &missing, sending: sending.as_ref(), seen: &seen, wanted: &seen.wanted_by(&missing), ..*ask };
    let mut found = try_rule(&ask, &Needs::of(&missing, &seen), rule);
    assignments.append(&mut found.assignments);
    let is_asked = |location| ask.snapshot.network.location(location).is_some_and(|l| l.id != store.id && l.kind != LocationKind::Vendor);
    found.candidates.retain(|candidate| is_asked(candidate.location));
    found.candidates
}

/// Adds what vendors have of what is missing, whatever the rule asks of locations, in as many parcels more as it allows.
fn take_from_vendors(ask: &Ask<'_>, rule: &ReadyRule, assignments: &mut Vec<Assignment>) {
    let within = of_vendors(ask, rule, rule.allocate.clone(), assignments);
    let wanted: i64 = missing_of(ask.order, assignments).lines.iter().map(|line| i64::from(line.quantity)).sum();
    let free = (rule.allocate.soft && units(&within) < wanted).then(|| of_vendors(ask, rule, ReadyAllocate::FREE, assignments));
    assignments.extend(free.filter(|free| units(free) > units(&within)).unwrap_or(within));
    assignments.sort_by_key(|a| ask.order.lines.iter().position(|l| l.line_no == a.line_no));
}

fn of_vendors(ask: &Ask<'_>, rule: &ReadyRule, mut how: ReadyAllocate, assignments: &[Assignment]) -> Vec<Assignment> {
    let order = ask.order;
    let mut missing = missing_of(order, assignments);
    let more = |most: usize, of: &mut dyn Iterator<Item = &Assignment>| most.saturating_sub(of.map(|a| a.location).collect::<BTreeSet<_>>().len());
    how.parcels = more(how.parcels, &mut assignments.iter());
    let per_line = how.per_line;
    let more_of = |line: &PlanLine| more(per_line, &mut assignments.iter().filter(|a| a.line_no == line.line_no));
    missing.lines.retain(|line| more_of(line) > 0);
    how.per_line = missing.lines.iter().map(more_of).min().unwrap_or(0);
    if how.parcels == 0 || missing.lines.is_empty() {
        return Vec::new();
    }
    let needs = Needs::of(&missing, ask.seen);
    let ask = Ask { order: &missing, wanted: &ask.seen.wanted_by(&missing), traced: false, ..*ask };
    let (mut vendors, _) = candidates_of(&ask, &needs, &[], false);
    vendors.retain(|c| c.view.location.kind == LocationKind::Vendor);
    // What was found at a vendor already is spoken for.
    for vendor in &mut vendors {
        for taken in assignments.iter().filter(|a| a.location == vendor.view.id()) {
            let sku = order.lines.iter().find(|l| l.line_no == taken.line_no).map(|l| l.sku);
            if let Some(at) = needs.skus.iter().position(|(s, _)| Some(*s) == sku) {
                vendor.free[at] = (vendor.free[at] - taken.quantity).max(0);
            }
        }
    }
    allocate::choose(&missing, &needs, &mut vendors, &rule.prefer, &how, false).assignments
}

/// What a rule finds.
struct Tried {
    assignments: Vec<Assignment>,
    outcome: RuleOutcome,
    /// Empty where nobody wants to know.
    candidates: Vec<CandidateTrace>,
    /// See [`RuleTrace::cut_short`].
    cut_short: bool,
    offer: Option<Offer>,
}

fn try_rule(ask: &Ask<'_>, needs: &Needs, rule: &ReadyRule) -> Tried {
    let has_soft = rule.candidates.iter().any(|f| !f.hard);
    let first = try_candidates(ask, needs, rule, true);
    // Soft filters give way only where they are what stands between the order and a full result.
    if has_soft && first.outcome != RuleOutcome::Full {
        let second = try_candidates(ask, needs, rule, false);
        if units(&second.assignments) > units(&first.assignments) {
            return second;
        }
    }
    first
}

/// The location that everything comes from, where it is one.
fn one_place(assignments: &[Assignment]) -> Option<LocationId> {
    let first = assignments.first()?.location;
    assignments.iter().all(|a| a.location == first).then_some(first)
}

/// Who is asked before it is given to the one that it is assigned to: the best ranked that have all of it. None where that is only one.
fn offer_of(
    ask: &Ask<'_>,
    needs: &Needs,
    ranked: &[Candidate<'_>],
    assignments: &[Assignment],
    rule: &ReadyRule,
    outcome: RuleOutcome,
) -> Option<Offer> {
    let (places, minutes) = rule.then(outcome).besides.iter().find_map(|besides| match besides {
        Besides::Offer { places, minutes } => Some((*places, *minutes)),
        _ => None,
    })?;
    let assigned = one_place(assignments)?;
    let mut wanted = vec![0; needs.skus.len()];
    for a in assignments {
        let line = ask.order.lines.iter().position(|l| l.line_no == a.line_no)?;
        wanted[*needs.of_line.get(line)?] += a.quantity;
    }
    // What was promised leaves no time to ask whoever would then be late.
    let promised = needs.promised_by.iter().filter_map(|by| by.and_then(|by| ask.gives_way.latest(by))).min();
    let asked = TimeDelta::minutes(minutes.into());
    let in_time = |c: &Candidate<'_>| match (promised, ask.sending) {
        (Some(by), Some(sending)) => sending.earliest_after(c.view.location, asked).is_ok_and(|at| at <= by),
        _ => true,
    };
    if !ranked.iter().any(|c| c.view.id() == assigned && in_time(c)) {
        return None;
    }
    let could = |c: &&Candidate<'_>| {
        let has_it = c.free.iter().zip(&wanted).all(|(free, wanted)| free >= wanted);
        c.view.location.kind != LocationKind::Vendor && c.view.id() != assigned && has_it && in_time(c)
    };
    let others = ranked.iter().filter(could).map(|c| c.view.id()).take((places as usize).saturating_sub(1));
    let locations: Vec<LocationId> = std::iter::once(assigned).chain(others).collect();
    (locations.len() > 1).then_some(Offer { locations, minutes })
}

fn units(assignments: &[Assignment]) -> i64 {
    assignments.iter().map(|a| i64::from(a.quantity)).sum()
}

fn try_candidates(ask: &Ask<'_>, needs: &Needs, rule: &ReadyRule, with_soft: bool) -> Tried {
    let (mut kept, removed) = candidates_of(ask, needs, &rule.candidates, with_soft);
    let wanted: i64 = ask.order.lines.iter().map(|l| i64::from(l.quantity)).sum();
    let mut chosen = allocate::choose(ask.order, needs, &mut kept, &rule.prefer, &rule.allocate, ask.traced);
    if rule.allocate.soft && units(&chosen.assignments) < wanted {
        // They are ranked already, and told.
        let free = allocate::choose(ask.order, needs, &mut kept, &rule.prefer, &ReadyAllocate::FREE, false);
        if units(&free.assignments) > units(&chosen.assignments) {
            chosen = free;
        }
    }
    let Chosen { assignments, cut_short } = chosen;
    let outcome = match units(&assignments) {
        0 => RuleOutcome::Nothing,
        found if found < wanted => RuleOutcome::Partial,
        _ => RuleOutcome::Full,
    };
    let offer = offer_of(ask, needs, &kept, &assignments, rule, outcome);
    if !ask.traced {
        return Tried { assignments, outcome, candidates: Vec::new(), cut_short, offer };
    }
    let traced = kept.into_iter().map(|c| CandidateTrace {
        location: c.view.id(),
        distance_km: c.view.distance_km,
        units_found: i32::try_from(needs.units_at(&c)).unwrap_or(i32::MAX),
        scores: c.scores,
        removed: None,
    });
    Tried { assignments, outcome, candidates: traced.chain(removed).collect(), cut_short, offer }
}

/// The locations that are in the running, in the network's order; and, where anybody wants to know, those that are not.
fn candidates_of<'a>(ask: &Ask<'a>, needs: &Needs, demands: &[ReadyFilter], with_soft: bool) -> (Vec<Candidate<'a>>, Vec<CandidateTrace>) {
    let mut kept: Vec<Candidate<'a>> = Vec::new();
    let mut removed: Vec<CandidateTrace> = Vec::new();
    for position in 0..ask.seen.places.len() {
        let view = ask.view(position);
        match look_at(ask, needs, demands, with_soft, &view) {
            Ok(free) => kept.push(Candidate { view, free, scores: Vec::new() }),
            Err(why) if ask.traced => removed.push(CandidateTrace {
                location: view.id(),
                distance_km: view.distance_km,
                units_found: 0,
                scores: Vec::new(),
                removed: Some(why.told(&view)),
            }),
            Err(_) => {}
        }
    }
    (kept, removed)
}

/// Why a location is out, before it is told.
enum Out<'r> {
    Place(&'r Removal),
    Full,
    Nothing,
    TurnedDown,
    TooLate(DateTime<Utc>),
    CannotSend(CannotSend),
    Demand(usize, &'r ReadyTest<OfPlace>),
}

impl Out<'_> {
    fn told(self, view: &PlaceView<'_>) -> Removal {
        match self {
            Self::Place(removal) => removal.clone(),
            Self::Full => Removal::Full,
            Self::Nothing => Removal::NothingAvailable,
            Self::TurnedDown => Removal::TurnedItDown,
            Self::TooLate(arrives) => Removal::TooLate(arrives),
            Self::CannotSend(why) => Removal::CannotSend(why),
            Self::Demand(demand, test) => Removal::Filter { demand, was: test.fact.reading(view) },
        }
    }
}

/// What a location could give of each SKU, or why it is out.
fn look_at<'r>(ask: &Ask<'r>, needs: &Needs, demands: &'r [ReadyFilter], with_soft: bool, view: &PlaceView<'r>) -> Result<Vec<i32>, Out<'r>> {
    let place = &ask.seen.places[view.position];
    if let Some(removal) = &place.out {
        return Err(Out::Place(removal));
    }
    // What nobody could claim is not planned.
    if ask.snapshot.capacity_left(view.location).is_some_and(|left| left <= 0) {
        return Err(Out::Full);
    }
    let row = ask.seen.row(view.position);
    if needs.columns.iter().all(|column| row[*column] == 0) {
        let may_ask = |sku: &SkuId| ask.order.may_ask(view.id(), *sku, ask.snapshot.at);
        return Err(if needs.skus.iter().all(|(sku, _)| may_ask(sku)) { Out::Nothing } else { Out::TurnedDown });
    }
    for (demand, filter) in demands.iter().enumerate().filter(|(_, f)| f.hard || with_soft) {
        if !filter.test.holds(view) {
            return Err(Out::Demand(demand, &filter.test));
        }
    }
    let mut free: Vec<i32> = needs.columns.iter().map(|column| row[*column]).collect();
    // Only what is there and was promised asks when it would arrive.
    let latest = |by: &Option<DateTime<Utc>>| by.and_then(|by| ask.gives_way.latest(by));
    let is_promised = needs.promised_by.iter().zip(&free).any(|(by, free)| latest(by).is_some() && *free > 0);
    if is_promised && ask.sending.is_some() {
        let arrives = ask.seen.earliest(view.position, ask.sending).map_err(Out::CannotSend)?;
        for (free, _) in free.iter_mut().zip(&needs.promised_by).filter(|(_, by)| latest(by).is_some_and(|by| arrives > by)) {
            *free = 0;
        }
        if free.iter().all(|f| *f == 0) {
            return Err(Out::TooLate(arrives));
        }
    }
    Ok(free)
}

/// Units of a SKU that could be had for an order from anywhere, before any rule is asked: what a shortage is measured against. Of what is collected, what
/// others have counts where a rule has it brought to the store. No more than its buyer is offered.
pub fn obtainable(order: &PlanOrder, snapshot: &Snapshot<'_>, ruleset: &Ruleset, sku: SkuId) -> i64 {
    let sending = Sending::of(order, snapshot);
    let seen = Seen::with(order, vec![sku], snapshot, sending.as_ref());
    let wanted = seen.wanted_by(order);
    let ask = Ask { order, snapshot, sending: sending.as_ref(), seen: &seen, wanted: &wanted, gives_way: GivesWay::Altogether, traced: false };
    let found = seen.present(sku) + later::promisable(&ask, sku) + elsewhere(order, snapshot, ruleset, sku);
    snapshot.network.rules.cap(order.buyer(), sku).map_or(found, |cap| found.min(i64::from(cap.units)))
}

/// Units of a SKU that others could send to the store in which an order is collected; none where no rule that is for the order has them do so.
fn elsewhere(order: &PlanOrder, snapshot: &Snapshot<'_>, ruleset: &Ruleset, sku: SkuId) -> i64 {
    let brings = || ruleset.rules.iter().any(|rule| rule.brings_to_store() && rule.is_for(order, snapshot));
    let store = store_of(order, snapshot).filter(|store| snapshot.network.allowed(sku, store.id).pickup && brings());
    let Some(store) = store else { return 0 };
    let to_store = order.sent_to(store, snapshot);
    let sending = Sending::of(&to_store, snapshot);
    Seen::with(&to_store, vec![sku], snapshot, sending.as_ref()).present(sku)
}

/// The store in which an order is collected, where it can hand something over.
fn store_of<'a>(order: &PlanOrder, snapshot: &Snapshot<'a>) -> Option<&'a Location> {
    let store = order.pickup_location.filter(|_| order.method == Method::Pickup).and_then(|store| snapshot.network.location(store));
    store.filter(|store| store.closed.is_none() && store.offers_pickup)
}

/// False where no location could send an order by the services that it may go by, whatever it has: why the nearest could not.
pub fn can_be_sent(order: &PlanOrder, snapshot: &Snapshot<'_>) -> Result<(), CannotSend> {
    let Some(sending) = Sending::of(order, snapshot).filter(|_| order.method == Method::Ship) else { return Ok(()) };
    let places = || snapshot.network.locations.iter().filter(|l| l.ships && l.closed.is_none());
    if places().any(|place| sending.reaches(place).is_ok()) {
        return Ok(());
    }
    let destination = order.destination.bearing();
    let distance = |l: &Location| l.point.bearing().distance_km(destination);
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

mod allocate;
mod cheapest;
mod later;
mod order;
mod outcome;
mod rank;
mod seen;
mod spread;
#[cfg(test)]
mod tests;
