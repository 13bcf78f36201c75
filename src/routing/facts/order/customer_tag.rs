//! What the shop knows of the customer who ordered, such as the segments that they are in.

use crate::routing::facts::{Choices, Fact, Needs, OfOrder, OrderView, Reads, Says, Unit};

pub(super) static FACT: Fact<OfOrder> = Fact {
    code: "customer_tag",
    name: "customer tag",
    help: "What the shop knows of the customer who ordered, such as the segments that they are in. It comes with the order.",
    unit: Unit::None,
    choices: Choices::CustomerTags,
    reads: Reads::<OfOrder>::Words(read),
    needs: Needs::Nothing,
    says: Says { one_of: "the customer is tagged {}", none_of: "the customer is not tagged {}", ..Says::NOTHING },
    better: None,
};

fn read(view: &OrderView<'_>, say: &mut dyn FnMut(&str)) {
    view.order.traits.customer_tags.iter().for_each(|tag| say(tag));
}
