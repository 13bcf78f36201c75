//! Take what was found. What was not waits in a queue.

use super::{ActionKind, Blank, Decision, Filled, Fills, Role, Take, WrongFill};
use crate::routing::RuleOutcome;

pub(super) static KIND: ActionKind = ActionKind {
    code: "assign",
    name: "assign",
    help: "Take what was found. What was not waits in a queue.",
    says: "take what was found; what is missing {rest}",
    role: Role::Decides,
    after: &[RuleOutcome::Full, RuleOutcome::Partial],
    blanks: &[Blank { name: "rest", label: "what is missing", filled: Filled::Queue }],
    ready,
};

fn ready(fills: &Fills<'_>, decision: &mut Decision) -> Result<(), WrongFill> {
    decision.take = Take::Found { rest: fills.queue("rest")? };
    Ok(())
}
