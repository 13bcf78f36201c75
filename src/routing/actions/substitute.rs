//! Take what was found, and something else in the place of the rest.

use super::{ActionKind, Decision, Fills, Role, Take, WrongFill};
use crate::routing::{Queue, RuleOutcome};

pub(super) static KIND: ActionKind = ActionKind {
    code: "substitute",
    name: "send a substitute",
    help: "Take what was found, and send what is named as its substitute and is there in the place of the rest, at the same price and without asking: the customer \
           is told. What nothing can stand in for waits until somebody has it or a substitute of it.",
    says: "take what was found, and send a substitute for the rest without asking",
    role: Role::Decides,
    after: &[RuleOutcome::Partial, RuleOutcome::Nothing],
    blanks: &[],
    ready,
};

fn ready(_: &Fills<'_>, decision: &mut Decision) -> Result<(), WrongFill> {
    decision.take = Take::Found { rest: Queue::Substitute };
    Ok(())
}
