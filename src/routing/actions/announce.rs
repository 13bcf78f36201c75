//! An event with a word of your own is written to the order, sent to the webhooks that ask for it, and shown on the timeline.

use super::{ActionKind, Besides, Blank, Decision, Filled, Fills, Role, WrongFill};
use crate::routing::RuleOutcome;

pub(super) static KIND: ActionKind = ActionKind {
    code: "announce",
    name: "tell other systems",
    help: "An event with a word of your own is written to the order. It is sent to the webhooks that ask for it, and the timeline shows it to your people.",
    says: "announce {word}",
    role: Role::Besides,
    after: &[RuleOutcome::Full, RuleOutcome::Partial, RuleOutcome::Nothing],
    blanks: &[Blank { name: "word", label: "word", filled: Filled::Text }],
    ready,
};

fn ready(fills: &Fills<'_>, decision: &mut Decision) -> Result<(), WrongFill> {
    decision.besides.push(Besides::Announce(fills.text("word", 60)?));
    Ok(())
}
