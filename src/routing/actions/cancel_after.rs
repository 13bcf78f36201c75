//! What waits so long is cancelled, and the customer is told.

use super::{ActionKind, Besides, Blank, Decision, Filled, Fills, Role, WrongFill};
use crate::routing::RuleOutcome;

pub(super) static KIND: ActionKind = ActionKind {
    code: "cancel_after",
    name: "cancel after a time",
    help: "What waits so long is cancelled, and the customer is told.",
    says: "cancel what waits after {days} days",
    role: Role::Besides,
    after: &[RuleOutcome::Partial, RuleOutcome::Nothing],
    blanks: &[Blank { name: "days", label: "days", filled: Filled::Number }],
    ready,
};

fn ready(fills: &Fills<'_>, decision: &mut Decision) -> Result<(), WrongFill> {
    decision.besides.push(Besides::CancelAfterDays(fills.whole("days", 1, 365)?));
    Ok(())
}
