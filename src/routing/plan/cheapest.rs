//! Whatever costs least in all, over one parcel or several: exact for the sizes that orders have.
//!
//! The problem is the one of the literature on multi-item fulfilment: each location that sends anything costs once (packing, the parcel, an amount for
//! each parcel), each unit costs where it comes from, and the carrier takes what the parcel's weight asks for. First as much as possible is sent; of
//! the ways to send that much, the cheapest is taken. Solved by branch and bound over what comes from where; the bound is what has been spent, the
//! parcels that must still be opened or what carriers take for the weight that is left, and each remaining unit where it is cheapest. It begins from the fewest
//! parcels, made cheaper move by move ([`Spread`]), and ends with the best that was found after [`STEPS`], or [`STEPS_OF_MANY`] of larger orders, and says so
//! where it was cut short. Until then it is exact, as long as no rate card asks less for more. Of one thing, all places but one give all that they have: where each unit costs the same as the next, a
//! best way is like that. Where the carrier asks by weight, up to [`FEW_UNITS`] are split in every way.

use super::allocate::{Block, Chosen, Held, Taking, parts_are_worth_it};
use super::spread::Spread;
use super::{Assignment, Candidate, Needs, PlanOrder, units};
use crate::carriers::Parcel;
use crate::catalog::Size;
use crate::routing::facts::{Cost, CostOf};
use crate::routing::ruleset::ReadyAllocate;
use crate::routing::sending::Carriage;

/// So many partial ways are looked at; then the best so far is taken. Orders of a few lines need some hundreds.
const STEPS: u32 = 50_000;

/// Of orders of more things than [`FEW_ITEMS`]: what more steps find is a hundredth cheaper, and takes ten times as long.
const STEPS_OF_MANY: u32 = 3_000;

/// See [`STEPS_OF_MANY`].
const FEW_ITEMS: usize = 7;

/// So few units of one thing are split in every way where what the carrier takes depends on it.
const FEW_UNITS: i32 = 12;

/// Orders of more things than this are not searched: they come in as few parcels as it takes, from where they would be cheapest.
const MOST_ITEMS: usize = 200;

/// What counts where a cost is not known: more than anything that is.
const UNKNOWN_MINOR: f64 = 1e9;

/// Something that is to come from one location, or of which each unit may come from another.
pub(super) struct Item {
    /// Positions in the order with their units, each line once.
    pub lines: Vec<usize>,
    /// (SKU of [`Needs`], units).
    pub parts: Vec<(usize, i32)>,
    pub whole: bool,
    /// The units of it that can be sent at most.
    most: i32,
    /// The sites that have any of it, all of it where it is whole; those that have most first.
    pub sites: Vec<usize>,
}

impl Item {
    pub fn wanted(&self) -> i32 {
        self.parts.iter().map(|(_, units)| *units).fold(0, i32::saturating_add)
    }
}

/// What one location costs. Sites stand in the order of the candidates.
pub(super) struct Site<'a> {
    /// Once, without the carrier.
    pub opening: f64,
    /// The least that a carrier takes from here.
    least_carriage: f64,
    /// For a unit of each SKU of [`Needs`].
    pub of_unit: Vec<f64>,
    /// What the carrier takes for a parcel from here, where that counts.
    carriage: Carriage<'a>,
}

/// So many units of an item from a site.
#[derive(Clone, Copy)]
pub(super) struct Taken {
    pub item: usize,
    pub site: usize,
    pub units: i32,
}

/// What a step changed, to be taken back.
struct Before {
    spent: f64,
    opened: (f64, f64, f64),
    carriage: f64,
    parcel: Parcel,
    open: bool,
}

pub(super) struct Search<'s, 'a> {
    pub order: &'s PlanOrder,
    pub candidates: &'s [Candidate<'a>],
    pub how: &'s ReadyAllocate,
    pub sizes: &'s [Size],
    pub items: Vec<Item>,
    pub sites: Vec<Site<'a>>,
    pub carriage_weight: f64,
    /// Before each item, of it and those after it: the units that cannot be had, the least that the units of the others cost, and what they weigh, grams.
    must_miss: Vec<i64>,
    least: Vec<f64>,
    weight: Vec<f64>,
    /// Those that the best way to begin with uses, then the others.
    by_use: Vec<usize>,
    /// The weights above which some carrier may ask for more, grams, the lightest first.
    pub steps_of_weight: Vec<i64>,
    /// No parcel costs less than any of these lines says: what it costs at least, and more for each gram.
    lines: Vec<(f64, f64)>,
    /// Parcels that are opened, what they cost without their units, and what they weigh, grams.
    opened: (f64, f64, f64),
    /// By site and SKU.
    pub free: Vec<Vec<i32>>,
    parcels: Vec<Parcel>,
    carriage: Vec<f64>,
    open: Vec<bool>,
    taken: Vec<Taken>,
    missed: i64,
    spent: f64,
    steps: u32,
    most_steps: u32,
    best: Option<(i64, f64, Vec<Assignment>)>,
    /// Sites that a bound counts on, by the number of the bound.
    counted: Vec<u32>,
    bounds: u32,
    openings: Vec<f64>,
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
) -> Chosen {
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
        let sending = c.view.sending.filter(|_| carriage_weight > 0.0);
        let carriage = sending.map(|sending| sending.carriage(c.view.location, order.promised_by())).unwrap_or_default();
        let opening = costs.iter().map(parcel).sum();
        let of_unit = (0..needs.skus.len()).map(unit).collect();
        let mut site = Site { opening, least_carriage: 0.0, of_unit, carriage };
        site.least_carriage = site.carriage(&Parcel::default(), carriage_weight);
        site
    };
    let everything = Parcel::of(needs.skus.iter().enumerate().map(|(at, (_, need))| (sizes[at], *need)));
    let alone = |site: &Site<'_>| {
        let of_units: f64 = needs.skus.iter().zip(&site.of_unit).map(|((_, need), cost)| f64::from(*need) * cost).sum();
        site.opening + site.carriage(&everything, carriage_weight) + of_units
    };
    let costed = candidates.drain(..).map(|c| {
        let site = site(&c);
        (alone(&site), c, site)
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
        return Chosen { assignments: fewest, cut_short: true };
    }
    let mut search = Search::new(order, needs, candidates, how, blocks, &sizes, sites, carriage_weight);
    search.begin_with(fewest);
    search.place(0);
    let cut_short = search.steps > search.most_steps;
    Chosen { assignments: search.best.map(|(_, _, way)| way).unwrap_or_default(), cut_short }
}

impl Site<'_> {
    /// What the carrier takes for a parcel from here, weighed, minor units.
    pub fn carriage(&self, parcel: &Parcel, weight: f64) -> f64 {
        if weight == 0.0 { 0.0 } else { weight * self.carriage.of(parcel).map_or(UNKNOWN_MINOR, |minor| minor as f64) }
    }

    /// The least that is taken for a parcel.
    pub fn least(&self) -> f64 {
        self.opening + self.least_carriage
    }
}

fn steps_of_weight(sites: &[Site<'_>]) -> Vec<i64> {
    let mut weights: Vec<i64> = sites.iter().flat_map(|site| site.carriage.weights()).filter(|grams| *grams > 0).collect();
    weights.sort_unstable();
    weights.dedup();
    weights
}

/// Lines that lie below what any parcel costs without its units, by its weight up to `most` grams: (what a parcel costs at least, more for each gram).
/// Prices rise in steps; the lines are the lower hull of the steps' ends, and the one of the least that a gram costs.
fn lines_below(sites: &[Site<'_>], steps: &[i64], most: f64, carriage_weight: f64) -> Vec<(f64, f64)> {
    let cost_of = |grams: i64| {
        let parcel = Parcel { grams, ..Parcel::default() };
        sites.iter().map(|site| site.opening + site.carriage(&parcel, carriage_weight)).min_by(f64::total_cmp).unwrap_or(0.0)
    };
    let within = steps.iter().copied().filter(|grams| (*grams as f64) < most);
    let ends: Vec<(f64, f64)> = [0].into_iter().chain(within).chain([most as i64]).map(|grams| (grams as f64, cost_of(grams))).collect();
    let slope = |a: &(f64, f64), b: &(f64, f64)| (b.1 - a.1) / (b.0 - a.0);
    let mut hull: Vec<(f64, f64)> = Vec::new();
    for end in &ends {
        while let [.., before, last] = hull[..]
            && slope(&before, &last) >= slope(&last, end)
        {
            hull.pop();
        }
        hull.push(*end);
    }
    let edges = hull.windows(2).filter_map(|edge| {
        let per_gram = slope(edge.first()?, edge.last()?);
        Some((edge[0].1 - per_gram * edge[0].0, per_gram))
    });
    let per_gram = ends.iter().filter(|end| end.0 > 0.0).map(|end| end.1 / end.0).min_by(f64::total_cmp);
    edges.filter(|(first, per_gram)| *first >= 0.0 && *per_gram > 0.0).chain(per_gram.map(|per_gram| (0.0, per_gram))).collect()
}

/// What each site could give, without those that a cheaper one replaces in any way. What a carrier takes can only be compared where nothing depends on it.
fn useful_units(sites: &[Site<'_>], needs: &Needs, candidates: &[Candidate<'_>], carriage_weight: f64) -> Vec<Vec<i32>> {
    let held = Held::of(candidates, needs);
    let is_replaced = |at: usize| {
        (0..at).any(|better| {
            sites[better].opening <= sites[at].opening
                && sites[better].of_unit.iter().zip(&sites[at].of_unit).all(|(a, b)| a <= b)
                && held.replaces(better, at)
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
                Item { lines: block.lines.clone(), parts, whole: block.whole, most: 0, sites: Vec::new() }
            })
            .collect();
        let free = useful_units(&sites, needs, candidates, carriage_weight);
        for item in &mut items {
            let has = |site: &usize| {
                if item.whole {
                    item.parts.iter().all(|(at, units)| free[*site][*at] >= *units)
                } else {
                    item.parts.iter().any(|(at, _)| free[*site][*at] > 0)
                }
            };
            item.sites = (0..sites.len()).filter(has).collect();
            let there = |site: &usize| item.parts.iter().map(|(at, units)| free[*site][*at].min(*units)).fold(0, i32::saturating_add);
            item.sites.sort_by_key(|site| std::cmp::Reverse(there(site)));
            let all = item.sites.iter().map(there).fold(0, i32::saturating_add);
            item.most = all.min(item.wanted());
        }
        // What few can serve is decided first.
        items.sort_by_key(|item| (!item.whole, item.sites.len()));
        let least_of = |item: &Item| -> f64 {
            let cheapest = |at: usize| item.sites.iter().map(|site| sites[*site].of_unit[at]).min_by(f64::total_cmp).unwrap_or(0.0);
            let sent = |units: i32| f64::from(if item.whole { units } else { item.most });
            if item.most == 0 { 0.0 } else { item.parts.iter().map(|(at, units)| cheapest(*at) * sent(*units)).sum() }
        };
        let grams_of = |item: &Item| -> f64 {
            let sent = |units: i32| f64::from(if item.whole { units } else { item.most });
            if item.most == 0 { 0.0 } else { item.parts.iter().map(|(at, units)| f64::from(sizes[*at].grams) * sent(*units)).sum() }
        };
        let mut must_miss = vec![0; items.len() + 1];
        let (mut least, mut weight) = (vec![0.0; items.len() + 1], vec![0.0; items.len() + 1]);
        for at in (0..items.len()).rev() {
            must_miss[at] = must_miss[at + 1] + i64::from(items[at].wanted() - items[at].most);
            least[at] = least[at + 1] + least_of(&items[at]);
            weight[at] = weight[at + 1] + grams_of(&items[at]);
        }
        let steps_of_weight = if carriage_weight > 0.0 { steps_of_weight(&sites) } else { Vec::new() };
        let lines = if carriage_weight > 0.0 { lines_below(&sites, &steps_of_weight, weight[0], carriage_weight) } else { Vec::new() };
        let (count, most_steps) = (sites.len(), if items.len() > FEW_ITEMS { STEPS_OF_MANY } else { STEPS });
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
            weight,
            by_use: (0..count).collect(),
            steps_of_weight,
            lines,
            opened: (0.0, 0.0, 0.0),
            free,
            parcels: vec![Parcel::default(); count],
            carriage: vec![0.0; count],
            open: vec![false; count],
            taken: Vec::new(),
            missed: 0,
            spent: 0.0,
            steps: 0,
            most_steps,
            best: None,
            counted: vec![0; count],
            bounds: 0,
            openings: Vec::new(),
        }
    }

    /// A way that is known, and what it becomes move by move: nothing dearer is looked for.
    fn begin_with(&mut self, way: Vec<Assignment>) {
        let wanted: i64 = self.order.lines.iter().map(|l| i64::from(l.quantity)).sum();
        let missed = wanted - units(&way);
        let mut spread = Spread::of(self, &way);
        let spent = spread.spent();
        spread.improve();
        let (better, taken) = (spread.spent(), spread.taken());
        let is_used = |site: usize| taken.iter().any(|one| one.site == site);
        self.by_use.sort_by_key(|site| !is_used(*site));
        let moved = (better < spent).then(|| self.assignments(&taken)).filter(|way| parts_are_worth_it(self.order, way, self.how.least_part_minor));
        self.best = Some(moved.map_or((missed, spent, way), |moved| (missed, better, moved)));
    }

    /// True where nothing better than the best comes of it from an item on.
    fn is_worse(&mut self, item: usize) -> bool {
        let Some((missed, cost, _)) = &self.best else { return false };
        let (missed, cost) = (*missed, *cost);
        let misses = self.missed + self.must_miss[item];
        if misses != missed {
            return misses > missed;
        }
        // From here on as much as possible has to be sent of each item.
        let known = self.spent + self.least[item];
        if known + self.for_weight(item, 0.0) >= cost {
            return true;
        }
        let (parcels, openings) = self.openings_to_come(item);
        known + openings.max(self.for_weight(item, parcels)) >= cost
    }

    /// What is to be paid at least for what the items from one on weigh, where so many parcels have to be opened: what is paid already may be enough for
    /// some of it.
    fn for_weight(&self, item: usize, parcels: f64) -> f64 {
        let (open, paid, weight) = self.opened;
        let by = |(first, per_gram): &(f64, f64)| parcels * first + (per_gram * (self.weight[item] + weight) + open * first - paid).max(0.0);
        self.lines.iter().map(by).fold(0.0, f64::max)
    }

    /// How many parcels have to be opened yet at least, and what they cost. Items of which the open ones have too little need others; those that do not share
    /// any site need different ones.
    fn openings_to_come(&mut self, item: usize) -> (f64, f64) {
        self.bounds += 1;
        let (mut count, mut cost) = (0.0, 0.0);
        for item in &self.items[item..] {
            let Some((at, _)) = item.parts.first().filter(|_| item.most > 0) else { continue };
            let mut missing = item.most;
            let mut is_apart = true;
            for &site in &item.sites {
                if !self.open[site] {
                    is_apart = is_apart && self.counted[site] != self.bounds;
                } else if !item.whole {
                    missing = missing.saturating_sub(self.free[site][*at]);
                } else if item.parts.iter().all(|(at, units)| self.free[site][*at] >= *units) {
                    missing = 0;
                }
            }
            if missing <= 0 || !is_apart {
                continue;
            }
            // As few as it takes of those that have most, as if they were the cheapest.
            let (mut parcels, closed) = (0, item.sites.iter().filter(|site| !self.open[**site]));
            self.openings.clear();
            for &site in closed {
                if missing > 0 {
                    parcels += 1;
                    missing -= if item.whole { missing } else { self.free[site][*at] };
                }
                self.counted[site] = self.bounds;
                self.openings.push(self.sites[site].least());
            }
            if parcels < self.openings.len() {
                self.openings.select_nth_unstable_by(parcels, f64::total_cmp);
            }
            count += parcels as f64;
            cost += self.openings[..parcels].iter().sum::<f64>();
        }
        (count, cost)
    }

    fn place(&mut self, item: usize) {
        self.steps += 1;
        if self.steps > self.most_steps || self.is_worse(item) {
            return;
        }
        if item == self.items.len() {
            let way = self.assignments(&self.taken);
            if parts_are_worth_it(self.order, &way, self.how.least_part_minor) {
                self.best = Some((self.missed, self.spent, way));
            }
            return;
        }
        if self.items[item].whole { self.place_whole(item) } else { self.place_units(item, self.items[item].parts[0].1, 0, self.how.per_line) }
    }

    fn may_open(&self, site: usize) -> bool {
        self.open[site] || self.open.iter().filter(|open| **open).count() < self.how.parcels
    }

    fn place_whole(&mut self, item: usize) {
        let units: i32 = self.items[item].parts.iter().map(|(_, units)| *units).sum();
        for nth in 0..self.sites.len() {
            let site = self.by_use[nth];
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
        for nth in 0..if most > 0 { self.sites.len() } else { 0 } {
            let site = self.by_use[nth];
            let there = self.free[site][at].min(left);
            if there <= 0 || !self.may_open(site) || (nth < from && (in_every_way || there < left)) {
                continue;
            }
            // All that it has, or all that is left: of the best ways one is like that, where a unit costs the same as the next.
            for units in (if in_every_way { 1 } else { there }..=there).rev() {
                self.steps += 1;
                if self.steps > self.most_steps {
                    return;
                }
                let parts = [(at, units)];
                let undo = self.take(site, &parts);
                self.taken.push(Taken { item, site, units });
                if !self.is_worse(item + 1) {
                    self.place_units(item, left - units, nth + 1, most - 1);
                }
                self.taken.pop();
                self.give_back(site, &parts, undo);
            }
        }
        self.missed += i64::from(left);
        self.place(item + 1);
        self.missed -= i64::from(left);
    }

    /// Takes units from a site; returns what it was before.
    fn take(&mut self, site: usize, parts: &[(usize, i32)]) -> Before {
        let before =
            Before { spent: self.spent, opened: self.opened, carriage: self.carriage[site], parcel: self.parcels[site], open: self.open[site] };
        if !self.open[site] {
            self.open[site] = true;
            self.spent += self.sites[site].opening;
            self.opened.0 += 1.0;
            self.opened.1 += self.sites[site].opening;
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
            let carriage = self.sites[site].carriage(&self.parcels[site], self.carriage_weight);
            self.spent += carriage - self.carriage[site];
            self.opened.1 += carriage - self.carriage[site];
            self.opened.2 += more.grams as f64;
            self.carriage[site] = carriage;
        }
        before
    }

    fn give_back(&mut self, site: usize, parts: &[(usize, i32)], before: Before) {
        for (at, units) in parts {
            self.free[site][*at] += units;
        }
        (self.spent, self.opened) = (before.spent, before.opened);
        (self.carriage[site], self.parcels[site], self.open[site]) = (before.carriage, before.parcel, before.open);
    }

    fn assignments(&self, taken: &[Taken]) -> Vec<Assignment> {
        let mut made: Vec<(usize, usize, i32)> = Vec::new();
        for one in taken {
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
