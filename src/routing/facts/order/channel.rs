//! Where the order came in: a web shop, a marketplace, a till.

use crate::routing::facts::{Choices, Fact, Needs, OfOrder, Reads, Says, Unit, OrderView};

pub(super) static FACT: Fact<OfOrder> = Fact {
    code: "channel",
    name: "channel",
    help: "Where the order came in: a web shop, a marketplace, a till.",
    unit: Unit::None,
    choices: Choices::Channels,
    reads: Reads::<OfOrder>::Word(read),
    needs: Needs::Nothing,
    says: Says { one_of: "channel is {}", none_of: "channel is not {}", ..Says::NOTHING },
    better: None,
};

fn read<'a>(view: &OrderView<'a>) -> Option<&'a str> {
    Some(&view.order.channel)
}
