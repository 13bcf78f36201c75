//! The tags of the order: those that it came with, and those that staff or rules have put on it.

use crate::routing::facts::{Choices, Fact, Needs, OfOrder, Reads, Says, Unit, OrderView};

pub(super) static FACT: Fact<OfOrder> = Fact {
    code: "tag",
    name: "tag",
    help: "The tags of the order: those that it came with, and those that staff or rules have put on it.",
    unit: Unit::None,
    choices: Choices::OrderTags,
    reads: Reads::<OfOrder>::Words(read),
    needs: Needs::Nothing,
    says: Says { one_of: "tagged {}", none_of: "not tagged {}", ..Says::NOTHING },
    better: None,
};

fn read(view: &OrderView<'_>, say: &mut dyn FnMut(&str)) {
    view.order.traits.tags.iter().for_each(|tag| say(tag));
}
