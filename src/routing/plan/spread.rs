//! Making a way to send an order cheaper, a move at a time: what the search for the cheapest starts from.

use super::Assignment;
use super::cheapest::{Search, Taken};
use crate::carriers::Parcel;

/// So many sites are tried in the place of one that is given up, those first that would be cheapest for the whole order.
const MOST_TRIED: usize = 16;

/// Gone through so often at most.
const MOST_ROUNDS: usize = 8;
/// Less than that is not cheaper: sums of fractions differ by it.
const CENT_PARTS: f64 = 1e-6;

/// Units of an item that come from a site.
#[derive(Clone, Copy)]
struct Share {
    item: usize,
    units: i32,
}

/// What comes from where.
pub(super) struct Spread<'x, 's, 'a> {
    search: &'x Search<'s, 'a>,
    /// By site.
    shares: Vec<Vec<Share>>,
    costs: Vec<f64>,
    free: Vec<Vec<i32>>,
}

impl<'x, 's, 'a> Spread<'x, 's, 'a> {
    /// A way that is known, before anything else is taken.
    pub fn of(search: &'x Search<'s, 'a>, way: &[Assignment]) -> Self {
        let count = search.sites.len();
        let mut spread = Self { search, shares: vec![Vec::new(); count], costs: vec![0.0; count], free: search.free.clone() };
        for assignment in way {
            let line = search.order.lines.iter().position(|line| line.line_no == assignment.line_no);
            let item = line.and_then(|line| search.items.iter().position(|item| item.lines.contains(&line)));
            let site = search.candidates.iter().position(|candidate| candidate.view.id() == assignment.location);
            if let (Some(item), Some(site)) = (item, site) {
                // A block that stays together is one share, whichever of its lines comes first.
                let is_there = search.items[item].whole && spread.shares[site].iter().any(|share| share.item == item);
                if !is_there {
                    let units = if search.items[item].whole { search.items[item].wanted() } else { assignment.quantity };
                    spread.put(Share { item, units }, site);
                }
            }
        }
        for site in 0..count {
            spread.costs[site] = spread.cost(site, &spread.shares[site]);
        }
        spread
    }

    /// Moves shares to other sites, and gives sites up, as long as that makes it cheaper.
    pub fn improve(&mut self) {
        for _ in 0..MOST_ROUNDS {
            let mut is_cheaper = false;
            for site in 0..self.shares.len() {
                is_cheaper |= self.give_up(site) || self.shift_from(site);
            }
            if !is_cheaper {
                break;
            }
        }
    }

    pub fn spent(&self) -> f64 {
        self.costs.iter().sum()
    }

    pub fn taken(&self) -> Vec<Taken> {
        let of_site = |(site, shares): (usize, &Vec<Share>)| {
            shares.iter().map(|share| Taken { item: share.item, site, units: share.units }).collect::<Vec<_>>()
        };
        self.shares.iter().enumerate().flat_map(of_site).collect()
    }

    /// What a parcel of a site costs with some shares.
    fn cost(&self, site: usize, shares: &[Share]) -> f64 {
        if shares.is_empty() {
            return 0.0;
        }
        let (here, sizes) = (&self.search.sites[site], self.search.sizes);
        let parts = shares.iter().flat_map(|share| self.parts(*share));
        let of_units: f64 = parts.clone().map(|(at, units)| f64::from(units) * here.of_unit[at]).sum();
        here.opening + of_units + here.carriage(&Parcel::of(parts.map(|(at, units)| (sizes[at], units))), self.search.carriage_weight)
    }

    /// (SKU, units) of a share.
    fn parts(&self, share: Share) -> impl Iterator<Item = (usize, i32)> + Clone + use<'x, 's, 'a> {
        let item = &self.search.items[share.item];
        item.parts.iter().map(move |(at, units)| (*at, if item.whole { *units } else { share.units }))
    }

    fn has(&self, site: usize, share: Share) -> bool {
        self.parts(share).all(|(at, units)| self.free[site][at] >= units)
    }

    fn put(&mut self, share: Share, site: usize) {
        for (at, units) in self.parts(share) {
            self.free[site][at] -= units;
        }
        match self.shares[site].iter_mut().find(|other| other.item == share.item) {
            Some(other) => other.units += share.units,
            None => self.shares[site].push(share),
        }
    }

    fn remove(&mut self, share: Share, site: usize) {
        for (at, units) in self.parts(share) {
            self.free[site][at] += units;
        }
        if let Some(other) = self.shares[site].iter_mut().find(|other| other.item == share.item) {
            other.units -= share.units;
        }
        self.shares[site].retain(|other| other.units > 0);
    }

    fn cost_with(&self, site: usize, share: Share) -> f64 {
        let mut shares = self.shares[site].clone();
        shares.push(share);
        self.cost(site, &shares)
    }

    /// Moves shares of a site, or as much of them as makes its parcel cheaper, each to where it makes the whole cheapest. True where any was moved.
    fn shift_from(&mut self, from: usize) -> bool {
        let mut is_cheaper = false;
        for share in self.shares[from].clone() {
            is_cheaper |= self.shift(share, from) || self.lighter_by(share, from).is_some_and(|part| self.shift(part, from));
        }
        is_cheaper
    }

    /// So much of a share that without it the parcel of its site is a step of the weight lighter.
    fn lighter_by(&self, share: Share, from: usize) -> Option<Share> {
        let item = &self.search.items[share.item];
        let grams = |share: &Share| self.parts(*share).map(|(at, units)| i64::from(self.search.sizes[at].grams) * i64::from(units)).sum::<i64>();
        let all: i64 = self.shares[from].iter().map(grams).sum();
        let below = self.search.steps_of_weight.iter().rev().find(|step| **step < all)?;
        let of_unit = grams(&Share { units: 1, ..share }).max(1);
        let units = i32::try_from((all - below + of_unit - 1) / of_unit).ok()?;
        (!item.whole && units < share.units).then_some(Share { units, ..share })
    }

    /// Moves a share to where it makes the whole cheapest. True where that is elsewhere.
    fn shift(&mut self, share: Share, from: usize) -> bool {
        let left = |other: &Share| Share { units: if other.item == share.item { other.units - share.units } else { other.units }, ..*other };
        let rest: Vec<Share> = self.shares[from].iter().map(left).filter(|other| other.units > 0).collect();
        let (without, is_full) = (self.cost(from, &rest), self.open() >= self.search.how.parcels && !rest.is_empty());
        let is_split = rest.iter().any(|other| other.item == share.item);
        let saved = self.costs[from] - without;
        let can_take = |to: &usize| {
            *to != from && self.has(*to, share) && !(is_full && self.shares[*to].is_empty()) && (!is_split || self.may_split(share.item, *to))
        };
        let targets = self.search.items[share.item].sites.iter().copied().filter(can_take);
        let costed = targets.map(|to| (self.cost_with(to, share), to)).map(|(cost, to)| (cost - self.costs[to] - saved, cost, to));
        let Some((_, cost, to)) = costed.min_by(|a, b| a.0.total_cmp(&b.0)).filter(|(more, ..)| *more < -CENT_PARTS) else { return false };
        self.remove(share, from);
        self.put(share, to);
        (self.costs[from], self.costs[to]) = (without, cost);
        true
    }

    /// True where an item may come from one more site.
    fn may_split(&self, item: usize, to: usize) -> bool {
        let has = |shares: &[Share]| shares.iter().any(|share| share.item == item);
        has(&self.shares[to]) || self.shares.iter().filter(|shares| has(shares)).count() < self.search.how.per_line
    }

    /// Gives a site up, where the others, or one more, can take what comes from it for less. True where that is so.
    fn give_up(&mut self, from: usize) -> bool {
        let given_up = self.shares[from].clone();
        if given_up.is_empty() {
            return false;
        }
        let (before, cost) = (self.spent(), self.costs[from]);
        let could = |site: &usize| {
            let has_some = given_up.iter().any(|share| self.has(*site, *share));
            has_some && self.shares[*site].is_empty() && self.search.sites[*site].least() < cost
        };
        let closed: Vec<usize> = (0..self.shares.len()).filter(could).take(MOST_TRIED).collect();
        for more in std::iter::once(None).chain(closed.into_iter().map(Some)) {
            let mut moved: Vec<(Share, usize, f64)> = Vec::new();
            for share in &given_up {
                let is_target = |to: &usize| *to != from && (!self.shares[*to].is_empty() || more == Some(*to)) && self.has(*to, *share);
                let targets = self.search.items[share.item].sites.iter().copied().filter(is_target);
                let costed = targets.map(|to| (self.cost_with(to, *share), to)).map(|(cost, to)| (cost - self.costs[to], cost, to));
                let Some((_, cost, to)) = costed.min_by(|a, b| a.0.total_cmp(&b.0)) else { break };
                moved.push((*share, to, self.costs[to]));
                self.remove(*share, from);
                self.put(*share, to);
                self.costs[to] = cost;
            }
            if moved.len() == given_up.len() {
                self.costs[from] = 0.0;
                if self.spent() < before - CENT_PARTS {
                    return true;
                }
            }
            for (share, to, cost) in moved.into_iter().rev() {
                self.remove(share, to);
                self.put(share, from);
                self.costs[to] = cost;
            }
            self.costs[from] = cost;
            self.shares[from].clone_from(&given_up);
        }
        false
    }

    fn open(&self) -> usize {
        self.shares.iter().filter(|shares| !shares.is_empty()).count()
    }
}
