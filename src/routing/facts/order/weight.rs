//! What everything that is to be routed weighs.

use crate::routing::facts::{Choices, Fact, Needs, OfOrder, Reads, Says, Unit, OrderView};

pub(super) static FACT: Fact<OfOrder> = Fact {
    code: "weight",
    name: "weight",
    help: "What everything that is to be routed weighs.",
    unit: Unit::Grams,
    choices: Choices::None,
    reads: Reads::<OfOrder>::Number(read),
    needs: Needs::Nothing,
    says: Says { at_least: "it weighs at least {}", at_most: "it weighs at most {}", ..Says::NOTHING },
    better: None,
};

fn read(view: &OrderView<'_>) -> Option<f64> {
    Some(view.order.lines.iter().map(|l| f64::from(l.quantity) * f64::from(l.size.grams)).sum())
}
