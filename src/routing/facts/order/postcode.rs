//! The beginning of the postcode that the order goes to, such as LS or SW1.

use crate::routing::facts::{Choices, Fact, Needs, OfOrder, Reads, Says, Unit, OrderView};

pub(super) static FACT: Fact<OfOrder> = Fact {
    code: "postcode",
    name: "postcode",
    help: "The beginning of the postcode that the order goes to, such as LS or SW1.",
    unit: Unit::None,
    choices: Choices::Free,
    reads: Reads::<OfOrder>::Beginning(read),
    needs: Needs::Nothing,
    says: Says { one_of: "the postcode begins with {}", none_of: "the postcode does not begin with {}", ..Says::NOTHING },
    better: None,
};

fn read<'a>(view: &OrderView<'a>) -> Option<&'a str> {
    Some(&view.order.postcode)
}
