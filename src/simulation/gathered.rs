//! What is found on the way through a period.

use super::course::Course;
use super::views::{Findings, Flow, Load, Move, PlaceUse, RuleUse};
use crate::ids::{LocationId, OrderId};
use crate::inventory::{Network, StockView};
use chrono::NaiveDate;
use std::collections::{BTreeMap, BTreeSet};

/// More would not be seen on a map.
const MOST_FLOWS: usize = 400;

/// Parcels of each day, as it was and as it would have been.
type Days = BTreeMap<NaiveDate, (u32, u32)>;

/// See the module.
#[derive(Debug, Default)]
pub(super) struct Gathered {
    pub findings: Findings,
    places: BTreeMap<LocationId, (Days, PlaceUse)>,
    flows: BTreeMap<(LocationId, i16, i16), (u32, u32)>,
    pub moves: Vec<(OrderId, Move)>,
}

impl Gathered {
    /// With the stock that is there at first, and so many rules.
    pub fn from(stock: &StockView, rules: usize) -> Self {
        let mut gathered = Self { findings: Findings { rules: vec![RuleUse::default(); rules], ..Findings::default() }, ..Self::default() };
        for (_, location, level) in stock.levels.iter() {
            gathered.came(location, level.on_hand);
        }
        gathered
    }

    /// Units came to a place, or went, whatever the simulation does.
    pub fn came(&mut self, location: LocationId, units: i32) {
        self.left(location, -units);
        self.would_have_left(location, -units);
    }

    /// Units left a place.
    pub fn left(&mut self, location: LocationId, units: i32) {
        self.places.entry(location).or_default().1.real.left -= i64::from(units);
    }

    /// Units left a place in the simulation.
    pub fn would_have_left(&mut self, location: LocationId, units: i32) {
        self.places.entry(location).or_default().1.simulated.left -= i64::from(units);
    }

    /// A rule has decided about a new order.
    pub fn used(&mut self, rule: Option<u32>, number: &str) {
        if let Some(used) = rule.and_then(|at| self.findings.rules.get_mut(at as usize)) {
            used.taken += 1;
            used.example = Some(number.to_owned());
        }
    }

    /// An order has come to its end, or the period has.
    pub fn count(&mut self, id: OrderId, course: Course, network: &Network) {
        let told = course.real.first_told;
        course.real.count(&mut self.findings.real, course.placed_at, told);
        course.simulated.count(&mut self.findings.simulated, course.placed_at, told);
        let clock = network.clock;
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
                real: course.real.outcome(network),
                simulated: course.simulated.outcome(network),
                decision: course.explanation.as_ref().and_then(|(no, _)| *no),
                explanation: course.explanation.map(|(_, told)| told),
            };
            self.moves.push((id, moved));
        }
    }

    /// All of it, with the places as they are named at the end.
    pub fn finish(self, network: &Network) -> (Findings, Vec<(OrderId, Move)>) {
        let days: BTreeSet<NaiveDate> = self.places.values().flat_map(|(days, _)| days.keys().copied()).collect();
        let mut findings = self.findings;
        findings.currency = network.delivery.rate_cards.values().next().map_or_else(|| "GBP".to_owned(), |card| card.currency.clone());
        findings.days = days.iter().copied().collect();
        for (location, (by_day, mut place)) in self.places {
            place.location = Some(location);
            if let Some(known) = network.location(location) {
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
}
