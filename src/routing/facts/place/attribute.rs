//! A field of a location, such as a licence or an insurance, written as name=value.

use crate::routing::facts::{Choices, Fact, Needs, OfPlace, Reads, Says, Unit, PlaceView};

pub(super) static FACT: Fact<OfPlace> = Fact {
    code: "attribute",
    name: "location field",
    help: "A field of a location, such as a licence or an insurance, written as name=value.",
    unit: Unit::None,
    choices: Choices::Free,
    reads: Reads::<OfPlace>::Words(read),
    needs: Needs::Nothing,
    says: Says { one_of: "with {}", none_of: "without {}", was: "has {}", ..Says::NOTHING },
    better: None,
};

fn read(view: &PlaceView<'_>, say: &mut dyn FnMut(&str)) {
    view.location.attributes.iter().for_each(|field| say(field));
}
