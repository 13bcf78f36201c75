//! Whether the order is sent or collected in a store.

use crate::routing::facts::{Choices, Fact, Needs, OfOrder, Reads, Says, Unit, OrderView};

pub(super) static FACT: Fact<OfOrder> = Fact {
    code: "method",
    name: "way of fulfilment",
    help: "Whether the order is sent or collected in a store.",
    unit: Unit::None,
    choices: Choices::These(&[("ship", "sent"), ("pickup", "collected")]),
    reads: Reads::<OfOrder>::Word(read),
    needs: Needs::Nothing,
    says: Says { one_of: "the order is {}", none_of: "the order is not {}", ..Says::NOTHING },
    better: None,
};

fn read<'a>(view: &OrderView<'a>) -> Option<&'a str> {
    Some(view.order.method.as_str())
}
