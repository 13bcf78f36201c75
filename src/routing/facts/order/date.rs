//! The day on which the order is routed, in the company’s time.

use crate::routing::facts::{Choices, Fact, Needs, OfOrder, Reads, Says, Unit, OrderView};
use crate::routing::facts::order::day_number;

pub(super) static FACT: Fact<OfOrder> = Fact {
    code: "date",
    name: "date",
    help: "The day on which the order is routed, in the company’s time.",
    unit: Unit::Date,
    choices: Choices::None,
    reads: Reads::<OfOrder>::Number(read),
    needs: Needs::Nothing,
    says: Says { at_least: "from {} on", at_most: "up to {}", ..Says::NOTHING },
    better: None,
};

fn read(view: &OrderView<'_>) -> Option<f64> {
    Some(day_number(view.snapshot))
}
