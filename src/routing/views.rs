//! What people see of routing: decisions in plain words, rules that are worked on, and when which is in force.

use super::rules::Rules;
use crate::ids::{ActivationId, DraftId, RulesetId};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// A decision about an order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DecisionRow {
    /// Counts from 1.
    pub no: i32,
    pub at: DateTime<Utc>,
    /// The rules' name.
    pub ruleset: String,
    pub version: i32,
}

/// Why an order went where it went.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Explanation {
    /// "Nearest first, version 3".
    pub ruleset: String,
    /// Sentences, most important first.
    pub summary: Vec<String>,
    /// What locations were ranked by, or what their costs are called: one for each of their scores.
    #[serde(default)]
    pub ranked_by: Vec<String>,
    pub candidates: Vec<CandidateView>,
    /// What would have let others send something of it, each as little as it takes.
    #[serde(default)]
    pub otherwise: Vec<String>,
}

/// One location that was looked at.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CandidateView {
    pub location: String,
    pub distance_km: f64,
    pub units: i32,
    pub chosen: bool,
    /// What it was ranked by, in words; empty of those that were out of the question.
    #[serde(default)]
    pub scores: Vec<String>,
    /// Why it was not chosen.
    pub reason: Option<String>,
}

/// Something that is wrong, and where, as a JSON Pointer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    pub at: String,
    pub message: String,
}

/// Rules that are being worked on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DraftView {
    pub id: DraftId,
    pub ruleset: RulesetId,
    pub name: String,
    pub rules: Rules,
    pub based_on: Option<i32>,
    /// The newest version of its ruleset; none where there is none yet.
    pub newest: Option<i32>,
    pub revision: i32,
    pub changed_at: DateTime<Utc>,
    pub changed_by: Option<String>,
    pub problems: Vec<Problem>,
}

/// A draft in a list.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DraftRow {
    pub id: DraftId,
    pub name: String,
    pub based_on: Option<i32>,
    pub rules: usize,
    pub changed_at: DateTime<Utc>,
    pub changed_by: Option<String>,
}

/// A published version in a list.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct VersionRow {
    pub ruleset: RulesetId,
    pub version: i32,
    pub name: String,
    pub rules: usize,
    pub published_at: DateTime<Utc>,
    pub published_by: Option<String>,
    /// Who has approved it.
    pub approved_by: Vec<String>,
    pub state: VersionState,
}

text_enum! {
    /// How far a version is.
    pub enum VersionState {
        /// Never put in force.
        Published = "published",
        Scheduled = "scheduled",
        Active = "active",
        Archived = "archived",
    }
}

impl VersionState {
    /// For people.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Published => "Not yet in force",
            Self::Scheduled => "Scheduled",
            Self::Active => "In force",
            Self::Archived => "Was in force",
        }
    }
}

/// A time that a version is, was or will be in force.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ActivationRow {
    pub id: ActivationId,
    pub ruleset: RulesetId,
    pub version: i32,
    pub name: String,
    pub from: DateTime<Utc>,
    pub until: Option<DateTime<Utc>>,
    pub planned_by: Option<String>,
    pub planned_at: DateTime<Utc>,
    /// It is this one now.
    pub in_force: bool,
}

/// Everything on the page of routing.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RoutingOverview {
    /// In force now, and still to come, the one that begins first before the others.
    pub activations: Vec<ActivationRow>,
    pub drafts: Vec<DraftRow>,
    pub versions: Vec<VersionRow>,
    pub templates: Vec<TemplateView>,
    pub four_eyes: bool,
    /// A version has to be simulated before it is put in force.
    pub simulated_first: bool,
    pub stopped: Option<Stopped>,
    /// The reader may change any of it; and who needs whose approval.
    pub may_manage: bool,
    pub may_set_four_eyes: bool,
}

/// A ruleset to begin from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TemplateView {
    pub code: String,
    pub name: String,
    pub help: String,
}

/// Nothing is given to locations.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stopped {
    pub at: DateTime<Utc>,
    pub by: Option<String>,
    pub reason: String,
}

/// A published version with its rules.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct VersionView {
    pub row: VersionRow,
    pub rules: Rules,
    pub activations: Vec<ActivationRow>,
    pub comments: Vec<CommentView>,
    /// The reader may approve it: somebody else has made it.
    pub may_approve: bool,
}

/// What somebody has said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CommentView {
    pub author: String,
    pub said_at: DateTime<Utc>,
    pub text: String,
}

/// All that rules can be made of, for those who make them.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Catalogue {
    pub order: Vec<FactView>,
    pub line: Vec<FactView>,
    pub place: Vec<FactView>,
    pub costs: Vec<CostView>,
    pub actions: Vec<ActionView>,
    /// (as it is stored, for people)
    pub queues: Vec<(String, String)>,
}

/// See [`super::facts::Fact`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FactView {
    pub code: String,
    pub name: String,
    pub help: String,
    /// `words`, `number` or `flag`.
    pub kind: FactKind,
    /// What a number is counted in, as forms say it; and how many of what is stored one of it is.
    pub unit: String,
    pub scale: f64,
    /// What can be chosen, as it is stored and for people.
    pub choices: Vec<(String, String)>,
    /// Other words can be written, too.
    pub may_be_written: bool,
    pub one_of: String,
    pub none_of: String,
    pub at_least: String,
    pub at_most: String,
    pub yes: String,
    pub no: String,
    /// Empty where locations are not ranked by it.
    pub first: String,
}

/// How a fact is asked about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum FactKind {
    Words,
    Number,
    Date,
    Flag,
}

/// See [`super::facts::Cost`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CostView {
    pub code: String,
    pub name: String,
    pub help: String,
    /// Empty where it is a percentage; else an amount for each of these.
    pub each: String,
}

/// See [`super::actions::ActionKind`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActionView {
    pub code: String,
    pub name: String,
    pub help: String,
    pub says: String,
    /// It decides about the order; else it is done besides.
    pub decides: bool,
    /// `full`, `partial` and `none`, as far as it makes sense after them.
    pub after: Vec<String>,
    pub blanks: Vec<BlankView>,
}

/// See [`super::actions::Blank`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BlankView {
    pub name: String,
    pub label: String,
    /// `queue`, `number` or `text`.
    pub filled: String,
}
