//! What the order’s goods come to, in its own currency.

use crate::routing::facts::{Choices, Fact, Needs, OfOrder, Reads, Says, Unit, OrderView};

pub(super) static FACT: Fact<OfOrder> = Fact {
    code: "value",
    name: "order value",
    help: "What the order’s goods come to, in its own currency.",
    unit: Unit::Money,
    choices: Choices::None,
    reads: Reads::<OfOrder>::Number(read),
    needs: Needs::Nothing,
    says: Says { at_least: "order value is at least {}", at_most: "order value is at most {}", ..Says::NOTHING },
    better: None,
};

fn read(view: &OrderView<'_>) -> Option<f64> {
    Some(view.order.value_minor as f64)
}
