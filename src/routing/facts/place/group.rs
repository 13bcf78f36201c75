//! Groups of locations, as they are set up under Locations.

use crate::routing::facts::{Choices, Fact, Needs, OfPlace, Reads, Says, Unit, PlaceView};

pub(super) static FACT: Fact<OfPlace> = Fact {
    code: "group",
    name: "group of locations",
    help: "Groups of locations, as they are set up under Locations.",
    unit: Unit::None,
    choices: Choices::LocationGroups,
    reads: Reads::<OfPlace>::Words(read),
    needs: Needs::Nothing,
    says: Says { one_of: "from the group {}", none_of: "not from the group {}", was: "is in {}", ..Says::NOTHING },
    better: None,
};

fn read(view: &PlaceView<'_>, say: &mut dyn FnMut(&str)) {
    view.location.groups.iter().for_each(|group| say(group));
}
