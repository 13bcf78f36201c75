//! The country that the order goes to.

use crate::routing::facts::{Choices, Fact, Needs, OfOrder, Reads, Says, Unit, OrderView};

pub(super) static FACT: Fact<OfOrder> = Fact {
    code: "country",
    name: "country",
    help: "The country that the order goes to.",
    unit: Unit::None,
    choices: Choices::Countries,
    reads: Reads::<OfOrder>::Word(read),
    needs: Needs::Nothing,
    says: Says { one_of: "the order is going to {}", none_of: "the order is not going to {}", ..Says::NOTHING },
    better: None,
};

fn read<'a>(view: &OrderView<'a>) -> Option<&'a str> {
    Some(&view.order.country)
}
