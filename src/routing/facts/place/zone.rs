//! The zone that the address is in, for the carrier services of the order that collect at the location.

use crate::routing::facts::{Choices, Fact, Needs, OfPlace, Reads, Says, Unit, PlaceView};

pub(super) static FACT: Fact<OfPlace> = Fact {
    code: "zone",
    name: "zone from there",
    help: "The zone that the address is in, for the carrier services of the order that collect at the location.",
    unit: Unit::None,
    choices: Choices::Zones,
    reads: Reads::<OfPlace>::Words(read),
    needs: Needs::Nothing,
    says: Says { one_of: "for which the address is in zone {}", none_of: "for which the address is not in zone {}", was: "sees it in zone {}", ..Says::NOTHING },
    better: None,
};

fn read(view: &PlaceView<'_>, say: &mut dyn FnMut(&str)) {
    if let Some(sending) = view.sending { sending.zones(view.location).for_each(say); }
}
