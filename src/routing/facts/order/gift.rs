//! Whether something in it is to be wrapped as a gift.

use crate::routing::facts::{Choices, Fact, Needs, OfOrder, Reads, Says, Unit, OrderView};

pub(super) static FACT: Fact<OfOrder> = Fact {
    code: "gift",
    name: "gift",
    help: "Whether something in it is to be wrapped as a gift.",
    unit: Unit::None,
    choices: Choices::None,
    reads: Reads::<OfOrder>::Flag(read),
    needs: Needs::Nothing,
    says: Says { yes: "it is a gift", no: "it is not a gift", ..Says::NOTHING },
    better: None,
};

fn read(view: &OrderView<'_>) -> bool {
    view.order.traits.gift
}
