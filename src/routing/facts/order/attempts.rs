//! How often it was decided before where the order goes; to be looked at again and wait on does not count.

use crate::routing::facts::{Choices, Fact, Needs, OfOrder, Reads, Says, Unit, OrderView};

pub(super) static FACT: Fact<OfOrder> = Fact {
    code: "attempts",
    name: "attempts",
    help: "How often it was decided before where the order goes; to be looked at again and wait on does not count.",
    unit: Unit::Points,
    choices: Choices::None,
    reads: Reads::<OfOrder>::Number(read),
    needs: Needs::Nothing,
    says: Says { at_least: "it was routed {} times or more", at_most: "it was routed at most {} times", ..Says::NOTHING },
    better: None,
};

fn read(view: &OrderView<'_>) -> Option<f64> {
    Some(view.order.traits.attempts.into())
}
