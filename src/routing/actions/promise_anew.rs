//! Take what can be had later than it was promised, and promise that.

use super::{ActionKind, Blank, Decision, Filled, Fills, Role, Take, WrongFill};
use crate::routing::RuleOutcome;

pub(super) static KIND: ActionKind = ActionKind {
    code: "promise_anew",
    name: "promise a later date",
    help: "Look once more among the same locations, as if no date had been promised, and take what is found: the customer is told the new date at once. Without \
           this, later rules are asked first, and the date gives way only where none of them keeps it. An order whose customer was shown a sooner date when placing \
           it is not taken. What nobody has waits.",
    says: "take what can be had later, and promise that date; what is missing {rest}",
    role: Role::Decides,
    after: &[RuleOutcome::Partial, RuleOutcome::Nothing],
    blanks: &[Blank { name: "rest", label: "what is missing", filled: Filled::Queue }],
    ready,
};

fn ready(fills: &Fills<'_>, decision: &mut Decision) -> Result<(), WrongFill> {
    decision.take = Take::Later { rest: fills.queue("rest")? };
    Ok(())
}
