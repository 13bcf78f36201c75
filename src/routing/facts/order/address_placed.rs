//! Whether the address was found by its postcode; else only its country is known, and distances are rough.

use crate::routing::facts::{Choices, Fact, Needs, OfOrder, Reads, Says, Unit, OrderView};
use crate::geo;

pub(super) static FACT: Fact<OfOrder> = Fact {
    code: "address_placed",
    name: "known address",
    help: "Whether the address was found by its postcode; else only its country is known, and distances are rough.",
    unit: Unit::None,
    choices: Choices::None,
    reads: Reads::<OfOrder>::Flag(read),
    needs: Needs::Nothing,
    says: Says { yes: "the address was found", no: "the address was not found", ..Says::NOTHING },
    better: None,
};

fn read(view: &OrderView<'_>) -> bool {
    geo::is_placed(&view.order.country, &view.order.postcode)
}
