//! The country that a location is in.

use crate::routing::facts::{Choices, Fact, Needs, OfPlace, Reads, Says, Unit, PlaceView};

pub(super) static FACT: Fact<OfPlace> = Fact {
    code: "country",
    name: "country of the location",
    help: "The country that a location is in.",
    unit: Unit::None,
    choices: Choices::Countries,
    reads: Reads::<OfPlace>::Word(read),
    needs: Needs::Nothing,
    says: Says { one_of: "in {}", none_of: "not in {}", was: "is in {}", ..Says::NOTHING },
    better: None,
};

fn read<'a>(view: &PlaceView<'a>) -> Option<&'a str> {
    Some(&view.location.country)
}
