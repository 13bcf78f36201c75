//! The currency of the order.

use crate::routing::facts::{Choices, Fact, Needs, OfOrder, Reads, Says, Unit, OrderView};

pub(super) static FACT: Fact<OfOrder> = Fact {
    code: "currency",
    name: "currency",
    help: "The currency of the order.",
    unit: Unit::None,
    choices: Choices::Currencies,
    reads: Reads::<OfOrder>::Word(read),
    needs: Needs::Nothing,
    says: Says { one_of: "currency is {}", none_of: "currency is not {}", ..Says::NOTHING },
    better: None,
};

fn read<'a>(view: &OrderView<'a>) -> Option<&'a str> {
    Some(view.order.traits.currency.as_str())
}
