//! What the customer chose in the checkout, such as standard or express.

use crate::routing::facts::{Choices, Fact, Needs, OfOrder, Reads, Says, Unit, OrderView};

pub(super) static FACT: Fact<OfOrder> = Fact {
    code: "delivery_method",
    name: "way of delivery",
    help: "What the customer chose in the checkout, such as standard or express.",
    unit: Unit::None,
    choices: Choices::DeliveryMethods,
    reads: Reads::<OfOrder>::Word(read),
    needs: Needs::Nothing,
    says: Says { one_of: "way of delivery is {}", none_of: "way of delivery is not {}", ..Says::NOTHING },
    better: None,
};

fn read<'a>(view: &OrderView<'a>) -> Option<&'a str> {
    view.order.traits.delivery_method.as_deref()
}
