//! The group of customers that the order is from, such as gold or trade.

use crate::routing::facts::{Choices, Fact, Needs, OfOrder, Reads, Says, Unit, OrderView};

pub(super) static FACT: Fact<OfOrder> = Fact {
    code: "customer_group",
    name: "customer group",
    help: "The group of customers that the order is from, such as gold or trade.",
    unit: Unit::None,
    choices: Choices::CustomerGroups,
    reads: Reads::<OfOrder>::Word(read),
    needs: Needs::Nothing,
    says: Says { one_of: "customer group is {}", none_of: "customer group is not {}", ..Says::NOTHING },
    better: None,
};

fn read<'a>(view: &OrderView<'a>) -> Option<&'a str> {
    view.order.customer_group.as_deref()
}
