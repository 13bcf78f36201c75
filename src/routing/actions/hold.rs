//! Nothing is taken: the whole order waits in a queue. It is looked at again when units come, and hourly.

use super::{ActionKind, Blank, Decision, Filled, Fills, Role, Take, WrongFill};
use crate::routing::RuleOutcome;

pub(super) static KIND: ActionKind = ActionKind {
    code: "hold",
    name: "let it wait",
    help: "Nothing is taken: the whole order waits in a queue. It is looked at again when units come, and hourly.",
    says: "the whole order {queue}",
    role: Role::Decides,
    after: &[RuleOutcome::Full, RuleOutcome::Partial, RuleOutcome::Nothing],
    blanks: &[Blank { name: "queue", label: "queue", filled: Filled::Queue }],
    ready,
};

fn ready(fills: &Fills<'_>, decision: &mut Decision) -> Result<(), WrongFill> {
    decision.take = Take::Nothing { queue: fills.queue("queue")? };
    Ok(())
}
