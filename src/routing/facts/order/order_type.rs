//! What kind of order it is, in a word of the company's own, such as sample, replacement or wholesale.

use crate::routing::OrderTraits;
use crate::routing::facts::{Choices, Fact, Needs, OfOrder, OrderView, Reads, Says, Unit};

pub(super) static FACT: Fact<OfOrder> = Fact {
    code: "order_type",
    name: "type",
    help: "What kind of order it is, in a word of your own, such as sample, replacement or wholesale; standard where nothing was said.",
    unit: Unit::None,
    choices: Choices::OrderTypes,
    reads: Reads::<OfOrder>::Word(read),
    needs: Needs::Nothing,
    says: Says { one_of: "the order is of type {}", none_of: "the order is not of type {}", ..Says::NOTHING },
    better: None,
};

fn read<'a>(view: &OrderView<'a>) -> Option<&'a str> {
    Some(view.order.traits.order_type.as_str()).filter(|of| !of.is_empty()).or(Some(OrderTraits::STANDARD))
}
