//! Going through a period again. Pure: what happened is handed in, in order of time, with each network as it was.

use super::happened::{Debt, Decided, Happened, What};
use super::tally::{Sent, Tally};
use super::views::{Findings, Flow, Load, Move, PlaceUse, RuleUse};
use crate::catalog::{Size, SkuTraits};
use crate::ids::{LocationId, OrderId, RulesetId, SkuId};
use crate::inventory::{Network, Snapshot, StockView};
use crate::routing::views::Explanation;
use crate::routing::{Assignment, LookUps, Plan, PlanLine, PlanOrder, Ruleset, Waiting, plan, plan_traced, tell_decision};
use chrono::{DateTime, NaiveDate, Utc};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

/// Which rules decide.
#[derive(Debug)]
pub(super) enum Rulebook {
    /// These, about everything.
    One(Box<Ruleset>),
    /// Each decision's own: what was in force.
    AsItWas(HashMap<(RulesetId, i32), Ruleset>),
}

impl Rulebook {
    /// What has to be looked up for it.
    pub fn needs(&self) -> LookUps {
        match self {
            Self::One(ruleset) => ruleset.needs,
            Self::AsItWas(versions) => versions.values().fold(LookUps::default(), |all, ruleset| LookUps {
                traits: all.traits || ruleset.needs.traits,
                demand: all.demand || ruleset.needs.demand,
            }),
        }
    }

    fn of(&self, made_by: (RulesetId, i32)) -> Option<&Ruleset> {
        match self {
            Self::One(ruleset) => Some(ruleset),
            Self::AsItWas(versions) => versions.get(&made_by),
        }
    }
}

/// What is known of the things that are sold.
#[derive(Debug, Default)]
pub(super) struct Things {
    pub sizes: HashMap<SkuId, Size>,
    /// Where a rule asks for them.
    pub traits: HashMap<SkuId, Arc<SkuTraits>>,
}

/// Parcels of a day, as it was and as it would have been.
type Days = BTreeMap<NaiveDate, (u32, u32)>;
type Places = BTreeMap<LocationId, (Days, PlaceUse)>;

/// A period on the way.
#[derive(Debug)]
pub(super) struct Replay {
    pub network: Network,
    pub stock: StockView,
    pub things: Things,
    rulebook: Rulebook,
    debts: BTreeMap<(SkuId, LocationId), Vec<Debt>>,
    /// Orders that locations have taken, by day.
    taken: BTreeMap<(LocationId, NaiveDate), i32>,
    courses: BTreeMap<OrderId, Course>,
    /// Orders with something that waits, those placed first before the others.
    waiting: BTreeMap<SkuId, BTreeSet<(DateTime<Utc>, OrderId)>>,
    /// SKUs of which something has come or been let go since waiting orders were last looked at.
    came: BTreeSet<SkuId>,
    at: DateTime<Utc>,
    findings: Findings,
    places: Places,
    flows: BTreeMap<(LocationId, i16, i16), (u32, u32)>,
    moves: Vec<(OrderId, Move)>,
}

/// An order on its way through a period, as it was and as it would have been.
#[derive(Debug)]
struct Course {
    number: String,
    placed_at: DateTime<Utc>,
    /// As it was when it was last decided about.
    order: PlanOrder,
    /// All of its lines.
    lines: Vec<PlanLine>,
    made_by: (RulesetId, i32),
    /// Decisions about it that were made and are yet to come.
    to_come: i32,
    /// Nothing was decided otherwise yet.
    is_alike: bool,
    held: Vec<Held>,
    waiting: Vec<Waiting>,
    turned_down: Vec<LocationId>,
    real: Tally,
    simulated: Tally,
    explanation: Option<Explanation>,
}

/// Units that the simulation has reserved.
#[derive(Clone, Copy, Debug)]
struct Held {
    line_no: i32,
    sku: SkuId,
    location: LocationId,
    units: i32,
}

impl Replay {
    /// `stock` is of all SKUs when the period begins; `debts` is what others were owed.
    pub fn new(network: Network, stock: StockView, things: Things, rulebook: Rulebook, debts: BTreeMap<(SkuId, LocationId), Vec<Debt>>) -> Self {
        let rules = match &rulebook {
            Rulebook::One(ruleset) => vec![RuleUse::default(); ruleset.rules.len()],
            Rulebook::AsItWas(_) => Vec::new(),
        };
        let mut places = Places::new();
        for ((_, location), level) in &stock.levels {
            let place = &mut places.entry(*location).or_default().1;
            place.real.left += i64::from(level.on_hand);
            place.simulated.left += i64::from(level.on_hand);
        }
        Self {
            network,
            stock,
            things,
            rulebook,
            debts,
            taken: BTreeMap::new(),
            courses: BTreeMap::new(),
            waiting: BTreeMap::new(),
            came: BTreeSet::new(),
            at: DateTime::UNIX_EPOCH,
            findings: Findings { rules, ..Findings::default() },
            places,
            flows: BTreeMap::new(),
            moves: Vec::new(),
        }
    }

    /// Goes through the next that happened.
    pub fn step(&mut self, happened: Happened) {
        if happened.at > self.at {
            self.look_at_waiting();
            let day = |at: DateTime<Utc>| at.with_timezone(&self.network.clock).date_naive();
            if day(happened.at) > day(self.at) {
                // A day begins anew: what waits is looked at again.
                self.came.extend(self.waiting.keys().copied());
            }
            self.at = happened.at;
        }
        match happened.what {
            What::Moved { sku, location, units } => {
                self.stock.levels.entry((sku, location)).or_default().on_hand += units;
                let place = &mut self.places.entry(location).or_default().1;
                place.real.left += i64::from(units);
                place.simulated.left += i64::from(units);
                if units > 0 {
                    self.came.insert(sku);
                }
            }
            What::Kept { sku, location, units } => self.keep(sku, location, units),
            What::Owed { sku, location, debt, closes: false } => self.owe(sku, location, debt),
            What::Owed { sku, location, debt, closes: true } => self.settle(sku, location, debt.order, debt.units),
            What::Left { order, sku, location, units } => self.leave(order, sku, location, units),
            What::TurnedDown { order, location, lines } => self.turn_down(order, location, &lines),
            What::Taken { location, day, orders } => *self.taken.entry((location, day)).or_default() += orders,
            What::Cancelled { order } => self.cancel(order),
            What::Decided(decided) => self.decide(*decided),
        }
    }

    /// The period is over: what is still on its way counts as it stands.
    pub fn finish(mut self) -> (Findings, Vec<(OrderId, Move)>) {
        self.look_at_waiting();
        for order in self.courses.keys().copied().collect::<Vec<_>>() {
            self.end(order);
        }
        let days: BTreeSet<NaiveDate> = self.places.values().flat_map(|(days, _)| days.keys().copied()).collect();
        let mut findings = self.findings;
        findings.currency = self.network.delivery.rate_cards.values().next().map_or_else(|| "GBP".to_owned(), |card| card.currency.clone());
        findings.days = days.iter().copied().collect();
        for (location, (by_day, mut place)) in self.places {
            place.location = Some(location);
            if let Some(known) = self.network.location(location) {
                (place.name, place.latitude, place.longitude) = (known.name.clone(), known.point.latitude, known.point.longitude);
            }
            (place.real.by_day, place.simulated.by_day) = days.iter().map(|day| by_day.get(day).copied().unwrap_or_default()).unzip();
            findings.places.push(place);
        }
        findings.places.sort_by(|a, b| a.name.cmp(&b.name));
        let flow = |((location, latitude, longitude), (real, simulated))| Flow { location, latitude, longitude, real, simulated };
        findings.flows = self.flows.into_iter().map(flow).collect();
        findings.flows.sort_by_key(|flow| std::cmp::Reverse(flow.real.max(flow.simulated)));
        findings.flows.truncate(MOST_FLOWS);
        (findings, self.moves)
    }

    /// Orders that went elsewhere and have come to their end since this was last asked.
    pub fn take_moves(&mut self) -> Vec<(OrderId, Move)> {
        std::mem::take(&mut self.moves)
    }

    fn keep(&mut self, sku: SkuId, location: LocationId, units: i32) {
        self.stock.levels.entry((sku, location)).or_default().reserved += units;
        if units < 0 {
            self.came.insert(sku);
        }
    }

    fn owe(&mut self, sku: SkuId, location: LocationId, debt: Debt) {
        let level = self.stock.levels.entry((sku, location)).or_default();
        level.backordered += debt.units;
        level.ahead += debt.units;
        self.debts.entry((sku, location)).or_default().push(debt);
    }

    /// Units are owed no longer.
    fn settle(&mut self, sku: SkuId, location: LocationId, order: OrderId, units: i32) {
        let Some(debts) = self.debts.get_mut(&(sku, location)) else { return };
        let Some(at) = debts.iter().position(|d| d.order == order && d.units == units) else { return };
        debts.remove(at);
        let level = self.stock.levels.entry((sku, location)).or_default();
        level.backordered -= units;
        level.ahead -= units;
    }

    /// Units of an order left: those that the simulation holds leave, at the same location before others.
    fn leave(&mut self, order: OrderId, sku: SkuId, location: LocationId, units: i32) {
        let real = &mut self.places.entry(location).or_default().1.real;
        real.left -= i64::from(units);
        let Some(course) = self.courses.get_mut(&order) else { return };
        course.real.parcels.iter_mut().filter(|parcel| parcel.location == location).for_each(|parcel| parcel.has_left = true);
        let mut missing = units;
        course.held.sort_by_key(|held| held.location != location);
        for held in course.held.iter_mut().filter(|held| held.sku == sku) {
            let leaving = held.units.min(missing);
            if leaving == 0 {
                continue;
            }
            missing -= leaving;
            held.units -= leaving;
            let level = self.stock.levels.entry((sku, held.location)).or_default();
            level.on_hand -= leaving;
            level.reserved -= leaving;
            self.places.entry(held.location).or_default().1.simulated.left -= i64::from(leaving);
            course.simulated.parcels.iter_mut().filter(|parcel| parcel.location == held.location).for_each(|parcel| parcel.has_left = true);
        }
        course.held.retain(|held| held.units > 0);
        if course.is_over() {
            self.end(order);
        }
    }

    /// A location turned an order down: where it has it in the simulation, too, it turns it down there.
    fn turn_down(&mut self, order: OrderId, location: LocationId, lines: &[(i32, i32)]) {
        let Some(course) = self.courses.get_mut(&order) else { return };
        course.real.turned_down(location, lines.iter().map(|(_, units)| units).sum());
        let mut lost: Vec<Held> = Vec::new();
        for (line_no, units) in lines {
            let mut missing = *units;
            for held in course.held.iter_mut().filter(|held| held.location == location && held.line_no == *line_no) {
                let units = held.units.min(missing);
                if units > 0 {
                    missing -= units;
                    held.units -= units;
                    lost.push(Held { units, ..*held });
                }
            }
        }
        course.held.retain(|held| held.units > 0);
        if lost.is_empty() {
            return;
        }
        let given_up = course.simulated.turned_down(location, lost.iter().map(|held| held.units).sum());
        course.turned_down.push(location);
        for held in &lost {
            let queue = crate::routing::Queue::Rejected;
            course.waiting.push(Waiting { line_no: held.line_no, quantity: held.units, queue, location: None, expected_at: None });
        }
        let placed_at = course.placed_at;
        for held in lost {
            self.keep(held.sku, held.location, -held.units);
            self.waiting.entry(held.sku).or_default().insert((placed_at, order));
        }
        self.give_back(&given_up);
    }

    /// Locations with a daily limit are given back what they had taken.
    fn give_back(&mut self, parcels: &[Sent]) {
        for parcel in parcels {
            if let Some(place) = self.network.location(parcel.location)
                && let Some(taken) = self.taken.get_mut(&(parcel.location, place.day(parcel.at)))
            {
                *taken = (*taken - 1).max(0);
            }
        }
    }

    /// An order was called off: of what has not left, nothing is left.
    fn cancel(&mut self, order: OrderId) {
        let Some(mut course) = self.courses.remove(&order) else { return };
        for held in std::mem::take(&mut course.held) {
            self.keep(held.sku, held.location, -held.units);
        }
        self.forget_waiting(order, &mut course);
        course.real.call_off();
        let given_up = course.simulated.call_off();
        self.give_back(&given_up);
        if !course.real.parcels.is_empty() {
            self.count(order, course);
        }
    }

    /// Nothing of an order waits any more.
    fn forget_waiting(&mut self, order: OrderId, course: &mut Course) {
        for waiting in std::mem::take(&mut course.waiting) {
            let Some(sku) = course.sku_of(waiting.line_no) else { continue };
            if let Some(location) = waiting.location {
                self.settle(sku, location, order, waiting.quantity);
            }
            if let Some(orders) = self.waiting.get_mut(&sku) {
                orders.remove(&(course.placed_at, order));
            }
        }
    }

    /// A decision that was made, made again.
    fn decide(&mut self, decided: Decided) {
        let Decided { order: id, no, last_no, number, placed_at, postcode, ruleset: made_by, record, skus, brings } = decided;
        let things = &self.things;
        let (order, real) = record.restore(&postcode, |line_no| {
            let sku = *skus.get(&line_no)?;
            let traits = things.traits.get(&sku).map(Arc::clone).unwrap_or_default();
            Some((sku, things.sizes.get(&sku).copied().unwrap_or_default(), traits))
        });
        self.findings.decisions += 1;
        self.courses.entry(id).or_insert_with(|| Course {
            number,
            placed_at,
            lines: order.lines.clone(),
            order: order.clone(),
            made_by,
            to_come: last_no - no + 1,
            is_alike: true,
            held: Vec::new(),
            waiting: Vec::new(),
            turned_down: Vec::new(),
            real: Tally::default(),
            simulated: Tally::default(),
            explanation: None,
        });
        self.see_capacity();
        let Some(mut course) = self.courses.remove(&id) else { return };
        course.to_come -= 1;
        course.made_by = made_by;
        course.real.add(&order, &real, &Snapshot { at: self.at, network: &self.network, stock: &self.stock });
        let is_first = no == 1;
        // What its basket kept is its own, whoever is owed some; what it does not take goes to the others.
        let freed: Vec<_> = brings.into_iter().map(|(sku, location, units)| ((sku, location), self.stock.bring(sku, location, units))).collect();
        let asked = if is_first || course.waits_for(&order) { Some(order.clone()) } else { course.rest(&order) };
        course.order = order;
        let is_alike = match asked {
            None => real.assignments.is_empty(),
            Some(asked) => {
                let plan = self.plan(id, &mut course, &asked, is_first, Some(&real));
                plan.is_some_and(|plan| same(&plan.assignments, &real.assignments))
            }
        };
        for (place, passed) in freed {
            if let Some(level) = self.stock.levels.get_mut(&place) {
                level.ahead += passed;
            }
            self.came.insert(place.0);
        }
        self.findings.alike += u32::from(is_alike);
        course.is_alike &= is_alike;
        self.courses.insert(id, course);
    }

    /// Plans what is open of an order, and takes what was found.
    fn plan(&mut self, id: OrderId, course: &mut Course, asked: &PlanOrder, is_new: bool, real: Option<&Plan>) -> Option<Plan> {
        if !is_new {
            self.see_debts(id, course.placed_at, asked);
        }
        let ruleset = self.rulebook.of(course.made_by)?;
        let snapshot = Snapshot { at: self.at, network: &self.network, stock: &self.stock };
        let mut plan = plan(asked, &snapshot, ruleset);
        if course.explanation.is_none() && real.is_some_and(|real| !same(&plan.assignments, &real.assignments)) {
            let (again, trace) = plan_traced(asked, &snapshot, ruleset);
            course.explanation = Some(tell_decision(ruleset, &self.network, asked, &again, &trace));
            plan = again;
        }
        if let Some(used) = plan.rule.filter(|_| is_new).and_then(|at| self.findings.rules.get_mut(at as usize)) {
            used.taken += 1;
            used.example = Some(course.number.clone());
        }
        course.simulated.add(asked, &plan, &snapshot);
        if is_new {
            let told = course.simulated.first_told;
            course.lines.iter_mut().chain(&mut course.order.lines).for_each(|line| line.promised_by = told);
        } else {
            self.see_all_debts(asked);
        }
        self.take(id, course, asked, &plan);
        Some(plan)
    }

    /// Reserves what a plan assigns, and notes what waits.
    fn take(&mut self, id: OrderId, course: &mut Course, asked: &PlanOrder, plan: &Plan) {
        self.forget_waiting(id, course);
        let sku_of = |line_no: i32| asked.lines.iter().find(|line| line.line_no == line_no).map(|line| line.sku);
        let mut places: BTreeSet<LocationId> = BTreeSet::new();
        for assignment in &plan.assignments {
            let Some(sku) = sku_of(assignment.line_no) else { continue };
            self.stock.levels.entry((sku, assignment.location)).or_default().reserved += assignment.quantity;
            course.held.push(Held { line_no: assignment.line_no, sku, location: assignment.location, units: assignment.quantity });
            places.insert(assignment.location);
        }
        for location in places {
            if let Some(place) = self.network.location(location).filter(|place| place.daily_order_capacity.is_some()) {
                *self.taken.entry((location, place.day(self.at))).or_default() += 1;
            }
        }
        for waiting in &plan.waiting {
            let Some(sku) = sku_of(waiting.line_no) else { continue };
            self.waiting.entry(sku).or_default().insert((course.placed_at, id));
            if let (Some(location), Some(expected_at)) = (waiting.location, waiting.expected_at) {
                self.owe(sku, location, Debt { order: id, placed_at: course.placed_at, expected_at, units: waiting.quantity });
            }
        }
        course.waiting.clone_from(&plan.waiting);
    }

    /// What locations with a daily limit have taken on the day that it is there.
    fn see_capacity(&mut self) {
        let limited = self.network.locations.iter().filter(|place| place.daily_order_capacity.is_some());
        let taken = limited.map(|place| (place.id, self.taken.get(&(place.id, place.day(self.at))).copied().unwrap_or(0)));
        self.stock.capacity_taken = taken.collect();
    }

    /// Of what is owed, only what is owed to those who come before an order stands in its way.
    fn see_debts(&mut self, id: OrderId, placed_at: DateTime<Utc>, asked: &PlanOrder) {
        for sku in asked.lines.iter().map(|line| line.sku) {
            let all = (sku, LocationId(uuid::Uuid::nil()))..=(sku, LocationId(uuid::Uuid::max()));
            for (place, debts) in self.debts.range(all) {
                let own = debts.iter().filter(|debt| debt.order == id).map(|debt| debt.expected_at).min();
                let is_before = |debt: &&Debt| match own {
                    None => (debt.placed_at, debt.order) < (placed_at, id),
                    Some(own) => (debt.expected_at, debt.placed_at, debt.order) < (own, placed_at, id),
                };
                if let Some(level) = self.stock.levels.get_mut(place) {
                    level.ahead = debts.iter().filter(is_before).map(|debt| debt.units).sum();
                }
            }
        }
    }

    /// A new order comes after everything that is owed.
    fn see_all_debts(&mut self, asked: &PlanOrder) {
        for sku in asked.lines.iter().map(|line| line.sku) {
            let all = (sku, LocationId(uuid::Uuid::nil()))..=(sku, LocationId(uuid::Uuid::max()));
            self.stock.levels.range_mut(all).for_each(|(_, level)| level.ahead = level.backordered);
        }
    }

    /// Orders that wait for something of which some has come are planned again, those placed first before the others. One that is like it was is planned
    /// when it was.
    pub fn look_at_waiting(&mut self) {
        let mut orders: BTreeSet<(DateTime<Utc>, OrderId)> = BTreeSet::new();
        for sku in std::mem::take(&mut self.came) {
            orders.extend(self.waiting.get(&sku).into_iter().flatten());
        }
        if !orders.is_empty() {
            self.see_capacity();
        }
        for (_, id) in orders {
            let Some(mut course) = self.courses.remove(&id) else { continue };
            if !(course.is_alike && course.to_come > 0)
                && let Some(asked) = course.rest(&course.order)
            {
                self.plan(id, &mut course, &asked, false, None);
                self.see_capacity();
            }
            let is_over = course.is_over();
            self.courses.insert(id, course);
            if is_over {
                self.end(id);
            }
        }
    }

    fn end(&mut self, order: OrderId) {
        let Some(mut course) = self.courses.remove(&order) else { return };
        // What is reserved stays so, and what it waits for it waits for.
        course.held.clear();
        self.count(order, course);
    }

    fn count(&mut self, id: OrderId, course: Course) {
        let told = course.real.first_told;
        course.real.count(&mut self.findings.real, course.placed_at, told);
        course.simulated.count(&mut self.findings.simulated, course.placed_at, told);
        let clock = self.network.clock;
        let (latitude, longitude) = (course.order.destination.latitude.round(), course.order.destination.longitude.round());
        #[expect(clippy::cast_possible_truncation, reason = "degrees")]
        let (latitude, longitude) = (latitude as i16, longitude as i16);
        for (tally, is_real) in [(&course.real, true), (&course.simulated, false)] {
            for parcel in &tally.parcels {
                let (days, place) = self.places.entry(parcel.location).or_default();
                let load: &mut Load = if is_real { &mut place.real } else { &mut place.simulated };
                load.parcels += 1;
                load.units += i64::from(parcel.units);
                let day = days.entry(parcel.at.with_timezone(&clock).date_naive()).or_default();
                let flow = self.flows.entry((parcel.location, latitude, longitude)).or_default();
                if is_real {
                    day.0 += 1;
                    flow.0 += 1;
                } else {
                    day.1 += 1;
                    flow.1 += 1;
                }
            }
        }
        if course.real.places() != course.simulated.places() {
            self.findings.moved += 1;
            let moved = Move {
                number: course.number,
                placed_at: course.placed_at,
                real: course.real.outcome(&self.network),
                simulated: course.simulated.outcome(&self.network),
                explanation: course.explanation,
            };
            self.moves.push((id, moved));
        }
    }
}

/// More would not be seen on a map.
const MOST_FLOWS: usize = 400;

impl Course {
    fn sku_of(&self, line_no: i32) -> Option<SkuId> {
        self.lines.iter().find(|line| line.line_no == line_no).map(|line| line.sku)
    }

    /// Nothing more becomes of it.
    fn is_over(&self) -> bool {
        self.held.is_empty() && self.waiting.is_empty() && self.to_come <= 0
    }

    /// Units of a line that wait.
    fn waiting_of(&self, line_no: i32) -> i32 {
        self.waiting.iter().filter(|w| w.line_no == line_no).map(|w| w.quantity).sum()
    }

    /// True where exactly these units wait.
    fn waits_for(&self, order: &PlanOrder) -> bool {
        let wanted: i32 = order.lines.iter().map(|line| line.quantity).sum();
        let waiting: i32 = self.waiting.iter().map(|w| w.quantity).sum();
        wanted == waiting && order.lines.iter().all(|line| self.waiting_of(line.line_no) == line.quantity)
    }

    /// What waits of it in the simulation, asked for as `like` was; none where nothing does.
    fn rest(&self, like: &PlanOrder) -> Option<PlanOrder> {
        let template = |line_no: i32| like.lines.iter().chain(&self.lines).find(|line| line.line_no == line_no);
        let mut line_nos: Vec<i32> = self.waiting.iter().map(|w| w.line_no).collect();
        line_nos.sort_unstable();
        line_nos.dedup();
        let lines: Vec<PlanLine> = line_nos.iter().filter_map(|line_no| Some(template(*line_no)?.of_units(self.waiting_of(*line_no)))).collect();
        if lines.is_empty() {
            return None;
        }
        let promised = self.waiting.iter().filter(|w| w.location.is_some()).cloned().collect();
        Some(PlanOrder { lines, excluded: self.turned_down.clone(), promised, ..like.clone() })
    }
}

/// The same units of the same lines from the same places.
fn same(a: &[Assignment], b: &[Assignment]) -> bool {
    let sorted = |all: &[Assignment]| {
        let mut all: Vec<_> = all.iter().map(|a| (a.line_no, a.location, a.quantity)).collect();
        all.sort_unstable();
        all
    };
    sorted(a) == sorted(b)
}
