//! Where each line comes from. The heart is [`plan`], a pure function: same input, same plan, same trace.
//!
//! The checkout's promise, allocation, re-routing, explanations and simulation all call it, so that the promise is what routing will do.

mod plan;
mod promise;
mod ruleset;
mod sending;
pub mod views;

pub use plan::{
    Assignment, CandidateTrace, ENGINE_VERSION, Plan, PlanLine, PlanOrder, Removal, RuleOutcome, RuleTrace, Trace, Waiting, asks_too_much,
    can_be_sent, obtainable, plan,
};
pub use promise::{Promise, PromisedParcel, Window, parcel_of, promise};
pub use ruleset::{Action, Allocate, Band, Condition, Criterion, Filter, LocationTest, OrderTest, Preference, Rule, Ruleset, RulesetProblem, Then};

text_enum! {
    /// Why units wait that no location has taken.
    pub enum Queue {
        /// Not looked at yet, or no rule matched.
        Unrouted = "unrouted",
        /// More is expected.
        Backorder = "backorder",
        /// Not on sale yet.
        Preorder = "preorder",
        /// A location would not do it.
        Rejected = "rejected",
        /// Nobody has it.
        Unfillable = "unfillable",
    }
}

impl Queue {
    pub const fn label(self) -> &'static str {
        match self {
            Self::Unrouted => "waits to be routed",
            Self::Backorder => "on backorder",
            Self::Preorder => "pre-ordered",
            Self::Rejected => "turned down by a location",
            Self::Unfillable => "nobody has it",
        }
    }
}

#[cfg(feature = "postgres")]
mod explain_decision;
#[cfg(feature = "postgres")]
mod publish_ruleset;
#[cfg(feature = "postgres")]
mod record_decisions;
#[cfg(feature = "postgres")]
pub use {
    explain_decision::explain_decision,
    publish_ruleset::{active_ruleset, publish_ruleset},
    record_decisions::{Decided, DecisionRecord, record_decisions},
};
