//! What people see of simulations.

use super::SimulationState;
use crate::ids::{DraftId, LocationId, OrderId, RulesetId, SimulationId};
use crate::routing::facts::carbon_grams;
use crate::routing::views::Explanation;
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

/// A simulation in a list.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SimulationRow {
    pub id: SimulationId,
    /// The draft that it was asked of; it may be gone.
    pub draft: Option<DraftId>,
    /// None where what was in force is simulated.
    pub ruleset: Option<RulesetId>,
    /// None of rules that were being worked on.
    pub version: Option<i32>,
    pub name: String,
    pub from: DateTime<Utc>,
    pub until: DateTime<Utc>,
    pub state: SimulationState,
    pub orders: i32,
    pub orders_done: i32,
    pub problem: Option<String>,
    pub asked_at: DateTime<Utc>,
    pub asked_by: Option<String>,
    pub ended_at: Option<DateTime<Utc>>,
}

/// A simulation with what it found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SimulationView {
    pub row: SimulationRow,
    pub findings: Option<Findings>,
    /// The names of its rules, in their order.
    pub rules: Vec<String>,
    /// Others of the same period that are done, the newest first.
    pub others: Vec<SimulationRow>,
    pub may_manage: bool,
}

/// What a simulation found.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Findings {
    /// ISO 4217: what amounts are in.
    pub currency: String,
    /// Decisions that were made in the period, and those that the simulation made alike: same places, same units.
    pub decisions: u32,
    pub alike: u32,
    /// Orders that would have gone elsewhere.
    pub moved: u32,
    pub real: Totals,
    pub simulated: Totals,
    /// One for each rule, in their order; none where several versions were in force.
    pub rules: Vec<RuleUse>,
    /// In the order of their names.
    pub places: Vec<PlaceUse>,
    /// Days of the period on which anything was sent, the earliest first.
    pub days: Vec<NaiveDate>,
    /// Where parcels go, most first.
    pub flows: Vec<Flow>,
}

/// What all orders of a period come to that were not called off before anything of them had left. Amounts are in the company's minor units.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Totals {
    pub orders: u32,
    /// Sent in more than one parcel.
    pub split: u32,
    /// Of which something was given to nobody and promised from nowhere.
    pub short: u32,
    pub units: i64,
    pub units_short: i64,
    pub lines_short: u32,
    /// Lines of which something was called off, in orders that were called off whole, too.
    #[serde(default)]
    pub lines_cancelled: u32,
    pub parcels: u32,
    pub carriage_minor: i64,
    /// Parcels whose carriage is not known.
    pub carriage_unknown: u32,
    pub handling_minor: i64,
    /// Metres that parcels go, as the crow flies; and gram-kilometres.
    pub metres: i64,
    pub gram_km: i64,
    /// Orders that nothing is short of and a date is known of, the minutes from their placing until the last of each is there, and those that came no later
    /// than they were first promised.
    pub dated: u32,
    pub minutes: i64,
    pub in_time: u32,
}

impl Totals {
    /// Units that a place was found for, of those and of those that nobody had: 0 to 1.
    pub fn fill_rate(&self) -> Option<f64> {
        let wanted = self.units + self.units_short;
        (wanted > 0).then(|| self.units as f64 / wanted as f64)
    }

    pub fn cost_minor(&self) -> i64 {
        self.carriage_minor.saturating_add(self.handling_minor)
    }

    /// Kilograms of carbon dioxide equivalent that carrying it by road emits.
    pub fn carbon_kg(&self) -> f64 {
        carbon_grams(self.gram_km, 1.0) / 1_000.0
    }

    pub fn km(&self) -> f64 {
        self.metres as f64 / 1_000.0
    }

    /// Days until an order is there, on average.
    pub fn days(&self) -> Option<f64> {
        (self.dated > 0).then(|| self.minutes as f64 / 1_440.0 / f64::from(self.dated))
    }
}

/// What a rule did.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleUse {
    /// Orders that it decided about when they came.
    pub taken: u32,
    /// The number of the latest order that it decided about.
    pub example: Option<String>,
}

/// What a place had to do, as it was and as it would have been.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct PlaceUse {
    pub location: Option<LocationId>,
    pub name: String,
    pub latitude: f64,
    pub longitude: f64,
    pub real: Load,
    pub simulated: Load,
}

/// What a place had to do.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Load {
    pub parcels: u32,
    pub units: i64,
    /// Parcels of each of the days.
    pub by_day: Vec<u32>,
    /// Units on its shelves at the end.
    pub left: i64,
}

impl Load {
    /// Parcels of its busiest day.
    pub fn busiest(&self) -> u32 {
        self.by_day.iter().copied().max().unwrap_or(0)
    }
}

/// Parcels from a place to around a point.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Flow {
    pub location: LocationId,
    /// To a whole degree.
    pub latitude: i16,
    pub longitude: i16,
    pub real: u32,
    pub simulated: u32,
}

/// An order that would have gone elsewhere.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Move {
    pub number: String,
    pub placed_at: DateTime<Utc>,
    pub real: Outcome,
    pub simulated: Outcome,
    /// The number of the first decision that would have been another; none where it was not made at all.
    #[serde(default)]
    pub decision: Option<i32>,
    /// Why the simulation decided otherwise there.
    pub explanation: Option<Explanation>,
}

/// What became of an order.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcome {
    /// (name of a place, units)
    pub places: Vec<(String, i32)>,
    pub units_short: i32,
    /// What carriage and packing come to, as far as they are known.
    pub cost_minor: i64,
    /// When the last of it is there.
    pub there_by: Option<DateTime<Utc>>,
}

/// See [`Move`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MoveRow {
    pub no: i32,
    pub order: OrderId,
    pub number: String,
    pub placed_at: DateTime<Utc>,
    pub real: Outcome,
    pub simulated: Outcome,
}

/// An order that would have gone elsewhere, with why it went where it did and why it would not.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MoveView {
    pub row: MoveRow,
    pub real: Option<Explanation>,
    pub simulated: Option<Explanation>,
}
