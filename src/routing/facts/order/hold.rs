//! What the order is held for.

use crate::routing::facts::{Choices, Fact, Needs, OfOrder, Reads, Says, Unit, OrderView};

pub(super) static FACT: Fact<OfOrder> = Fact {
    code: "hold",
    name: "hold",
    help: "What people of yours hold the order for, when something of it is routed again. Nothing of it moves on meanwhile.",
    unit: Unit::None,
    choices: Choices::These(&[("payment", "payment"), ("address", "address"), ("fraud", "fraud"), ("customer_service", "customer service"), ("stock", "stock")]),
    reads: Reads::<OfOrder>::Words(read),
    needs: Needs::Nothing,
    says: Says { one_of: "it is held for {}", none_of: "it is not held for {}", ..Says::NOTHING },
    better: None,
};

fn read(view: &OrderView<'_>, say: &mut dyn FnMut(&str)) {
    view.order.traits.holds.iter().for_each(|hold| say(hold));
}
