//! Certain locations. In an order of preference: those named first come first.

use crate::routing::facts::{Choices, Fact, Needs, OfPlace, Reads, Says, Unit, PlaceView};

pub(super) static FACT: Fact<OfPlace> = Fact {
    code: "location",
    name: "location",
    help: "Certain locations. In an order of preference: those named first come first.",
    unit: Unit::None,
    choices: Choices::Locations,
    reads: Reads::<OfPlace>::Word(read),
    needs: Needs::Nothing,
    says: Says { one_of: "from {}", none_of: "not from {}", was: "is not one of those", ..Says::NOTHING },
    better: None,
};

fn read<'a>(view: &PlaceView<'a>) -> Option<&'a str> {
    Some(&view.location.code)
}
