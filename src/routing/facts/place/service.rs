//! The carrier services of the order that go from the location to the address.

use crate::routing::facts::{Choices, Fact, Needs, OfPlace, Reads, Says, Unit, PlaceView};

pub(super) static FACT: Fact<OfPlace> = Fact {
    code: "service",
    name: "carrier service",
    help: "The carrier services of the order that go from the location to the address.",
    unit: Unit::None,
    choices: Choices::Services,
    reads: Reads::<OfPlace>::Words(read),
    needs: Needs::Nothing,
    says: Says { one_of: "that can send by {}", none_of: "that cannot send by {}", was: "can send by {}", ..Says::NOTHING },
    better: None,
};

fn read(view: &PlaceView<'_>, say: &mut dyn FnMut(&str)) {
    if let Some(sending) = view.sending { sending.services(view.location).for_each(say); }
}
