//! Which of the locations in the running are preferred.

use super::Candidate;
use crate::routing::facts::{Better, PlaceView};
use crate::routing::ruleset::ReadyPreference;

/// Sorts by the preferences, best first. Ties keep the order of the location codes; what is not known comes last.
pub(super) fn rank(preferences: &[ReadyPreference], candidates: &mut Vec<Candidate<'_>>, traced: bool) {
    if preferences.is_empty() {
        return;
    }
    // Each number is worked out once: lower is better. They stand candidate by candidate in one piece of memory.
    let width = preferences.len();
    let mut keys: Vec<f64> = Vec::with_capacity(candidates.len() * width);
    for candidate in candidates.iter_mut() {
        for preference in preferences {
            let value = preference.reading(&candidate.view);
            if traced {
                candidate.scores.push(value);
            }
            keys.push(preference.key(value));
        }
    }
    let of = |candidate: usize| &keys[candidate * width..(candidate + 1) * width];
    let mut order: Vec<usize> = (0..candidates.len()).collect();
    order.sort_unstable_by(|&a, &b| of(a).iter().zip(of(b)).map(|(x, y)| x.total_cmp(y)).find(|o| o.is_ne()).unwrap_or(a.cmp(&b)));
    let mut slots: Vec<Option<Candidate<'_>>> = candidates.drain(..).map(Some).collect();
    candidates.extend(order.into_iter().filter_map(|at| slots[at].take()));
}

impl ReadyPreference {
    /// The fact's number at a location; of a fact that is words, the place of the first of them among those that come first.
    fn reading(&self, view: &PlaceView<'_>) -> Option<f64> {
        if self.first.is_empty() {
            return self.by.number(view);
        }
        let mut best: Option<usize> = None;
        self.by.each_word(view, &mut |word| {
            let at = self.first.iter().position(|named| named == word);
            best = best.into_iter().chain(at).min();
        });
        best.map(|at| at as f64)
    }

    /// What is sorted by: lower is better.
    fn key(&self, value: Option<f64>) -> f64 {
        let Some(value) = value else { return f64::INFINITY };
        let value = if self.by.better == Some(Better::Higher) { -value } else { value };
        let banded = self.band.map_or(value, |band| (value / band).floor());
        // Zero and less than zero are one: nothing that is counted tells them apart.
        if banded == 0.0 { 0.0 } else { banded }
    }
}
