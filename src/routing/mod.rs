//! Where each line comes from. The heart is [`plan`], a pure function: same input, same plan, same trace.
//!
//! The checkout's promise, allocation, re-routing, explanations and simulation all call it, so that the promise is what routing will do.

pub mod actions;
mod counterfactual;
pub mod facts;
pub mod lint;
mod plan;
mod promise;
pub mod rules;
mod ruleset;
mod sending;
pub mod templates;
mod turned_down;
pub mod views;
#[cfg(feature = "postgres")]
pub mod words;

pub use counterfactual::{Change, WouldHaveSent, would_have_sent};
pub use plan::{
    Assignment, CandidateTrace, ENGINE_VERSION, Offer, OrderTraits, Plan, PlanLine, PlanOrder, Removal, RuleOutcome, RuleTrace, Trace, Waiting,
    asks_too_much, can_be_sent, obtainable, plan, plan_traced,
};
pub use promise::{Promise, PromisedParcel, Window, come_by, parcel_of, promise};
pub use ruleset::{LookUps, ReadyRule, ReadyTest, Ruleset, RulesetProblem};
pub use turned_down::{NotBefore, TurnedDown};

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
        /// A person decides.
        CustomerCare = "customer_care",
        /// The customer decides.
        Asked = "asked",
        /// Something else is sent in its place as soon as it is there.
        Substitute = "substitute",
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
            Self::CustomerCare => "waits for customer service",
            Self::Asked => "waits for the customer’s answer",
            Self::Substitute => "waits for it or a substitute",
        }
    }
}

#[cfg(feature = "postgres")]
mod activate_ruleset;
#[cfg(feature = "postgres")]
mod approve_ruleset;
#[cfg(feature = "postgres")]
mod catalogue;
#[cfg(feature = "postgres")]
mod drafts;
#[cfg(feature = "postgres")]
mod explain_decision;
#[cfg(feature = "postgres")]
mod lint_rules;
#[cfg(feature = "postgres")]
mod list;
#[cfg(feature = "postgres")]
mod publish_ruleset;
#[cfg(feature = "postgres")]
mod record_decisions;
#[cfg(feature = "postgres")]
mod stop_routing;
#[cfg(feature = "postgres")]
pub use {
    activate_ruleset::{InForce, activate_ruleset, active_ruleset, make_ready, withdraw_activation},
    approve_ruleset::{Demands, approve_ruleset, comment_on_ruleset, set_demands},
    catalogue::routing_catalogue,
    drafts::{Beginning, begin_draft, delete_draft, problems_of, publish_draft, read_draft, save_draft},
    explain_decision::{decisions_of, explain_decision, otherwise, tell_decision},
    lint_rules::lint_rules,
    list::{read_version, routing_overview},
    publish_ruleset::{publish_ruleset, publish_version},
    record_decisions::{Decided, DecisionRecord, record_decisions},
    stop_routing::{resume_routing, stop_routing},
};
