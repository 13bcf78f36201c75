//! What planning answers: who does what, and how it came to be.

use crate::ids::LocationId;
use crate::promising::CannotSend;
use crate::routing::Queue;
use crate::routing::actions::Besides;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// Who does what.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// In the order of the lines, then of preference.
    pub assignments: Vec<Assignment>,
    pub waiting: Vec<Waiting>,
    /// Position in the ruleset of the rule that decided.
    pub rule: Option<u32>,
    /// What the rule wants done besides.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub besides: Vec<Besides>,
    /// Who is asked before it is the work of the one that it is assigned to; none where nobody else is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offer: Option<Offer>,
}

/// Locations that could each do all that is assigned, and of which the first that takes it does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Offer {
    /// In order of preference; the one that it is assigned to is among them.
    pub locations: Vec<LocationId>,
    /// How long they are asked.
    pub minutes: u32,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Assignment {
    pub line_no: i32,
    pub location: LocationId,
    pub quantity: i32,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Waiting {
    pub line_no: i32,
    pub quantity: i32,
    pub queue: Queue,
    /// Where they are expected, and when, if they are promised.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub location: Option<LocationId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected_at: Option<DateTime<Utc>>,
}

/// Everything that was looked at on the way.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Trace {
    pub rules: Vec<RuleTrace>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RuleTrace {
    pub rule: String,
    pub outcome: RuleOutcome,
    /// In order of preference; those removed come last.
    pub candidates: Vec<CandidateTrace>,
    /// The least cost was asked for, and the order is so large that not every way to split it was looked at: what was found may not be the cheapest.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub cut_short: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RuleOutcome {
    /// The order is not of the kind the rule is for.
    NotForThisOrder,
    Full,
    Partial,
    Nothing,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CandidateTrace {
    pub location: LocationId,
    pub distance_km: f64,
    /// Units of the order it could give.
    pub units_found: i32,
    /// What it was ranked by, in the order of the rule's preferences, as far as it is known; where the least cost was asked for, what the whole
    /// order would cost from there, in minor units.
    pub scores: Vec<Option<f64>>,
    pub removed: Option<Removal>,
}

/// What put a location out of the running.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Removal {
    Closed(String),
    DoesNotShip,
    NotTheChosenStore,
    NothingAvailable,
    /// It has taken all the orders that it takes today.
    Full,
    /// All of it, or what it is asked for.
    TurnedItDown,
    /// Another of those who were asked has taken it.
    TakenByAnother,
    CannotSend(CannotSend),
    /// What it has would be there only then.
    TooLate(DateTime<Utc>),
    /// A demand of the rule, by its position, and what the location's fact was, where it is a number or a word.
    Filter {
        demand: usize,
        was: Option<String>,
    },
}
