//! Take what the store has; the rest is sent to it from elsewhere, for the customer to collect.

use super::{ActionKind, Blank, Decision, Filled, Fills, Role, Take, WrongFill};
use crate::routing::RuleOutcome;

pub(super) static KIND: ActionKind = ActionKind {
    code: "transfer_to_store",
    name: "bring it to the store",
    help: "Where the customer collects: take what the store has, and have the rest sent to it from the other locations that this rule allows, as it prefers \
           them. The store hands it over when it has come. What nobody has waits.",
    says: "bring the rest to the store from elsewhere; what is missing then {rest}",
    role: Role::Decides,
    after: &[RuleOutcome::Partial, RuleOutcome::Nothing],
    blanks: &[Blank { name: "rest", label: "what is missing then", filled: Filled::Queue }],
    ready,
};

fn ready(fills: &Fills<'_>, decision: &mut Decision) -> Result<(), WrongFill> {
    decision.take = Take::ToStore { rest: fills.queue("rest")? };
    Ok(())
}
