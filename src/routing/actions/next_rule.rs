//! Nothing is taken: the next rule that is for the order decides.

use super::{ActionKind, Decision, Fills, Role, Take, WrongFill};
use crate::routing::RuleOutcome;

pub(super) static KIND: ActionKind = ActionKind {
    code: "next_rule",
    name: "try the next rule",
    help: "Nothing is taken: the next rule that is for the order decides.",
    says: "try the next rule",
    role: Role::Decides,
    after: &[RuleOutcome::Full, RuleOutcome::Partial, RuleOutcome::Nothing],
    blanks: &[],
    ready,
};

fn ready(_: &Fills<'_>, decision: &mut Decision) -> Result<(), WrongFill> {
    decision.take = Take::NextRule;
    Ok(())
}
