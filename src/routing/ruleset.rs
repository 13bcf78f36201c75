//! What the business decides: an ordered list of rules. The first rule that matches and can act takes the order.

use super::Queue;
use crate::fulfilment::Method;
use crate::ids::{RulesetId, SkuId};
use crate::inventory::{Location, LocationKind};
use crate::routing::PlanOrder;
use serde::{Deserialize, Serialize};

/// One published version. It never changes; each decision names the version it used.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Ruleset {
    pub id: RulesetId,
    pub version: i32,
    pub name: String,
    pub rules: Vec<Rule>,
}

/// When an order is like this, take from these places, in this order of preference, and then do this.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Rule {
    pub name: String,
    pub when: Condition,
    #[serde(default)]
    pub candidates: Vec<Filter>,
    #[serde(default)]
    pub prefer: Vec<Preference>,
    pub allocate: Allocate,
    pub then: Then,
}

/// Conditions nest.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Condition {
    Always,
    All(Vec<Condition>),
    Any(Vec<Condition>),
    None(Vec<Condition>),
    Order(OrderTest),
}

/// The closed set of questions about an order and its lines.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OrderTest {
    ChannelIn(Vec<String>),
    MethodIs(Method),
    CountryIn(Vec<String>),
    /// Total in minor units.
    ValueAtLeast(i64),
    UnitsAtLeast(i32),
    WeightAtLeastGrams(i64),
    AnyLineSkuIn(Vec<SkuId>),
    AllLinesSkuIn(Vec<SkuId>),
}

/// A demand on a location. A hard one always counts; soft ones are dropped, all together, where nothing is found with them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Filter {
    pub test: LocationTest,
    #[serde(default = "yes")]
    pub hard: bool,
}

const fn yes() -> bool {
    true
}

/// The closed set of questions about a location.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LocationTest {
    KindIn(Vec<LocationKind>),
    CodeIn(Vec<String>),
    CountryIn(Vec<String>),
    WithinKm(f64),
    HasCapacity,
}

/// One criterion, and how wide a difference has to be to count.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Preference {
    pub by: Criterion,
    #[serde(default)]
    pub band: Option<Band>,
}

/// Values in the same band are ties, so that the next criterion decides.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Band(pub f64);

text_enum! {
    /// What locations are compared by.
    pub enum Criterion {
        /// Great-circle kilometres to the destination, fewest first.
        Distance = "distance",
        /// The location's own priority, lowest number first.
        Priority = "priority",
        /// Units of the order's SKUs free there, most first.
        StockBalance = "stock_balance",
        /// Lines it can serve whole, most first.
        Coverage = "coverage",
        /// Orders it can still take today, most first.
        CapacityLeft = "capacity_left",
        /// Minutes it needs before hand-over to the carrier, fewest first.
        HandlingTime = "handling_time",
    }
}

/// Over how many locations an order may be spread.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Allocate {
    One,
    AtMost(u8),
    Any,
}

/// What to do when everything, a part, or nothing was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Then {
    pub full: Action,
    pub partial: Action,
    pub none: Action,
}

/// The closed set of actions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// Take what was found; what was not waits in the queue named.
    Assign {
        rest: Queue,
    },
    NextRule,
    /// Take nothing: the whole order waits.
    Hold(Queue),
}

/// Why a ruleset cannot be published.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RulesetProblem {
    #[error("A ruleset needs at least one rule.")]
    Empty,
    #[error("The rule “{0}” has a number that makes no sense: distances, bands and limits are above zero.")]
    BadNumber(String),
    #[error("A ruleset has at most {MOST_RULES} rules.")]
    TooMany,
}

/// More would not be read by anybody.
const MOST_RULES: usize = 500;

impl Ruleset {
    pub fn check(rules: &[Rule]) -> Result<(), RulesetProblem> {
        if rules.is_empty() {
            return Err(RulesetProblem::Empty);
        }
        if rules.len() > MOST_RULES {
            return Err(RulesetProblem::TooMany);
        }
        for rule in rules {
            let distances_are_fine = rule.candidates.iter().all(|f| !matches!(f.test, LocationTest::WithinKm(km) if km.is_nan() || km <= 0.0));
            let bands_are_fine = rule.prefer.iter().all(|p| p.band.is_none_or(|b| b.0 > 0.0));
            if !distances_are_fine || !bands_are_fine || rule.allocate == Allocate::AtMost(0) {
                return Err(RulesetProblem::BadNumber(rule.name.clone()));
            }
        }
        Ok(())
    }

    /// What a company starts with: collect where the customer chose; else one parcel from the nearest place that has everything; else the
    /// fewest parcels; else send what there is.
    pub fn starting_rules() -> Vec<Rule> {
        let nearest = vec![Preference { by: Criterion::Distance, band: Some(Band(25.0)) }, Preference { by: Criterion::StockBalance, band: None }];
        let open = vec![Filter { test: LocationTest::HasCapacity, hard: true }];
        vec![
            Rule {
                name: "Collect where the customer chose".to_owned(),
                when: Condition::Order(OrderTest::MethodIs(Method::Pickup)),
                candidates: open.clone(),
                prefer: Vec::new(),
                allocate: Allocate::One,
                then: Then {
                    full: Action::Assign { rest: Queue::Unfillable },
                    partial: Action::Hold(Queue::Unfillable),
                    none: Action::Hold(Queue::Unfillable),
                },
            },
            Rule {
                name: "One parcel from the nearest".to_owned(),
                when: Condition::Order(OrderTest::MethodIs(Method::Ship)),
                candidates: open.clone(),
                prefer: nearest.clone(),
                allocate: Allocate::One,
                then: Then { full: Action::Assign { rest: Queue::Unfillable }, partial: Action::NextRule, none: Action::NextRule },
            },
            Rule {
                name: "As few parcels as it takes".to_owned(),
                when: Condition::Order(OrderTest::MethodIs(Method::Ship)),
                candidates: open,
                prefer: nearest,
                allocate: Allocate::Any,
                then: Then {
                    full: Action::Assign { rest: Queue::Unfillable },
                    partial: Action::Assign { rest: Queue::Backorder },
                    none: Action::Hold(Queue::Unfillable),
                },
            },
        ]
    }
}

impl Condition {
    pub(super) fn holds(&self, order: &PlanOrder) -> bool {
        match self {
            Self::Always => true,
            Self::All(parts) => parts.iter().all(|p| p.holds(order)),
            Self::Any(parts) => parts.iter().any(|p| p.holds(order)),
            Self::None(parts) => !parts.iter().any(|p| p.holds(order)),
            Self::Order(test) => test.holds(order),
        }
    }
}

impl OrderTest {
    fn holds(&self, order: &PlanOrder) -> bool {
        match self {
            Self::ChannelIn(channels) => channels.contains(&order.channel),
            Self::MethodIs(method) => order.method == *method,
            Self::CountryIn(countries) => countries.contains(&order.country),
            Self::ValueAtLeast(minor) => order.value_minor >= *minor,
            Self::UnitsAtLeast(units) => order.lines.iter().map(|l| i64::from(l.quantity)).sum::<i64>() >= i64::from(*units),
            Self::WeightAtLeastGrams(grams) => order.lines.iter().map(|l| i64::from(l.quantity) * i64::from(l.size.grams)).sum::<i64>() >= *grams,
            Self::AnyLineSkuIn(skus) => order.lines.iter().any(|l| skus.contains(&l.sku)),
            Self::AllLinesSkuIn(skus) => order.lines.iter().all(|l| skus.contains(&l.sku)),
        }
    }
}

impl LocationTest {
    /// `capacity_left`: the orders that the location can still take today, asked for only where it counts.
    pub(super) fn holds(&self, location: &Location, distance_km: f64, capacity_left: impl Fn() -> Option<i32>) -> bool {
        match self {
            Self::KindIn(kinds) => kinds.contains(&location.kind),
            Self::CodeIn(codes) => codes.contains(&location.code),
            Self::CountryIn(countries) => countries.contains(&location.country),
            Self::WithinKm(km) => distance_km <= *km,
            Self::HasCapacity => capacity_left().is_none_or(|left| left > 0),
        }
    }

    /// Why a location that fails is out, in words that follow its name.
    pub fn refusal(&self) -> String {
        match self {
            Self::KindIn(kinds) => format!("is not a {}", kinds.iter().map(|k| k.label().to_lowercase()).collect::<Vec<_>>().join(" or ")),
            Self::CodeIn(codes) => format!("is not one of {}", codes.join(", ")),
            Self::CountryIn(countries) => format!("is not in {}", countries.join(", ")),
            Self::WithinKm(km) => format!("is more than {km:.0} km away"),
            Self::HasCapacity => "takes no more orders today".to_owned(),
        }
    }
}
