//! Whatever costs least in all, over one parcel or several: exact for the sizes that orders have.
//!
//! The problem is the one of the literature on multi-item fulfilment: each location that sends anything costs once (packing, the parcel, an amount for
//! each parcel), each unit costs where it comes from, and the carrier takes what the parcel's weight asks for. First as much as possible is sent; of
//! the ways to send that much, the cheapest is taken. Solved by branch and bound over what comes from where; the bound is what has been spent, the
//! parcels that must still be opened, and each remaining unit where it is cheapest. It is exact as long as no rate card asks less for more.

use super::allocate::{Block, parts_are_worth_it, replaces};
use super::{Assignment, Candidate, Needs, PlanOrder};
use crate::carriers::Parcel;
use crate::catalog::Size;
use crate::routing::facts::{Cost, CostOf};
use crate::routing::ruleset::ReadyAllocate;

/// So many partial ways are looked at; then the best so far is taken. Orders of a few lines need some hundreds.
const MOST_STEPS: u32 = 50_000;

/// What counts where a cost is not known: more than anything that is.
const UNKNOWN_MINOR: f64 = 1e9;

/// Something that is to come from one location, or of which each unit may come from another.
struct Item {
    /// Positions in the order with their units, each line once.
    lines: Vec<usize>,
    /// (SKU of [`Needs`], units).
    parts: Vec<(usize, i32)>,
    whole: bool,
}

/// What one location costs.
struct Site {
    candidate: usize,
    /// Once, without the carrier.
    opening: f64,
    /// The least that a carrier takes from here.
    least_carriage: f64,
    /// For a unit of each SKU of [`Needs`].
    of_unit: Vec<f64>,
}

/// So many units of an item from a site.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Taken {
    item: usize,
    site: usize,
    units: i32,
}

struct Search<'s, 'a> {
    order: &'s PlanOrder,
    candidates: &'s [Candidate<'a>],
    how: &'s ReadyAllocate,
    sizes: &'s [Size],
    items: Vec<Item>,
    sites: Vec<Site>,
    carriage_weight: f64,
    /// Before each item: the units that cannot be had of it and those after it, and the least that the rest of it costs.
    must_miss: Vec<i64>,
    least: Vec<f64>,
    /// By site and SKU.
    free: Vec<Vec<i32>>,
    parcels: Vec<Parcel>,
    carriage: Vec<f64>,
    open: Vec<bool>,
    taken: Vec<Taken>,
    missed: i64,
    spent: f64,
    steps: u32,
    best: Option<(i64, f64, Vec<Taken>)>,
}

/// See the module. Ranks the candidates by what the whole order would cost from each.
pub(super) fn cheapest(
    order: &PlanOrder,
    needs: &Needs,
    candidates: &mut Vec<Candidate<'_>>,
    how: &ReadyAllocate,
    blocks: &[Block],
    costs: &[(&'static Cost, f64)],
    traced: bool,
) -> Vec<Assignment> {
    let mut sizes = vec![Size::default(); needs.skus.len()];
    let mut amounts = vec![0i64; needs.skus.len()];
    for (line, at) in order.lines.iter().zip(&needs.of_line) {
        sizes[*at] = line.size;
        amounts[*at] = amounts[*at].saturating_add(line.amount_minor);
    }
    let unit_of = |at: usize| {
        let (sku, need) = needs.skus[at];
        CostOf { sku, grams: sizes[at].grams, price_minor: amounts[at] as f64 / f64::from(need.max(1)) }
    };
    let carriage_weight: f64 = costs.iter().filter(|(cost, _)| cost.carriage).map(|(_, weight)| weight / 100.0).sum();
    let sites: Vec<Site> = candidates
        .iter()
        .enumerate()
        .map(|(candidate, c)| {
            let parcel = |(cost, weight): &(&'static Cost, f64)| {
                let amount = cost.of_parcel.map_or(0.0, |read| read(&c.view).unwrap_or(UNKNOWN_MINOR));
                if amount == 0.0 || *weight == 0.0 { 0.0 } else { amount * cost.factor(*weight) }
            };
            let unit = |at: usize| costs.iter().filter_map(|(cost, weight)| Some(cost.of_unit?(&c.view, &unit_of(at)) * cost.factor(*weight))).sum();
            Site {
                candidate,
                opening: costs.iter().map(parcel).sum(),
                least_carriage: if carriage_weight > 0.0 { carriage_weight * carriage_of(c, &Parcel::default()) } else { 0.0 },
                of_unit: (0..needs.skus.len()).map(unit).collect(),
            }
        })
        .collect();
    let whole_order = |site: &Site| {
        let everything = Parcel::of(needs.skus.iter().enumerate().map(|(at, (_, need))| (sizes[at], *need)));
        let carriage = if carriage_weight > 0.0 { carriage_weight * carriage_of(&candidates[site.candidate], &everything) } else { 0.0 };
        site.opening + carriage + needs.skus.iter().zip(&site.of_unit).map(|((_, need), cost)| f64::from(*need) * cost).sum::<f64>()
    };
    let alone: Vec<f64> = sites.iter().map(whole_order).collect();
    if traced {
        for (candidate, cost) in candidates.iter_mut().zip(&alone) {
            candidate.scores.push(Some(*cost));
        }
    }
    let found =
        Search::new(order, needs, candidates, how, blocks, &sizes, useful(sites, needs, candidates, &alone, carriage_weight), carriage_weight)
            .solve();
    if traced {
        let mut ranked: Vec<(usize, f64)> = alone.into_iter().enumerate().collect();
        ranked.sort_by(|a, b| a.1.total_cmp(&b.1).then(a.0.cmp(&b.0)));
        let mut slots: Vec<Option<Candidate<'_>>> = candidates.drain(..).map(Some).collect();
        candidates.extend(ranked.into_iter().filter_map(|(at, _)| slots[at].take()));
    }
    found
}

/// What the carrier takes for a parcel from a location, minor units.
fn carriage_of(candidate: &Candidate<'_>, parcel: &Parcel) -> f64 {
    let view = &candidate.view;
    let Some(sending) = view.sending else { return UNKNOWN_MINOR };
    let promised_by = view.order.lines.iter().filter_map(|l| l.promised_by).min();
    sending.cost(view.location, parcel, promised_by).map_or(UNKNOWN_MINOR, |minor| minor as f64)
}

/// The sites, those first that would be cheapest for the whole order, without those that a cheaper one replaces in any way. What a carrier takes can only
/// be compared where nothing depends on it.
fn useful(sites: Vec<Site>, needs: &Needs, candidates: &[Candidate<'_>], alone: &[f64], carriage_weight: f64) -> Vec<Site> {
    let mut sites = sites;
    sites.sort_by(|a, b| alone[a.candidate].total_cmp(&alone[b.candidate]).then(a.candidate.cmp(&b.candidate)));
    let mut kept: Vec<Site> = Vec::new();
    for site in sites {
        let replaced = carriage_weight == 0.0
            && kept.iter().any(|better| {
                better.opening <= site.opening
                    && better.of_unit.iter().zip(&site.of_unit).all(|(a, b)| a <= b)
                    && replaces(&candidates[better.candidate].free, &candidates[site.candidate].free, needs)
            });
        if !replaced {
            kept.push(site);
        }
    }
    kept
}

impl<'s, 'a> Search<'s, 'a> {
    fn new(
        order: &'s PlanOrder,
        needs: &'s Needs,
        candidates: &'s [Candidate<'a>],
        how: &'s ReadyAllocate,
        blocks: &[Block],
        sizes: &'s [Size],
        sites: Vec<Site>,
        carriage_weight: f64,
    ) -> Self {
        let mut items: Vec<Item> = blocks
            .iter()
            .map(|block| {
                let mut parts: Vec<(usize, i32)> = Vec::new();
                for &line in &block.lines {
                    let (at, units) = (needs.of_line[line], order.lines[line].quantity);
                    match parts.iter_mut().find(|(other, _)| *other == at) {
                        Some((_, sum)) => *sum = sum.saturating_add(units),
                        None => parts.push((at, units)),
                    }
                }
                Item { lines: block.lines.clone(), parts, whole: block.whole }
            })
            .collect();
        let free: Vec<Vec<i32>> = sites.iter().map(|site| candidates[site.candidate].free.clone()).collect();
        let can = |item: &Item| free.iter().filter(|free| item.parts.iter().any(|(at, _)| free[*at] > 0)).count();
        // What few can serve is decided first.
        items.sort_by_key(|item| (!item.whole, can(item)));
        let missing_of = |item: &Item| -> i64 {
            let wanted: i64 = item.parts.iter().map(|(_, units)| i64::from(*units)).sum();
            let most: i64 = if item.whole {
                let fits = |free: &Vec<i32>| item.parts.iter().all(|(at, units)| free[*at] >= *units);
                if free.iter().any(fits) { wanted } else { 0 }
            } else {
                item.parts.iter().map(|(at, units)| free.iter().map(|f| i64::from(f[*at])).sum::<i64>().min(i64::from(*units))).sum()
            };
            wanted - most
        };
        // What a unit costs at least where it is there at all; nothing where its units may be missed and cost more than nothing.
        let least_of = |item: &Item| -> f64 {
            let cheapest = |at: usize| {
                let costs = sites.iter().zip(&free).filter(|(_, free)| free[at] > 0).map(|(site, _)| site.of_unit[at]);
                costs.min_by(f64::total_cmp).unwrap_or(0.0)
            };
            let may_be_missed = missing_of(item) > 0;
            let cost: f64 = item.parts.iter().map(|(at, units)| cheapest(*at) * f64::from(*units)).sum();
            if may_be_missed { cost.min(0.0) } else { cost }
        };
        let mut must_miss = vec![0; items.len() + 1];
        let mut least = vec![0.0; items.len() + 1];
        for at in (0..items.len()).rev() {
            must_miss[at] = must_miss[at + 1] + missing_of(&items[at]);
            least[at] = least[at + 1] + least_of(&items[at]);
        }
        let (count, steps) = (sites.len(), 0);
        Self {
            order,
            candidates,
            how,
            sizes,
            items,
            sites,
            carriage_weight,
            must_miss,
            least,
            free,
            parcels: vec![Parcel::default(); count],
            carriage: vec![0.0; count],
            open: vec![false; count],
            taken: Vec::new(),
            missed: 0,
            spent: 0.0,
            steps,
            best: None,
        }
    }

    fn solve(mut self) -> Vec<Assignment> {
        self.place(0);
        let best = self.best.take().map(|(_, _, taken)| taken).unwrap_or_default();
        self.assignments(&best)
    }

    /// The least that can come of it from an item on; of costs, nothing is known once units are missed.
    fn is_worse(&self, item: usize, more: f64) -> bool {
        let Some((missed, cost, _)) = &self.best else { return false };
        let misses = self.missed + self.must_miss[item];
        misses > *missed || (misses == *missed && self.spent + more + self.least[item] >= *cost)
    }

    /// What opening another parcel costs at least, where a later item needs one.
    fn opening_to_come(&self, item: usize) -> f64 {
        let served = |item: &Item| {
            let has = |free: &Vec<i32>| item.parts.iter().any(|(at, _)| free[*at] > 0);
            (0..self.sites.len()).any(|site| self.open[site] && has(&self.free[site]))
        };
        let needs_one = self.items[item..].iter().any(|item| !served(item) && self.free.iter().any(|f| item.parts.iter().any(|(at, _)| f[*at] > 0)));
        if !needs_one || self.missed > 0 || self.must_miss[item] > 0 {
            return 0.0;
        }
        let closed = self.sites.iter().zip(&self.open).filter(|(_, open)| !**open).map(|(site, _)| site.opening + site.least_carriage);
        closed.min_by(f64::total_cmp).unwrap_or(0.0)
    }

    fn place(&mut self, item: usize) {
        self.steps += 1;
        if self.steps > MOST_STEPS || self.is_worse(item, self.opening_to_come_if_any(item)) {
            return;
        }
        if item == self.items.len() {
            let taken = self.taken.clone();
            if self.how.least_part_minor <= 0 || parts_are_worth_it(self.order, &self.assignments(&taken), self.how.least_part_minor) {
                self.best = Some((self.missed, self.spent, taken));
            }
            return;
        }
        if self.items[item].whole { self.place_whole(item) } else { self.place_units(item, self.items[item].parts[0].1, 0, self.how.per_line) }
    }

    fn opening_to_come_if_any(&self, item: usize) -> f64 {
        if item == self.items.len() { 0.0 } else { self.opening_to_come(item) }
    }

    fn may_open(&self, site: usize) -> bool {
        self.open[site] || self.open.iter().filter(|open| **open).count() < self.how.parcels
    }

    fn place_whole(&mut self, item: usize) {
        let units: i32 = self.items[item].parts.iter().map(|(_, units)| *units).sum();
        for site in 0..self.sites.len() {
            if self.may_open(site) && self.items[item].parts.iter().all(|(at, units)| self.free[site][*at] >= *units) {
                let parts = self.items[item].parts.clone();
                let undo = self.take(site, &parts);
                self.taken.push(Taken { item, site, units });
                self.place(item + 1);
                self.taken.pop();
                self.give_back(site, &parts, undo);
            }
        }
        self.missed += i64::from(units);
        self.place(item + 1);
        self.missed -= i64::from(units);
    }

    /// So many units of an item are left, which come from sites from one on, from so many at most.
    fn place_units(&mut self, item: usize, left: i32, from: usize, most: usize) {
        if left == 0 {
            return self.place(item + 1);
        }
        let at = self.items[item].parts[0].0;
        if most > 0 {
            for site in from..self.sites.len() {
                let there = self.free[site][at].min(left);
                if there <= 0 || !self.may_open(site) {
                    continue;
                }
                for units in (1..=there).rev() {
                    self.steps += 1;
                    if self.steps > MOST_STEPS {
                        return;
                    }
                    let parts = [(at, units)];
                    let undo = self.take(site, &parts);
                    self.taken.push(Taken { item, site, units });
                    if !self.is_worse(item + 1, 0.0) {
                        self.place_units(item, left - units, site + 1, most - 1);
                    }
                    self.taken.pop();
                    self.give_back(site, &parts, undo);
                }
            }
        }
        self.missed += i64::from(left);
        if !self.is_worse(item + 1, 0.0) {
            self.place(item + 1);
        }
        self.missed -= i64::from(left);
    }

    /// Takes units from a site; returns what it was before.
    fn take(&mut self, site: usize, parts: &[(usize, i32)]) -> (f64, f64, Parcel, bool) {
        let before = (self.spent, self.carriage[site], self.parcels[site], self.open[site]);
        if !self.open[site] {
            self.open[site] = true;
            self.spent += self.sites[site].opening;
        }
        for (at, units) in parts {
            self.free[site][*at] -= units;
            self.spent += f64::from(*units) * self.sites[site].of_unit[*at];
        }
        if self.carriage_weight > 0.0 {
            let more = Parcel::of(parts.iter().map(|(at, units)| (self.sizes[*at], *units)));
            let all = &mut self.parcels[site];
            (all.grams, all.volume_ml, all.longest_mm) =
                (all.grams + more.grams, all.volume_ml + more.volume_ml, all.longest_mm.max(more.longest_mm));
            let carriage = self.carriage_weight * carriage_of(&self.candidates[self.sites[site].candidate], &self.parcels[site]);
            self.spent += carriage - self.carriage[site];
            self.carriage[site] = carriage;
        }
        before
    }

    fn give_back(&mut self, site: usize, parts: &[(usize, i32)], before: (f64, f64, Parcel, bool)) {
        for (at, units) in parts {
            self.free[site][*at] += units;
        }
        (self.spent, self.carriage[site], self.parcels[site], self.open[site]) = before;
    }

    fn assignments(&self, taken: &[Taken]) -> Vec<Assignment> {
        let mut made: Vec<(usize, usize, i32)> = Vec::new();
        for one in taken {
            let item = &self.items[one.item];
            for &line in &item.lines {
                let units = if item.whole { self.order.lines[line].quantity } else { one.units };
                made.push((line, self.sites[one.site].candidate, units));
            }
        }
        made.sort_unstable();
        let made = made.into_iter().map(|(line, candidate, quantity)| Assignment {
            line_no: self.order.lines[line].line_no,
            location: self.candidates[candidate].view.id(),
            quantity,
        });
        made.collect()
    }
}
