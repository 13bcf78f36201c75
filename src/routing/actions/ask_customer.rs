//! Take what was found, and ask the customer about the rest.

use super::{ActionKind, Decision, Fills, Role, Take, WrongFill};
use crate::routing::{Queue, RuleOutcome};

pub(super) static KIND: ActionKind = ActionKind {
    code: "ask_customer",
    name: "ask the customer",
    help: "Take what was found, and ask the customer by mail and on the order’s page whether to wait for the rest, to do without it, or to have a substitute \
           that is named for it and is there, at the same price. Until they answer it waits, and is sent when somebody has it.",
    says: "take what was found, and ask the customer whether to wait for the rest or to have a substitute",
    role: Role::Decides,
    after: &[RuleOutcome::Partial, RuleOutcome::Nothing],
    blanks: &[],
    ready,
};

fn ready(_: &Fills<'_>, decision: &mut Decision) -> Result<(), WrongFill> {
    decision.take = Take::Found { rest: Queue::Asked };
    Ok(())
}
