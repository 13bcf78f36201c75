//! The priority of the order: 0 is ordinary, more is more urgent.

use crate::routing::facts::{Choices, Fact, Needs, OfOrder, Reads, Says, Unit, OrderView};

pub(super) static FACT: Fact<OfOrder> = Fact {
    code: "priority",
    name: "priority",
    help: "The priority of the order: 0 is ordinary, more is more urgent.",
    unit: Unit::Points,
    choices: Choices::None,
    reads: Reads::<OfOrder>::Number(read),
    needs: Needs::Nothing,
    says: Says { at_least: "priority is at least {}", at_most: "priority is at most {}", ..Says::NOTHING },
    better: None,
};

fn read(view: &OrderView<'_>) -> Option<f64> {
    Some(view.order.traits.priority.into())
}
