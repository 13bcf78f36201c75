//! The hours since the order was placed.

use crate::routing::facts::{Choices, Fact, Needs, OfOrder, Reads, Says, Unit, OrderView};
use crate::routing::facts::order::days_until;

pub(super) static FACT: Fact<OfOrder> = Fact {
    code: "age",
    name: "age",
    help: "The hours since the order was placed.",
    unit: Unit::Hours,
    choices: Choices::None,
    reads: Reads::<OfOrder>::Number(read),
    needs: Needs::Nothing,
    says: Says { at_least: "it was placed {} ago or earlier", at_most: "it was placed within the last {}", ..Says::NOTHING },
    better: None,
};

fn read(view: &OrderView<'_>) -> Option<f64> {
    Some(-days_until(view.snapshot.at, view.order.traits.placed_at?) * 24.0)
}
