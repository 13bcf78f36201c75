//! How far the payment is.

use crate::routing::facts::{Choices, Fact, Needs, OfOrder, Reads, Says, Unit, OrderView};

pub(super) static FACT: Fact<OfOrder> = Fact {
    code: "payment",
    name: "payment",
    help: "How far the payment is.",
    unit: Unit::None,
    choices: Choices::These(&[("none", "not asked for"), ("pending", "pending"), ("authorised", "authorised"), ("captured", "captured")]),
    reads: Reads::<OfOrder>::Word(read),
    needs: Needs::Nothing,
    says: Says { one_of: "the payment is {}", none_of: "the payment is not {}", ..Says::NOTHING },
    better: None,
};

fn read<'a>(view: &OrderView<'a>) -> Option<&'a str> {
    Some(view.order.traits.payment.as_str())
}
