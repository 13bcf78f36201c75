//! How the order came to be: placed by the customer, taken on the phone, sent by another system, imported.

use crate::routing::facts::{Choices, Fact, Needs, OfOrder, Reads, Says, Unit, OrderView};

pub(super) static FACT: Fact<OfOrder> = Fact {
    code: "origin",
    name: "origin",
    help: "How the order came to be: placed by the customer, taken on the phone, sent by another system, imported.",
    unit: Unit::None,
    choices: Choices::These(&[("shop", "the shop"), ("phone", "a phone order"), ("api", "another system"), ("import", "an import")]),
    reads: Reads::<OfOrder>::Word(read),
    needs: Needs::Nothing,
    says: Says { one_of: "the order comes from {}", none_of: "the order does not come from {}", ..Says::NOTHING },
    better: None,
};

fn read<'a>(view: &OrderView<'a>) -> Option<&'a str> {
    Some(view.order.traits.origin.as_str())
}
