//! Whether the customer chose a time in which it comes.

use crate::routing::facts::{Choices, Fact, Needs, OfOrder, Reads, Says, Unit, OrderView};

pub(super) static FACT: Fact<OfOrder> = Fact {
    code: "slot",
    name: "chosen time",
    help: "Whether the customer chose a time in which it comes.",
    unit: Unit::None,
    choices: Choices::None,
    reads: Reads::<OfOrder>::Flag(read),
    needs: Needs::Nothing,
    says: Says { yes: "a time was chosen", no: "no time was chosen", ..Says::NOTHING },
    better: None,
};

fn read(view: &OrderView<'_>) -> bool {
    view.order.slot.is_some()
}
