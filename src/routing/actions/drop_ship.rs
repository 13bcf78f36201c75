//! Take what was found; what is missing is taken from vendors that send for us, whatever the rule asks of locations. What they do not have waits.

use super::{ActionKind, Blank, Decision, Filled, Fills, Role, Take, WrongFill};
use crate::routing::RuleOutcome;

pub(super) static KIND: ActionKind = ActionKind {
    code: "drop_ship",
    name: "order from suppliers",
    help: "Take what was found; what is missing is taken from vendors that send for us, whatever the rule asks of locations. What they do not have waits.",
    says: "take the rest from vendors; what is missing then {rest}",
    role: Role::Decides,
    after: &[RuleOutcome::Partial, RuleOutcome::Nothing],
    blanks: &[Blank { name: "rest", label: "what is missing then", filled: Filled::Queue }],
    ready,
};

fn ready(fills: &Fills<'_>, decision: &mut Decision) -> Result<(), WrongFill> {
    decision.take = Take::Vendors { rest: fills.queue("rest")? };
    Ok(())
}
