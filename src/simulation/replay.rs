//! Going through a period again. Pure: what happened is handed in, in order of time, with each network as it was.

use super::course::{Course, Held};
use super::gathered::Gathered;
use super::happened::{Debt, Decided, Happened, What};
use super::tally::{Sent, Tally};
use super::views::{Findings, Move};
use crate::catalog::{Size, SkuTraits};
use crate::ids::{LocationId, OrderId, RulesetId, SkuId};
use crate::inventory::{Network, Snapshot, StockView};
use crate::routing::{Assignment, LookUps, Plan, PlanLine, PlanOrder, Queue, Ruleset, TurnedDown, Waiting, plan, plan_traced, tell_decision};
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
    /// Places of which somebody has taken units since it was last looked at whether what the simulation holds is still there.
    drained: BTreeSet<(SkuId, LocationId)>,
    gathered: Gathered,
}

impl Replay {
    /// `stock` is of all SKUs when the period begins; `debts` is what others were owed.
    pub fn new(network: Network, stock: StockView, things: Things, rulebook: Rulebook, debts: BTreeMap<(SkuId, LocationId), Vec<Debt>>) -> Self {
        let rules = match &rulebook {
            Rulebook::One(ruleset) => ruleset.rules.len(),
            Rulebook::AsItWas(_) => 0,
        };
        Self {
            gathered: Gathered::from(&stock, rules),
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
            drained: BTreeSet::new(),
        }
    }

    /// Goes through the next that happened.
    pub fn step(&mut self, happened: Happened) {
        if happened.at > self.at {
            self.end_moment();
            let day = |at: DateTime<Utc>| at.with_timezone(&self.network.clock).date_naive();
            if day(happened.at) > day(self.at) {
                // A day begins anew: what waits is looked at again.
                self.came.extend(self.waiting.keys().copied());
            }
            self.at = happened.at;
        }
        match happened.what {
            What::Moved { sku, location, units } => {
                self.stock.levels.entry(sku, location).on_hand += units;
                self.gathered.came(location, units);
                if units > 0 {
                    self.came.insert(sku);
                } else {
                    self.drained.insert((sku, location));
                }
            }
            What::Kept { sku, location, units } => self.keep(sku, location, units),
            What::Owed { sku, location, debt, closes: false } => self.owe(sku, location, debt),
            What::Owed { sku, location, debt, closes: true } => self.settle(sku, location, debt.order, debt.units),
            What::Promised { sku, location, line_no, debt } => self.promise(debt.order, sku, location, line_no, debt),
            What::Replaced { order, line_no, by_line, by, units } => self.replace(order, line_no, (by_line, by), units),
            What::CalledOff { order, lines } => self.call_off(order, &lines),
            What::Left { order, sku, location, units } => self.leave(order, sku, location, units),
            What::GivenUp { order, location, lines, refusal } => self.give_up(order, location, &lines, refusal),
            What::Taken { location, day, orders } => *self.taken.entry((location, day)).or_default() += orders,
            What::Cancelled { order, lines } => self.cancel(order, lines),
            What::Decided(decided) => self.decide(*decided),
        }
    }

    /// The period is over: what is still on its way counts as it stands.
    pub fn finish(mut self) -> (Findings, Vec<(OrderId, Move)>) {
        self.end_moment();
        for order in self.courses.keys().copied().collect::<Vec<_>>() {
            self.end(order);
        }
        self.gathered.finish(&self.network)
    }

    /// Orders that went elsewhere and have come to their end since this was last asked.
    pub fn take_moves(&mut self) -> Vec<(OrderId, Move)> {
        std::mem::take(&mut self.gathered.moves)
    }

    fn keep(&mut self, sku: SkuId, location: LocationId, units: i32) {
        self.stock.levels.entry(sku, location).reserved += units;
        if units < 0 {
            self.came.insert(sku);
        } else {
            self.drained.insert((sku, location));
        }
    }

    fn owe(&mut self, sku: SkuId, location: LocationId, debt: Debt) {
        let level = self.stock.levels.entry(sku, location);
        level.backordered += debt.units;
        level.ahead += debt.units;
        self.debts.entry((sku, location)).or_default().push(debt);
    }

    /// Units are owed no longer.
    fn settle(&mut self, sku: SkuId, location: LocationId, order: OrderId, units: i32) {
        let Some(debts) = self.debts.get_mut(&(sku, location)) else { return };
        let Some(at) = debts.iter().position(|d| d.order == order && d.units == units) else { return };
        debts.remove(at);
        let level = self.stock.levels.entry(sku, location);
        level.backordered -= units;
        level.ahead -= units;
    }

    /// Units of an order left: those that the simulation holds leave, at the same location before others.
    fn leave(&mut self, order: OrderId, sku: SkuId, location: LocationId, units: i32) {
        self.gathered.left(location, units);
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
            let level = self.stock.levels.entry(sku, held.location);
            level.on_hand -= leaving;
            level.reserved -= leaving;
            self.gathered.would_have_left(held.location, leaving);
            course.simulated.parcels.iter_mut().filter(|parcel| parcel.location == held.location).for_each(|parcel| parcel.has_left = true);
        }
        course.held.retain(|held| held.units > 0);
        if course.is_over() {
            self.end(order);
        }
    }

    /// Something else was put in the place of units that an order waited for: of those that wait in the simulation, too.
    fn replace(&mut self, order: OrderId, line_no: i32, (by_line, by): (i32, SkuId), units: i32) {
        let Some(course) = self.courses.get_mut(&order) else { return };
        let Some(line) = course.lines.iter().find(|line| line.line_no == line_no) else { return };
        let traits = self.things.traits.get(&by).map(Arc::clone).unwrap_or_default();
        let size = self.things.sizes.get(&by).copied().unwrap_or_default();
        let line = PlanLine { line_no: by_line, sku: by, size, traits, ..line.of_units(units) };
        course.lines.push(line);
        let quantity = course.stop_waiting(line_no, units);
        if quantity > 0 {
            course.waiting.push(Waiting { line_no: by_line, quantity, queue: Queue::Unrouted, location: None, expected_at: None });
            self.waiting.entry(by).or_default().insert((course.placed_at, order));
        }
    }

    /// Units that an order waited for were called off: of those that wait in the simulation, too.
    fn call_off(&mut self, order: OrderId, lines: &[(i32, i32)]) {
        let Some(course) = self.courses.get_mut(&order) else { return };
        for (line_no, units) in lines {
            self.gathered.findings.real.lines_cancelled += 1;
            self.gathered.findings.simulated.lines_cancelled += u32::from(course.stop_waiting(*line_no, *units) > 0);
        }
        if course.is_over() {
            self.end(order);
        }
    }

    /// A location turned an order down, or it was taken from it: where it has it in the simulation, too, that happens there.
    fn give_up(&mut self, order: OrderId, location: LocationId, lines: &[(i32, i32)], refusal: Option<TurnedDown>) {
        let Some(course) = self.courses.get_mut(&order) else { return };
        course.real.turned_down(location, lines.iter().map(|(_, units)| units).sum());
        let lost: Vec<Held> = lines.iter().flat_map(|(line_no, units)| course.give_up(location, *line_no, *units)).collect();
        if lost.is_empty() {
            return;
        }
        let given_up = course.simulated.turned_down(location, lost.iter().map(|held| held.units).sum());
        course.turned_down.extend(refusal);
        self.let_wait(order, lost);
        self.give_back(&given_up);
    }

    /// Units that an order held wait to be routed again.
    fn let_wait(&mut self, order: OrderId, lost: Vec<Held>) {
        let Some(course) = self.courses.get_mut(&order) else { return };
        let placed_at = course.placed_at;
        let waits = |held: &Held| Waiting { line_no: held.line_no, quantity: held.units, queue: Queue::Rejected, location: None, expected_at: None };
        course.waiting.extend(lost.iter().map(waits));
        for held in lost {
            self.keep(held.sku, held.location, -held.units);
            self.waiting.entry(held.sku).or_default().insert((placed_at, order));
        }
    }

    /// Everything of a moment has happened: what the simulation holds and is not there any more waits, as it does when the books are found to be wrong, those
    /// who came last before the others; then it is looked at what waits.
    fn end_moment(&mut self) {
        for (sku, location) in std::mem::take(&mut self.drained) {
            let level = self.stock.levels.get(sku, location);
            let mut missing = level.reserved - level.on_hand;
            if missing <= 0 {
                continue;
            }
            let holds = |course: &Course| course.held.iter().any(|held| (held.sku, held.location) == (sku, location));
            let mut holders: Vec<_> = self.courses.iter().filter(|(_, course)| holds(course)).map(|(id, course)| (course.placed_at, *id)).collect();
            holders.sort_unstable_by(|a, b| b.cmp(a));
            for (_, id) in holders {
                let Some(course) = self.courses.get_mut(&id).filter(|_| missing > 0) else { break };
                let lines: Vec<i32> =
                    course.held.iter().filter(|held| (held.sku, held.location) == (sku, location)).map(|held| held.line_no).collect();
                let mut lost: Vec<Held> = Vec::new();
                for line_no in lines {
                    let given_up: i32 = lost.iter().map(|held| held.units).sum();
                    lost.extend(course.give_up(location, line_no, missing - given_up));
                }
                let units: i32 = lost.iter().map(|held| held.units).sum();
                course.simulated.lose(location, units);
                course.is_alike = false;
                missing -= units;
                self.let_wait(id, lost);
            }
        }
        self.look_at_waiting();
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

    /// An order was called off, in truth with something of so many lines: of what has not left, nothing is left.
    fn cancel(&mut self, order: OrderId, lines: u32) {
        let Some(mut course) = self.courses.remove(&order) else { return };
        self.gathered.findings.real.lines_cancelled += lines;
        let open: BTreeSet<i32> = course.held.iter().map(|held| held.line_no).chain(course.waiting.iter().map(|w| w.line_no)).collect();
        self.gathered.findings.simulated.lines_cancelled += u32::try_from(open.len()).unwrap_or(u32::MAX);
        for held in std::mem::take(&mut course.held) {
            self.keep(held.sku, held.location, -held.units);
        }
        self.forget_waiting(order, &mut course);
        course.real.call_off();
        let given_up = course.simulated.call_off();
        self.give_back(&given_up);
        if !course.real.parcels.is_empty() {
            self.gathered.count(order, course, &self.network);
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
        self.gathered.findings.decisions += 1;
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
        let asked = if is_first || course.waits_for(&order) { self.as_asked(&course, order.clone()) } else { self.rest(&course, &order) };
        course.order = order;
        let is_alike = match asked {
            None => real.assignments.is_empty(),
            Some(asked) => {
                let plan = self.plan(id, &mut course, &asked, is_first, Some((no, &real)));
                plan.is_some_and(|plan| same(&plan.assignments, &real.assignments))
            }
        };
        for (place, passed) in freed {
            if let Some(level) = self.stock.levels.get_mut(place.0, place.1) {
                level.ahead += passed;
            }
            self.came.insert(place.0);
        }
        self.gathered.findings.alike += u32::from(is_alike);
        course.is_alike &= is_alike;
        self.courses.insert(id, course);
    }

    /// An order as it was asked for, of those who may be asked by the rules that it goes by here. Who would do none of it is known from then.
    fn as_asked(&self, course: &Course, mut order: PlanOrder) -> Option<PlanOrder> {
        order.leave_out_lacking(&course.turned_down, self.rulebook.of(course.made_by)?.not_again_days, &self.network, self.at);
        Some(order)
    }

    /// What waits of an order, asked for as `like` was, of those who may be asked by the rules that it goes by here.
    fn rest(&self, course: &Course, like: &PlanOrder) -> Option<PlanOrder> {
        let mut order = course.rest(like)?;
        order.leave_out(&course.turned_down, self.rulebook.of(course.made_by)?.not_again_days, &self.network, self.at);
        Some(order)
    }

    /// Plans what is open of an order, and takes what was found.
    fn plan(&mut self, id: OrderId, course: &mut Course, asked: &PlanOrder, is_new: bool, real: Option<(i32, &Plan)>) -> Option<Plan> {
        if !is_new {
            self.see_debts(id, course.placed_at, asked);
        }
        let ruleset = self.rulebook.of(course.made_by)?;
        let snapshot = Snapshot { at: self.at, network: &self.network, stock: &self.stock };
        let mut plan = plan(asked, &snapshot, ruleset);
        let is_another = match real {
            Some((_, real)) => !same(&plan.assignments, &real.assignments),
            None => !plan.assignments.is_empty(),
        };
        if course.explanation.is_none() && is_another {
            let (again, trace) = plan_traced(asked, &snapshot, ruleset);
            course.explanation = Some((real.map(|(no, _)| no), tell_decision(ruleset, &snapshot, asked, &again, &trace)));
            plan = again;
        }
        if is_new {
            self.gathered.used(plan.rule, &course.number);
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
            self.stock.levels.entry(sku, assignment.location).reserved += assignment.quantity;
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

    /// A date of what an order waits for became known, or another, without its being planned: it is so in the simulation where it waits for the same there.
    fn promise(&mut self, order: OrderId, sku: SkuId, location: LocationId, line_no: i32, debt: Debt) {
        let Some(course) = self.courses.get_mut(&order) else { return };
        let of_line = |waiting: &&mut Waiting| waiting.line_no == line_no && waiting.quantity == debt.units;
        let known = course.waiting.iter_mut().filter(of_line).find(|waiting| waiting.location == Some(location));
        if let Some(waiting) = known {
            waiting.expected_at = Some(debt.expected_at);
            self.settle(sku, location, order, debt.units);
            self.owe(sku, location, debt);
        } else if course.is_alike
            && let Some(waiting) = course.waiting.iter_mut().filter(of_line).find(|waiting| waiting.location.is_none())
        {
            (waiting.location, waiting.expected_at) = (Some(location), Some(debt.expected_at));
            self.owe(sku, location, debt);
        }
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
                if let Some(level) = self.stock.levels.get_mut(place.0, place.1) {
                    level.ahead = debts.iter().filter(is_before).map(|debt| debt.units).sum();
                }
            }
        }
    }

    /// A new order comes after everything that is owed.
    fn see_all_debts(&mut self, asked: &PlanOrder) {
        for sku in asked.lines.iter().map(|line| line.sku) {
            self.stock.levels.of_mut(sku).for_each(|level| level.ahead = level.backordered);
        }
    }

    /// Orders that wait for something of which some has come are planned again, those placed first before the others. One that is like it was is planned
    /// when it was.
    pub fn look_at_waiting(&mut self) {
        let mut orders: BTreeSet<(DateTime<Utc>, OrderId)> = BTreeSet::new();
        for sku in std::mem::take(&mut self.came) {
            // What nobody has and nobody is to have is found by no rule.
            let is_somewhere = self.stock.levels.of(sku).iter().any(|(_, level)| level.on_hand > level.reserved);
            if is_somewhere || self.network.later.contains_key(&sku) {
                orders.extend(self.waiting.get(&sku).into_iter().flatten());
            }
        }
        if !orders.is_empty() {
            self.see_capacity();
        }
        for (_, id) in orders {
            let Some(mut course) = self.courses.remove(&id) else { continue };
            if !(course.is_alike && course.to_come > 0)
                && let Some(asked) = self.rest(&course, &course.order)
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
        self.gathered.count(order, course, &self.network);
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
