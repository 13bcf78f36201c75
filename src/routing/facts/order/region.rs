//! Whether the order stays in the country, goes to the rest of Europe, or to the rest of the world.

use crate::routing::facts::{Choices, Fact, Needs, OfOrder, Reads, Says, Unit};
use crate::geo;
use crate::routing::facts::OrderView;

pub(super) static FACT: Fact<OfOrder> = Fact {
    code: "region",
    name: "region",
    help: "Whether the order stays in the country, goes to the rest of Europe, or to the rest of the world.",
    unit: Unit::None,
    choices: Choices::These(&[("domestic", "the home country"), ("europe", "the rest of Europe"), ("world", "the rest of the world")]),
    reads: Reads::<OfOrder>::Word(region),
    needs: Needs::Nothing,
    says: Says { one_of: "the order is going to {}", none_of: "the order is not going to {}", ..Says::NOTHING },
    better: None,
};

fn region<'a>(view: &OrderView<'a>) -> Option<&'a str> {
    let zone = geo::zone(&view.snapshot.network.home_country, &view.order.country);
    Some(zone.as_str())
}
