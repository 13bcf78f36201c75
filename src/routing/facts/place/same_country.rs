//! Whether a location is in the country that the order goes to.

use crate::routing::facts::{Choices, Fact, Needs, OfPlace, Reads, Says, Unit, PlaceView};

pub(super) static FACT: Fact<OfPlace> = Fact {
    code: "same_country",
    name: "in the customer’s country",
    help: "Whether a location is in the country that the order goes to.",
    unit: Unit::None,
    choices: Choices::None,
    reads: Reads::<OfPlace>::Flag(read),
    needs: Needs::Nothing,
    says: Says { yes: "in the customer’s country", no: "not in the customer’s country", was: "is in another country", ..Says::NOTHING },
    better: None,
};

fn read(view: &PlaceView<'_>) -> bool {
    view.location.country == view.order.country
}
