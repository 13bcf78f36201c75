//! A field that another system has sent with the order, written as name=value.

use crate::routing::facts::{Choices, Fact, Needs, OfOrder, Reads, Says, Unit, OrderView};

pub(super) static FACT: Fact<OfOrder> = Fact {
    code: "attribute",
    name: "custom field",
    help: "A field that another system has sent with the order, written as name=value.",
    unit: Unit::None,
    choices: Choices::Free,
    reads: Reads::<OfOrder>::Words(read),
    needs: Needs::Nothing,
    says: Says { one_of: "custom field {}", none_of: "custom field is not {}", ..Says::NOTHING },
    better: None,
};

fn read(view: &OrderView<'_>, say: &mut dyn FnMut(&str)) {
    view.order.traits.attributes.iter().for_each(|field| say(field));
}
