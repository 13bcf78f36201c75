//! The hours that are left until the carrier has to have it.

use crate::routing::facts::{Choices, Fact, Needs, OfOrder, Reads, Says, Unit, OrderView};
use crate::routing::facts::order::days_until;

pub(super) static FACT: Fact<OfOrder> = Fact {
    code: "ship_by",
    name: "latest hand-over",
    help: "The hours that are left until the carrier has to have it: as the channel asked for when it sent the order, or, where a location turned it down, for what \
           was promised.",
    unit: Unit::Hours,
    choices: Choices::None,
    reads: Reads::<OfOrder>::Number(read),
    needs: Needs::Nothing,
    says: Says { at_least: "it has {} or more until it must leave", at_most: "it must leave within {}", ..Says::NOTHING },
    better: None,
};

fn read(view: &OrderView<'_>) -> Option<f64> {
    Some(days_until(view.snapshot.at, view.order.traits.ship_by?) * 24.0)
}
