//! The best locations that have all of it are asked first; the first that takes it sends it.

use super::{ActionKind, Besides, Blank, Decision, Filled, Fills, Role, WrongFill};
use crate::routing::RuleOutcome;

pub(super) static KIND: ActionKind = ActionKind {
    code: "offer",
    name: "offer it first",
    help: "Where one location would send all that was found, the best that have it are asked, and the first that takes it sends it. Meanwhile the best of \
           them keeps the units; it sends them where nobody answers in time. Whoever says no is not asked again.",
    says: "offer it to the {places} best that have it, for {minutes} minutes; the first that takes it sends it",
    role: Role::Besides,
    after: &[RuleOutcome::Full, RuleOutcome::Partial],
    blanks: &[
        Blank { name: "places", label: "locations", filled: Filled::Number },
        Blank { name: "minutes", label: "minutes", filled: Filled::Number },
    ],
    ready,
};

fn ready(fills: &Fills<'_>, decision: &mut Decision) -> Result<(), WrongFill> {
    decision.besides.push(Besides::Offer { places: fills.whole("places", 2, 20)?, minutes: fills.whole("minutes", 1, 1_440)? });
    Ok(())
}
