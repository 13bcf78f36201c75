//! Whether customers can collect at a location.

use crate::routing::facts::{Choices, Fact, Needs, OfPlace, Reads, Says, Unit, PlaceView};

pub(super) static FACT: Fact<OfPlace> = Fact {
    code: "offers_pickup",
    name: "customers collect there",
    help: "Whether customers can collect at a location.",
    unit: Unit::None,
    choices: Choices::None,
    reads: Reads::<OfPlace>::Flag(read),
    needs: Needs::Nothing,
    says: Says { yes: "where customers collect", no: "where nobody collects", ..Says::NOTHING },
    better: None,
};

fn read(view: &PlaceView<'_>) -> bool {
    view.location.offers_pickup
}
