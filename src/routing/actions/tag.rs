//! A tag is put on the order: it is found by it, and rules can ask for it.

use super::{ActionKind, Besides, Blank, Decision, Filled, Fills, Role, WrongFill};
use crate::routing::RuleOutcome;
use crate::tags::clean_tags;

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
    let tags = clean_tags(&[fills.text("tag", 60)?]).map_err(|message| ("tag".to_owned(), message))?;
    decision.besides.extend(tags.into_iter().map(Besides::Tag));
    Ok(())
}
