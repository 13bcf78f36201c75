//! What the business decides, as it is written down, stored and sent: an ordered list of rules. The first that is for an order and can act takes it.
//!
//! This is plain data: facts, costs and actions are named by their codes, so that a browser can edit a rule without knowing how it is carried out.
//! [`super::Ruleset`] is the same, checked and ready to be used.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

mod starting;
mod written;

pub use starting::{assign, hold};
use written::Written;

/// All that a version of a ruleset says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rules {
    pub rules: Vec<Rule>,
    /// Where a promise cannot be kept, orders are tried again with so many days more, one after the other. What even that does not place gives the
    /// promise up, where more is sent without it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub relax_days: Vec<u16>,
    /// For so many days a store or vendor that did not have something is not asked for it again for that order; 0: it may be at once.
    #[serde(default = "a_week")]
    pub not_again_days: u16,
}

const fn a_week() -> u16 {
    7
}

impl Default for Rules {
    fn default() -> Self {
        Self { rules: Vec::new(), relax_days: Vec::new(), not_again_days: a_week() }
    }
}

/// When an order is like this, take it from these places, in this order of preference, and then do this.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// It stays the same from version to version.
    pub id: String,
    pub name: String,
    /// Why the rule is there.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
    /// Switched off: it is passed over.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub off: bool,
    #[serde(default)]
    pub when: Condition,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub candidates: Vec<Filter>,
    #[serde(default)]
    pub prefer: Prefer,
    #[serde(default)]
    pub allocate: Allocate,
    pub then: Then,
}

/// Conditions nest.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Condition {
    #[default]
    Always,
    All(Vec<Condition>),
    Any(Vec<Condition>),
    None(Vec<Condition>),
    Order(Test),
    Lines(LinesTest),
}

/// A question about a fact.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Written", into = "Written")]
pub struct Test {
    /// The code of the fact.
    pub fact: String,
    pub asks: Asks,
}

/// What is asked of a fact.
#[derive(Clone, Debug, PartialEq)]
pub enum Asks {
    OneOf(Vec<String>),
    NoneOf(Vec<String>),
    AtLeast(f64),
    AtMost(f64),
    Is(bool),
}

impl Default for Asks {
    fn default() -> Self {
        Self::OneOf(Vec::new())
    }
}

/// A question about the lines of an order.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Written", into = "Written")]
pub struct LinesTest {
    pub of: Scope,
    pub test: Test,
}

text_enum! {
    /// For how many lines something has to hold.
    pub enum Scope {
        Any = "any",
        All = "all",
        None = "none",
    }
}

impl Scope {
    /// For people, before what holds.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Any => "any line",
            Self::All => "every line",
            Self::None => "no line",
        }
    }
}

/// A demand on a location. A hard one always counts; soft ones are dropped, all together, where more is found without them.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Written", into = "Written")]
pub struct Filter {
    pub test: Test,
    pub hard: bool,
}

/// Which of the locations that are left are preferred.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Prefer {
    /// The first decides, the next breaks ties. As few parcels as it takes; among those the best ranked.
    Ranked(Vec<Preference>),
    /// Whatever costs least in all, over one parcel or several.
    Cheapest(Vec<CostPart>),
}

impl Default for Prefer {
    fn default() -> Self {
        Self::Ranked(Vec::new())
    }
}

/// One fact that locations are ranked by.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Preference {
    /// The code of the fact.
    pub by: String,
    /// Values in the same band of this width are ties, so that the next fact decides; above zero.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub band: Option<f64>,
    /// Of a fact that is words: which come first, in this order; what is not named comes after them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub first: Vec<String>,
}

/// One part of the cost.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CostPart {
    /// The code of the cost.
    pub by: String,
    /// Percent of an amount, or minor units for each of what it counts; zero or more.
    pub weight: f64,
}

/// How an order may be spread.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Allocate {
    /// Locations that one order may come from at most; none is any number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parcels: Option<u8>,
    /// Locations that one line may come from at most.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub per_line: Option<u8>,
    /// Lines of which any of these holds come whole from one location.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub never_split: Vec<Test>,
    /// Codes of facts of lines: lines that share a word of it come from the same location.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub keep_together: Vec<String>,
    /// Where an order is spread, or a part of it waits, each part is worth at least this, minor units.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub least_part_minor: Option<i64>,
    /// The limits give way, all together, where more is sent without them.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub soft: bool,
}

impl Allocate {
    /// Everything from one location.
    pub fn one() -> Self {
        Self { parcels: Some(1), ..Self::default() }
    }
}

/// What to do when everything, a part, or nothing was found.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Then {
    pub full: Step,
    pub partial: Step,
    pub none: Step,
}

/// What is done, and what is done besides.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    pub act: Action,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub also: Vec<Action>,
}

/// An action, with what is filled in.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Action {
    /// The code of the action.
    #[serde(rename = "do")]
    pub code: String,
    #[serde(flatten)]
    pub fills: BTreeMap<String, Fill>,
}

impl Default for Action {
    fn default() -> Self {
        Self::plain("next_rule")
    }
}

/// What is filled in in a blank.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Fill {
    Number(f64),
    Text(String),
}

impl Action {
    /// One that has no blanks.
    pub fn plain(code: &str) -> Self {
        Self { code: code.to_owned(), fills: BTreeMap::new() }
    }

    #[must_use]
    pub fn with(mut self, blank: &str, fill: Fill) -> Self {
        self.fills.insert(blank.to_owned(), fill);
        self
    }
}

impl Step {
    pub fn only(act: Action) -> Self {
        Self { act, also: Vec::new() }
    }
}

impl Test {
    pub fn one_of(fact: &str, words: &[&str]) -> Self {
        Self { fact: fact.to_owned(), asks: Asks::OneOf(words.iter().map(|w| (*w).to_owned()).collect()) }
    }

    pub fn at_least(fact: &str, number: f64) -> Self {
        Self { fact: fact.to_owned(), asks: Asks::AtLeast(number) }
    }

    pub fn at_most(fact: &str, number: f64) -> Self {
        Self { fact: fact.to_owned(), asks: Asks::AtMost(number) }
    }

    pub fn hard(self) -> Filter {
        Filter { test: self, hard: true }
    }

    pub fn soft(self) -> Filter {
        Filter { test: self, hard: false }
    }
}

impl Preference {
    pub fn by(fact: &str) -> Self {
        Self { by: fact.to_owned(), ..Self::default() }
    }

    pub fn in_bands_of(fact: &str, band: f64) -> Self {
        Self { band: Some(band), ..Self::by(fact) }
    }
}
