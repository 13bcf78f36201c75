//! The tags of a location.

use crate::routing::facts::{Choices, Fact, Needs, OfPlace, Reads, Says, Unit, PlaceView};

pub(super) static FACT: Fact<OfPlace> = Fact {
    code: "tag",
    name: "location tag",
    help: "The tags of a location.",
    unit: Unit::None,
    choices: Choices::LocationTags,
    reads: Reads::<OfPlace>::Words(read),
    needs: Needs::Nothing,
    says: Says { one_of: "tagged {}", none_of: "not tagged {}", was: "is tagged {}", ..Says::NOTHING },
    better: None,
};

fn read(view: &PlaceView<'_>, say: &mut dyn FnMut(&str)) {
    view.location.tags.iter().for_each(|tag| say(tag));
}
