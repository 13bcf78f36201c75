//! Over which of the locations in the running an order is spread.

use super::{Assignment, Candidate, Needs, PlanOrder};
use crate::routing::ruleset::Allocate;

/// Splits are searched exactly over this many best locations (4,095 subsets), and greedily beyond.
const EXACT_LOCATIONS: usize = 12;

/// Chooses locations and takes the lines from them.
pub(super) fn allocate(order: &PlanOrder, needs: &Needs, candidates: &[Candidate<'_>], mode: Allocate) -> Vec<Assignment> {
    let most = match mode {
        Allocate::One => 1,
        Allocate::AtMost(n) => usize::from(n),
        Allocate::Any => candidates.len(),
    };
    let chosen = smallest_cover(needs, candidates, most).unwrap_or_else(|| greedy(needs, candidates, most));
    take(order, needs, candidates, &chosen)
}

/// The fewest locations that serve everything; among equals those ranked best. One location is looked for everywhere, several among the
/// first [`EXACT_LOCATIONS`] that have anything the better ones lack.
fn smallest_cover(needs: &Needs, candidates: &[Candidate<'_>], most: usize) -> Option<Vec<usize>> {
    let serves_all = |chosen: &[usize]| {
        needs
            .skus
            .iter()
            .enumerate()
            .all(|(at, (_, need))| chosen.iter().map(|&i| i64::from(candidates[i].free[at])).sum::<i64>() >= i64::from(*need))
    };
    if let Some(one) = (0..candidates.len()).find(|&i| serves_all(&[i])) {
        return (most > 0).then(|| vec![one]);
    }
    let n = candidates.len().min(EXACT_LOCATIONS);
    // All of them together fail: so does every subset.
    if !serves_all(&(0..n).collect::<Vec<_>>()) {
        return None;
    }
    (2..=most.min(n)).find_map(|size| {
        let mut subset: Vec<usize> = (0..size).collect();
        loop {
            if serves_all(&subset) {
                return Some(subset);
            }
            // The next combination in lexicographic order, which is the order of preference.
            let movable = (0..size).rev().find(|&i| subset[i] < n - size + i)?;
            subset[movable] += 1;
            for i in movable + 1..size {
                subset[i] = subset[i - 1] + 1;
            }
        }
    })
}

/// One location after the other, each time the one that adds most units; ties to the better ranked.
fn greedy(needs: &Needs, candidates: &[Candidate<'_>], most: usize) -> Vec<usize> {
    let mut chosen: Vec<usize> = Vec::new();
    let mut missing: Vec<i32> = needs.skus.iter().map(|(_, need)| *need).collect();
    while chosen.len() < most {
        let adds = |i: usize| -> i64 { candidates[i].free.iter().zip(&missing).map(|(free, missing)| i64::from(*free.min(missing))).sum() };
        let best = (0..candidates.len()).filter(|i| !chosen.contains(i)).map(|i| (adds(i), std::cmp::Reverse(i))).max();
        let Some((1.., std::cmp::Reverse(i))) = best else { break };
        for (missing, free) in missing.iter_mut().zip(&candidates[i].free) {
            *missing -= *free.min(&*missing);
        }
        chosen.push(i);
    }
    chosen.sort_unstable();
    chosen
}

/// Takes the lines from the chosen locations: each line whole from the best that has it whole, else from several, best first. Lines that
/// share a SKU draw on the same units.
fn take(order: &PlanOrder, needs: &Needs, candidates: &[Candidate<'_>], chosen: &[usize]) -> Vec<Assignment> {
    let mut left: Vec<Vec<i32>> = chosen.iter().map(|&i| candidates[i].free.clone()).collect();
    let mut assignments = Vec::new();
    for (line, &at) in order.lines.iter().zip(&needs.of_line) {
        let whole = left.iter().position(|free| free[at] >= line.quantity);
        let mut missing = line.quantity;
        for index in whole.map_or(0..chosen.len(), |one| one..one + 1) {
            let quantity = missing.min(left[index][at]);
            if quantity > 0 {
                left[index][at] -= quantity;
                missing -= quantity;
                assignments.push(Assignment { line_no: line.line_no, location: candidates[chosen[index]].location.id, quantity });
            }
        }
    }
    assignments
}
