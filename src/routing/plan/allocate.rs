//! Over which of the locations in the running an order is spread.

use super::{Assignment, Candidate, Needs, PlanOrder, cheapest, rank, units};
use crate::routing::facts::{Fact, LineView, OfLine};
use crate::routing::ruleset::{ReadyAllocate, ReadyPrefer};
use std::collections::BTreeSet;

/// So many ways to split an order, and beginnings of ways, are tried in order of preference; beyond, locations are added one by one.
const MOST_WAYS: usize = 5_000;

/// One that has as much of everything is looked for among so many that are ranked just before.
const NEAR: usize = 64;

/// Lines that one location has to serve together, or one line.
#[derive(Clone, Debug)]
pub(super) struct Block {
    /// Positions in the order.
    pub lines: Vec<usize>,
    /// All of it comes from one location.
    pub whole: bool,
}

/// What is taken from where.
#[derive(Debug, Default)]
pub(super) struct Chosen {
    pub assignments: Vec<Assignment>,
    /// See [`super::RuleTrace::cut_short`].
    pub cut_short: bool,
}

/// Ranks the locations as a rule prefers them and takes the lines from them.
pub(super) fn choose(
    order: &PlanOrder,
    needs: &Needs,
    candidates: &mut Vec<Candidate<'_>>,
    prefer: &ReadyPrefer,
    how: &ReadyAllocate,
    traced: bool,
) -> Chosen {
    let blocks = blocks(order, how);
    match prefer {
        ReadyPrefer::Ranked(preferences) => {
            rank::rank(preferences, candidates, traced);
            Chosen { assignments: Taking { order, needs, candidates, how, blocks: &blocks }.fewest(), cut_short: false }
        }
        ReadyPrefer::Cheapest(costs) => cheapest::cheapest(order, needs, candidates, how, &blocks, costs, traced),
    }
}

/// The lines that have to come from one location, together or each by itself.
fn blocks(order: &PlanOrder, how: &ReadyAllocate) -> Vec<Block> {
    let view = |line| LineView { line: &order.lines[line] };
    let mut all: Vec<Block> = (0..order.lines.len())
        .map(|line| Block { lines: vec![line], whole: how.per_line == 1 || how.never_split.iter().any(|test| test.holds(&view(line))) })
        .collect();
    for fact in &how.keep_together {
        let words: Vec<BTreeSet<String>> = (0..order.lines.len()).map(|line| words_of(fact, &view(line))).collect();
        // Whatever shares a word joins, until nothing more does.
        let mut at = 0;
        while at < all.len() {
            let mine: BTreeSet<&String> = all[at].lines.iter().flat_map(|line| &words[*line]).collect();
            let joins = (at + 1..all.len()).find(|other| all[*other].lines.iter().any(|line| words[*line].iter().any(|w| mine.contains(w))));
            match joins {
                Some(other) => {
                    let joined = all.remove(other);
                    all[at].lines.extend(joined.lines);
                    all[at].lines.sort_unstable();
                    all[at].whole = true;
                }
                None => at += 1,
            }
        }
    }
    all
}

fn words_of(fact: &Fact<OfLine>, view: &LineView<'_>) -> BTreeSet<String> {
    let mut words = BTreeSet::new();
    fact.each_word(view, &mut |word| {
        if !word.is_empty() {
            words.insert(word.to_owned());
        }
    });
    words
}

/// True where each part that an order is spread over is worth enough, and so is what waits.
pub(super) fn parts_are_worth_it(order: &PlanOrder, assignments: &[Assignment], least_minor: i64) -> bool {
    if least_minor <= 0 || assignments.is_empty() {
        return true;
    }
    let value = |line_no: i32, units: i64| {
        let line = order.lines.iter().find(|l| l.line_no == line_no);
        line.map_or(0, |l| l.amount_minor.saturating_mul(units) / i64::from(l.quantity.max(1)))
    };
    let places: BTreeSet<_> = assignments.iter().map(|a| a.location).collect();
    let part = |place| assignments.iter().filter(|a| a.location == place).map(|a| value(a.line_no, i64::from(a.quantity))).sum::<i64>();
    let taken = |line_no: i32| assignments.iter().filter(|a| a.line_no == line_no).map(|a| i64::from(a.quantity)).sum::<i64>();
    let waits: Vec<(i32, i64)> = order.lines.iter().map(|l| (l.line_no, i64::from(l.quantity) - taken(l.line_no))).collect();
    let all_there = waits.iter().all(|(_, units)| *units <= 0);
    let left: i64 = waits.iter().map(|(line_no, units)| value(*line_no, *units)).sum();
    (all_there && places.len() == 1) || (places.into_iter().all(|place| part(place) >= least_minor) && (all_there || left >= least_minor))
}

/// Taking lines from ranked locations.
pub(super) struct Taking<'t, 'a> {
    pub order: &'t PlanOrder,
    pub needs: &'t Needs,
    pub candidates: &'t [Candidate<'a>],
    pub how: &'t ReadyAllocate,
    pub blocks: &'t [Block],
}

impl Taking<'_, '_> {
    /// As few locations as it takes; among those the best ranked. Where nobody has everything together, as much as can be had.
    pub fn fewest(&self) -> Vec<Assignment> {
        let is_fine = |taken: &[Assignment]| parts_are_worth_it(self.order, taken, self.how.least_part_minor);
        if let Some(found) = (0..self.candidates.len()).find_map(|i| self.complete(&[i])) {
            return found;
        }
        let useful = self.useful();
        if let Some(found) = self.smallest_cover(&useful) {
            return found;
        }
        let greedy = self.take(&self.greedy(&useful, self.how.parcels.min(self.candidates.len())));
        if is_fine(&greedy) {
            return greedy;
        }
        let one = self.take(&self.greedy(&useful, 1));
        if is_fine(&one) { one } else { Vec::new() }
    }

    /// Everything from the chosen ones, where they have it.
    fn complete(&self, chosen: &[usize]) -> Option<Vec<Assignment>> {
        let has_enough =
            |(at, (_, need)): (usize, &(_, i32))| chosen.iter().map(|&i| i64::from(self.candidates[i].free[at])).sum::<i64>() >= i64::from(*need);
        if !self.needs.skus.iter().enumerate().all(has_enough) {
            return None;
        }
        let taken = self.take(chosen);
        let wanted: i64 = self.order.lines.iter().map(|l| i64::from(l.quantity)).sum();
        let all = units(&taken) == wanted;
        (all && parts_are_worth_it(self.order, &taken, self.how.least_part_minor)).then_some(taken)
    }

    /// Everything from the fewest locations of several; among equals those ranked best. [`MOST_WAYS`] ways are tried.
    fn smallest_cover(&self, useful: &[usize]) -> Option<Vec<Assignment>> {
        let all = |at: usize| useful.iter().map(|&i| i64::from(self.candidates[i].free[at])).sum::<i64>();
        if self.needs.skus.iter().enumerate().any(|(at, (_, need))| all(at) < i64::from(*need)) {
            return None;
        }
        let mut cover = Cover::of(self, useful);
        (2..=self.how.parcels.min(useful.len())).find_map(|size| cover.of_size(size, 0))
    }

    /// The candidates that no better one replaces in any split.
    fn useful(&self) -> Vec<usize> {
        let held = Held::of(self.candidates, self.needs);
        let mut useful: Vec<usize> = Vec::new();
        for i in 0..self.candidates.len() {
            if !useful.iter().any(|&better| held.replaces(better, i)) {
                useful.push(i);
            }
        }
        useful
    }

    /// One location after the other, each time the one with which most units can be taken; ties to the better ranked.
    fn greedy(&self, useful: &[usize], most: usize) -> Vec<usize> {
        // What may be spread at will is counted; what has to stay together is tried.
        let at_will = self.how.per_line >= most && self.blocks.iter().all(|block| !block.whole);
        let mut missing: Vec<i32> = self.needs.skus.iter().map(|(_, need)| *need).collect();
        let mut chosen: Vec<usize> = Vec::new();
        let mut had = 0;
        while chosen.len() < most {
            let with = |i: usize| {
                let mut all = chosen.clone();
                all.insert(all.partition_point(|other| *other < i), i);
                all
            };
            let found = |i: usize| if at_will { had + gain(&missing, &self.candidates[i].free) } else { units(&self.take(&with(i))) };
            let best = useful.iter().filter(|i| !chosen.contains(i)).map(|&i| (found(i), std::cmp::Reverse(i))).max();
            match best {
                Some((all, std::cmp::Reverse(i))) if all > had => {
                    missing.iter_mut().zip(&self.candidates[i].free).for_each(|(missing, free)| *missing -= (*missing).min(*free));
                    (had, chosen) = (all, with(i));
                }
                _ => break,
            }
        }
        chosen
    }

    /// Takes the lines from the chosen locations: each line whole from the best that has it whole, else from several, best first. What has to come
    /// together comes together or not at all. Lines that share a SKU draw on the same units.
    fn take(&self, chosen: &[usize]) -> Vec<Assignment> {
        let mut left: Vec<Vec<i32>> = chosen.iter().map(|&i| self.candidates[i].free.clone()).collect();
        let mut taken: Vec<(usize, usize, i32)> = Vec::new();
        // What cannot be spread chooses first, the largest before the others.
        let size = |block: &&Block| -> i64 { block.lines.iter().map(|line| i64::from(self.order.lines[*line].quantity)).sum() };
        let mut wholes: Vec<&Block> = self.blocks.iter().filter(|b| b.whole).collect();
        wholes.sort_by_key(|block| std::cmp::Reverse(size(block)));
        for block in wholes.into_iter().chain(self.blocks.iter().filter(|b| !b.whole)) {
            let wanted: Vec<(usize, usize, i32)> =
                block.lines.iter().map(|&line| (line, self.needs.of_line[line], self.order.lines[line].quantity)).collect();
            let has_all = |free: &Vec<i32>| {
                wanted.iter().all(|(_, at, _)| {
                    let need: i64 = wanted.iter().filter(|(_, other, _)| other == at).map(|w| i64::from(w.2)).sum();
                    i64::from(free[*at]) >= need
                })
            };
            if let Some(index) = left.iter().position(has_all) {
                for (line, at, quantity) in wanted {
                    left[index][at] -= quantity;
                    taken.push((line, index, quantity));
                }
            } else if !block.whole {
                for (line, at, quantity) in wanted {
                    self.spread(&mut left, &mut taken, line, at, quantity);
                }
            }
        }
        taken.sort_unstable();
        let made = taken.into_iter().map(|(line, index, quantity)| Assignment {
            line_no: self.order.lines[line].line_no,
            location: self.candidates[chosen[index]].view.id(),
            quantity,
        });
        made.collect()
    }

    /// Takes a line from several, best first; where only so many are allowed, from those that have most.
    fn spread(&self, left: &mut [Vec<i32>], taken: &mut Vec<(usize, usize, i32)>, line: usize, at: usize, quantity: i32) {
        let mut from: Vec<usize> = (0..left.len()).filter(|index| left[*index][at] > 0).collect();
        if from.len() > self.how.per_line {
            from.sort_by_key(|index| std::cmp::Reverse(left[*index][at]));
            from.truncate(self.how.per_line);
            from.sort_unstable();
        }
        let mut missing = quantity;
        for index in from {
            let units = missing.min(left[index][at]);
            if units > 0 {
                left[index][at] -= units;
                missing -= units;
                taken.push((line, index, units));
            }
        }
    }
}

/// Units of what is missing that somebody has.
fn gain(missing: &[i32], free: &[i32]) -> i64 {
    missing.iter().zip(free).map(|(missing, free)| i64::from(*missing.min(free))).sum()
}

/// Locations tried together, in the order of preference: the best ranked first, as words stand in a dictionary.
struct Cover<'c, 't, 'a> {
    taking: &'c Taking<'t, 'a>,
    useful: &'c [usize],
    /// How many things there are, those first that few have. What follows has so many numbers for each location, in one piece of memory.
    width: usize,
    /// What each useful location has of each thing, no more than is needed.
    free: Vec<i32>,
    /// The most that it or one after it has.
    most: Vec<i32>,
    /// The one next before it that has as much of everything: wherever it helps, that one does, too, and is preferred. None where that is not so.
    better: Vec<Option<usize>>,
    chosen: Vec<usize>,
    /// What is missing before each choice.
    missing: Vec<i32>,
    ways: usize,
}

impl<'c, 't, 'a> Cover<'c, 't, 'a> {
    fn of(taking: &'c Taking<'t, 'a>, useful: &'c [usize]) -> Self {
        let needs = &taking.needs.skus;
        let free_of = |i: usize, at: usize| taking.candidates[i].free[at].clamp(0, needs[at].1);
        let mut rare: Vec<usize> = (0..needs.len()).collect();
        rare.sort_by_cached_key(|at| useful.iter().filter(|i| free_of(**i, *at) > 0).count());
        let width = rare.len();
        let free: Vec<i32> = useful.iter().flat_map(|&i| rare.iter().map(move |&at| free_of(i, at))).collect();
        let mut most = free.clone();
        for later in (width..most.len()).rev() {
            most[later - width] = most[later - width].max(most[later]);
        }
        let row = |i: usize| &free[i * width..(i + 1) * width];
        let has_as_much = |other: usize, i: usize| row(other).iter().zip(row(i)).all(|(other, own)| other >= own);
        // Where a part has to be worth something, more is not always better: it leaves too little for the others.
        let is_better = |other: usize, i: usize| taking.how.least_part_minor <= 0 && has_as_much(other, i);
        let better = (0..useful.len()).map(|i| (i.saturating_sub(NEAR)..i).rev().find(|other| is_better(*other, i))).collect();
        let missing = rare.iter().map(|&at| needs[at].1).collect();
        Self { taking, useful, width, free, most, better, chosen: Vec::new(), missing, ways: 0 }
    }

    fn row(&self, i: usize) -> &[i32] {
        &self.free[i * self.width..(i + 1) * self.width]
    }

    fn missing(&self) -> &[i32] {
        &self.missing[self.chosen.len() * self.width..]
    }

    /// Everything from so many more locations, from one on; none where they have it not, or too many were tried.
    fn of_size(&mut self, size: usize, from: usize) -> Option<Vec<Assignment>> {
        let last = self.useful.len().checked_sub(size)?;
        if from > last || self.ways >= MOST_WAYS || !self.could_be(size, from) {
            return None;
        }
        if size == 1 {
            return (from..=last).find_map(|i| self.all_of_it(i));
        }
        let wanted: i64 = self.missing().iter().map(|missing| i64::from(*missing)).sum();
        let gains: Vec<i64> = (from..self.useful.len()).map(|i| gain(self.missing(), self.row(i))).collect();
        // The most that it or one after it gives.
        let mut best = gains.clone();
        for i in (1..best.len()).rev() {
            best[i - 1] = best[i - 1].max(best[i]);
        }
        for i in from..=last {
            let others = best[i - from + 1].saturating_mul(size as i64 - 1);
            if best[i - from].saturating_mul(size as i64) < wanted || self.ways >= MOST_WAYS || !self.could_be(size, i) {
                return None;
            }
            if gains[i - from] + others < wanted || self.is_beside_a_better(i) {
                continue;
            }
            self.ways += 1;
            let left: Vec<i32> = self.missing().iter().zip(self.row(i)).map(|(missing, free)| (missing - free).max(0)).collect();
            self.chosen.push(i);
            self.missing.extend(left);
            let found = self.of_size(size - 1, i + 1);
            self.chosen.pop();
            self.missing.truncate((self.chosen.len() + 1) * self.width);
            if found.is_some() {
                return found;
            }
        }
        None
    }

    /// True where so many of those from one on could have of each thing what is missing.
    fn could_be(&self, size: usize, from: usize) -> bool {
        let most = &self.most[from * self.width..];
        self.missing().iter().zip(most).all(|(missing, most)| i64::from(*missing) <= i64::from(*most) * size as i64)
    }

    fn is_beside_a_better(&self, i: usize) -> bool {
        self.better[i].is_some_and(|better| !self.chosen.contains(&better))
    }

    /// Everything with one location more, where it has what is missing.
    fn all_of_it(&mut self, i: usize) -> Option<Vec<Assignment>> {
        if self.ways >= MOST_WAYS || self.missing().iter().zip(self.row(i)).any(|(missing, free)| missing > free) {
            return None;
        }
        // It may be there, and yet not so that it may be taken.
        self.ways += 1;
        let chosen: Vec<usize> = self.chosen.iter().chain([&i]).map(|&i| self.useful[i]).collect();
        self.taking.complete(&chosen)
    }
}

/// What locations have of the things of an order, a bit for each: whether they have any, and whether they have as much as the whole order needs.
pub(super) struct Held {
    /// For each location so many words of either, in one piece of memory.
    words: usize,
    any: Vec<u64>,
    enough: Vec<u64>,
}

impl Held {
    pub fn of(candidates: &[Candidate<'_>], needs: &Needs) -> Self {
        let words = needs.skus.len().div_ceil(64);
        let mut held = Self { words, any: vec![0; candidates.len() * words], enough: vec![0; candidates.len() * words] };
        for (i, candidate) in candidates.iter().enumerate() {
            for (at, (free, (_, need))) in candidate.free.iter().zip(&needs.skus).enumerate() {
                held.any[i * words + at / 64] |= u64::from(*free > 0) << (at % 64);
                held.enough[i * words + at / 64] |= u64::from(free >= need) << (at % 64);
            }
        }
        held
    }

    /// True where one can take another's place in any split: whatever the other has, it has as much as the whole order needs.
    pub fn replaces(&self, better: usize, other: usize) -> bool {
        let of = |i: usize| i * self.words..(i + 1) * self.words;
        self.any[of(other)].iter().zip(&self.enough[of(better)]).all(|(any, enough)| any & !enough == 0)
    }
}
