//! How many units are to be routed, over all lines.

use crate::routing::facts::{Choices, Fact, Needs, OfOrder, Reads, Says, Unit, OrderView};

pub(super) static FACT: Fact<OfOrder> = Fact {
    code: "units",
    name: "units",
    help: "How many units are to be routed, over all lines.",
    unit: Unit::Units,
    choices: Choices::None,
    reads: Reads::<OfOrder>::Number(read),
    needs: Needs::Nothing,
    says: Says { at_least: "there are at least {}", at_most: "there are at most {}", ..Says::NOTHING },
    better: None,
};

fn read(view: &OrderView<'_>) -> Option<f64> {
    Some(view.order.lines.iter().map(|l| f64::from(l.quantity)).sum())
}
