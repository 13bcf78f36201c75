//! Whatever costs least in all, over one parcel or several: exact for the sizes that orders have.
//!
//! The problem is the one of the literature on multi-item fulfilment: each location that sends anything costs once (packing, the parcel, an amount for
//! each parcel), each unit costs where it comes from, and the carrier takes what the parcel's weight asks for. First as much as possible is sent; of
//! the ways to send that much, the cheapest is taken. Solved by branch and bound over what comes from where; the bound is what has been spent, the
//! parcels that must still be opened, and each remaining unit where it is cheapest. It begins from the fewest parcels, and ends with the best that was found
//! after [`MOST_STEPS`]. Until then it is exact, as long as no rate card asks less for more. Of one thing, all places but one give all that they have: where each
//! unit costs the same as the next, a best way is like that. Where the carrier asks by weight, up to [`FEW_UNITS`] are split in every way.

use super::allocate::{Block, Taking, parts_are_worth_it, replaces};
use super::{Assignment, Candidate, Needs, PlanOrder, units};
use crate::carriers::Parcel;
use crate::catalog::Size;
use crate::promising::Reach;
use crate::routing::facts::{Cost, CostOf};
use crate::routing::ruleset::ReadyAllocate;

/// So many partial ways are looked at; then the best so far is taken. Orders of a few lines need some hundreds.
const MOST_STEPS: u32 = 50_000;

/// So few units of one thing are split in every way where what the carrier takes depends on it.
const FEW_UNITS: i32 = 12;

/// Orders of more things than this are not searched: they come in as few parcels as it takes, from where they would be cheapest.
const MOST_ITEMS: usize = 200;

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

/// What one location costs. Sites stand in the order of the candidates.
struct Site<'a> {
    /// Once, without the carrier.
    opening: f64,
    /// The least that a carrier takes from here.
    least_carriage: f64,
    /// For a unit of each SKU of [`Needs`].
    of_unit: Vec<f64>,
    /// The services that a parcel from here may go by.
    ways: Vec<&'a Reach<'a>>,
}

/// So many units of an item from a site.
#[derive(Clone, Copy)]
struct Taken {
    item: usize,
    site: usize,
    units: i32,
}

struct Search<'s, 'a> {
    order: &'s PlanOrder,
    needs: &'s Needs,
    candidates: &'s [Candidate<'a>],
    how: &'s ReadyAllocate,
    sizes: &'s [Size],
    items: Vec<Item>,
    sites: Vec<Site<'a>>,
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
    best: Option<(i64, f64, Vec<Assignment>)>,
}

/// See the module. Ranks the candidates by what the whole order would cost from each.
pub(super) fn cheapest<'a>(
    order: &PlanOrder,
    needs: &Needs,
    candidates: &mut Vec<Candidate<'a>>,
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
    let site = |c: &Candidate<'a>| {
        let parcel = |(cost, weight): &(&'static Cost, f64)| {
            let amount = cost.of_parcel.map_or(0.0, |read| read(&c.view).unwrap_or(UNKNOWN_MINOR));
            if amount == 0.0 || *weight == 0.0 { 0.0 } else { amount * cost.factor(*weight) }
        };
        let unit = |at: usize| costs.iter().filter_map(|(cost, weight)| Some(cost.of_unit?(&c.view, &unit_of(at)) * cost.factor(*weight))).sum();
        let ways = c.view.sending.filter(|_| carriage_weight > 0.0).map(|sending| sending.ways(c.view.location, order.promised_by()));
        let opening = costs.iter().map(parcel).sum();
        let of_unit = (0..needs.skus.len()).map(unit).collect();
        let mut site = Site { opening, least_carriage: 0.0, of_unit, ways: ways.unwrap_or_default() };
        site.least_carriage = site.carriage(c, &Parcel::default(), carriage_weight);
        site
    };
    let everything = Parcel::of(needs.skus.iter().enumerate().map(|(at, (_, need))| (sizes[at], *need)));
    let alone = |c: &Candidate<'_>, site: &Site<'_>| {
        let of_units: f64 = needs.skus.iter().zip(&site.of_unit).map(|((_, need), cost)| f64::from(*need) * cost).sum();
        site.opening + site.carriage(c, &everything, carriage_weight) + of_units
    };
    let costed = candidates.drain(..).map(|c| {
        let site = site(&c);
        (alone(&c, &site), c, site)
    });
    // Those first that would be cheapest for the whole order; ties keep the order of the location codes.
    let mut costed: Vec<_> = costed.collect();
    costed.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut sites = Vec::with_capacity(costed.len());
    for (cost, mut candidate, site) in costed {
        if traced {
            candidate.scores.push(Some(cost));
        }
        candidates.push(candidate);
        sites.push(site);
    }
    let fewest = Taking { order, needs, candidates, how, blocks }.fewest();
    if blocks.len() > MOST_ITEMS {
        return fewest;
    }
    let mut search = Search::new(order, needs, candidates, how, blocks, &sizes, sites, carriage_weight);
    search.begin_with(fewest);
    search.place(0);
    search.best.map(|(_, _, way)| way).unwrap_or_default()
}

impl Site<'_> {
    /// What the carrier takes for a parcel from here, weighed, minor units.
    fn carriage(&self, candidate: &Candidate<'_>, parcel: &Parcel, weight: f64) -> f64 {
        if weight == 0.0 {
            return 0.0;
        }
        let view = &candidate.view;
        let minor = view.sending.and_then(|sending| sending.carriage(view.location, &self.ways, parcel));
        weight * minor.map_or(UNKNOWN_MINOR, |minor| minor as f64)
    }
}

/// What each site could give, without those that a cheaper one replaces in any way. What a carrier takes can only be compared where nothing depends on it.
fn useful_units(sites: &[Site<'_>], needs: &Needs, candidates: &[Candidate<'_>], carriage_weight: f64) -> Vec<Vec<i32>> {
    let is_replaced = |at: usize| {
        (0..at).any(|better| {
            sites[better].opening <= sites[at].opening
                && sites[better].of_unit.iter().zip(&sites[at].of_unit).all(|(a, b)| a <= b)
                && replaces(&candidates[better].free, &candidates[at].free, needs)
        })
    };
    let units = |at: usize| if carriage_weight == 0.0 && is_replaced(at) { vec![0; needs.skus.len()] } else { candidates[at].free.clone() };
    (0..sites.len()).map(units).collect()
}

impl<'s, 'a> Search<'s, 'a> {
    fn new(
        order: &'s PlanOrder,
        needs: &'s Needs,
        candidates: &'s [Candidate<'a>],
        how: &'s ReadyAllocate,
        blocks: &[Block],
        sizes: &'s [Size],
        sites: Vec<Site<'a>>,
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
        let free = useful_units(&sites, needs, candidates, carriage_weight);
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
            needs,
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

    /// A way that is known: nothing dearer is looked for.
    fn begin_with(&mut self, way: Vec<Assignment>) {
        let wanted: i64 = self.order.lines.iter().map(|l| i64::from(l.quantity)).sum();
        let mut spent = 0.0;
        for (candidate, site) in self.candidates.iter().zip(&self.sites) {
            let from = way.iter().filter(|a| a.location == candidate.view.id());
            let of_sku = |a: &Assignment| Some((self.needs.of_line[self.order.lines.iter().position(|l| l.line_no == a.line_no)?], a.quantity));
            let parts: Vec<(usize, i32)> = from.filter_map(of_sku).collect();
            if !parts.is_empty() {
                let parcel = Parcel::of(parts.iter().map(|(at, units)| (self.sizes[*at], *units)));
                let of_units: f64 = parts.iter().map(|(at, units)| f64::from(*units) * site.of_unit[*at]).sum();
                spent += site.opening + of_units + site.carriage(candidate, &parcel, self.carriage_weight);
            }
        }
        self.best = Some((wanted - units(&way), spent, way));
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
            let way = self.assignments();
            if parts_are_worth_it(self.order, &way, self.how.least_part_minor) {
                self.best = Some((self.missed, self.spent, way));
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

    /// So many units of an item are left, which come from so many sites at most. Sites that give a part of it stand in their order from one on.
    fn place_units(&mut self, item: usize, left: i32, from: usize, most: usize) {
        if left == 0 {
            return self.place(item + 1);
        }
        let (at, all) = self.items[item].parts[0];
        let in_every_way = self.carriage_weight > 0.0 && all <= FEW_UNITS;
        for site in 0..if most > 0 { self.sites.len() } else { 0 } {
            let there = self.free[site][at].min(left);
            if there <= 0 || !self.may_open(site) || (site < from && (in_every_way || there < left)) {
                continue;
            }
            // All that it has, or all that is left: of the best ways one is like that, where a unit costs the same as the next.
            for units in (if in_every_way { 1 } else { there }..=there).rev() {
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
            let carriage = self.sites[site].carriage(&self.candidates[site], &self.parcels[site], self.carriage_weight);
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

    fn assignments(&self) -> Vec<Assignment> {
        let mut made: Vec<(usize, usize, i32)> = Vec::new();
        for one in &self.taken {
            let item = &self.items[one.item];
            for &line in &item.lines {
                let units = if item.whole { self.order.lines[line].quantity } else { one.units };
                made.push((line, one.site, units));
            }
        }
        made.sort_unstable();
        let made = made.into_iter().map(|(line, site, quantity)| Assignment {
            line_no: self.order.lines[line].line_no,
            location: self.candidates[site].view.id(),
            quantity,
        });
        made.collect()
    }
}
