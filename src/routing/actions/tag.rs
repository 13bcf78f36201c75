//! A tag is put on the order: it is found by it, and rules can ask for it.

use super::{ActionKind, Besides, Blank, Decision, Filled, Fills, Role, WrongFill};
use crate::routing::RuleOutcome;

pub(super) static KIND: ActionKind = ActionKind {
    code: "tag",
    name: "tag the order",
    help: "A tag is put on the order: it is found by it, and rules can ask for it.",
    says: "tag the order {tag}",
    role: Role::Besides,
    after: &[RuleOutcome::Full, RuleOutcome::Partial, RuleOutcome::Nothing],
    blanks: &[Blank { name: "tag", label: "tag", filled: Filled::Text }],
    ready,
};

fn ready(fills: &Fills<'_>, decision: &mut Decision) -> Result<(), WrongFill> {
    decision.besides.push(Besides::Tag(fills.text("tag", 40)?));
    Ok(())
}
