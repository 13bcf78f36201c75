//! How many lines are to be routed.

use crate::routing::facts::{Choices, Fact, Needs, OfOrder, Reads, Says, Unit, OrderView};

pub(super) static FACT: Fact<OfOrder> = Fact {
    code: "lines",
    name: "lines",
    help: "How many lines are to be routed.",
    unit: Unit::Lines,
    choices: Choices::None,
    reads: Reads::<OfOrder>::Number(read),
    needs: Needs::Nothing,
    says: Says { at_least: "there are at least {}", at_most: "there are at most {}", ..Says::NOTHING },
    better: None,
};

fn read(view: &OrderView<'_>) -> Option<f64> {
    Some(view.order.lines.len() as f64)
}
