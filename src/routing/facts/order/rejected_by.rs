//! The locations that have turned a part of the order down.

use crate::routing::facts::{Choices, Fact, Needs, OfOrder, Reads, Says, Unit};
use crate::routing::facts::OrderView;

pub(super) static FACT: Fact<OfOrder> = Fact {
    code: "rejected_by",
    name: "turned down by",
    help: "The locations that have turned a part of the order down.",
    unit: Unit::None,
    choices: Choices::Locations,
    reads: Reads::<OfOrder>::Words(rejected_by),
    needs: Needs::Nothing,
    says: Says { one_of: "it was turned down by {}", none_of: "it was not turned down by {}", ..Says::NOTHING },
    better: None,
};

fn rejected_by(view: &OrderView<'_>, say: &mut dyn FnMut(&str)) {
    let codes = view.order.traits.rejections.iter().filter_map(|(location, _)| view.snapshot.network.location(*location));
    codes.for_each(|location| say(&location.code));
}
