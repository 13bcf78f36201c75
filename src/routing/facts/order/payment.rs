//! How far the payment is.

use crate::routing::facts::{Choices, Fact, Needs, OfOrder, Reads, Says, Unit, OrderView};

pub(super) static FACT: Fact<OfOrder> = Fact {
    code: "payment",
    name: "payment",
    help: "How far the payment is. Of an order that is placed this moment it is pending: the bank is asked once it is known that there is enough.",
    unit: Unit::None,
    choices: Choices::These(&[
        ("pending", "pending"),
        ("authorised", "authorised"),
        ("partly_captured", "partly charged"),
        ("captured", "charged"),
        ("partly_refunded", "partly refunded"),
        ("refunded", "refunded"),
    ]),
    reads: Reads::<OfOrder>::Word(read),
    needs: Needs::Nothing,
    says: Says { one_of: "the payment is {}", none_of: "the payment is not {}", ..Says::NOTHING },
    better: None,
};

fn read<'a>(view: &OrderView<'a>) -> Option<&'a str> {
    Some(view.order.traits.payment.as_str())
}
