//! Whether the location has all that the order needs.

use crate::routing::facts::{Choices, Fact, Needs, OfPlace, Reads, Says, Unit, PlaceView};

pub(super) static FACT: Fact<OfPlace> = Fact {
    code: "has_everything",
    name: "has everything",
    help: "Whether the location has all that the order needs.",
    unit: Unit::None,
    choices: Choices::None,
    reads: Reads::<OfPlace>::Flag(read),
    needs: Needs::Nothing,
    says: Says { yes: "that have everything", no: "that do not have everything", was: "does not have everything", ..Says::NOTHING },
    better: None,
};

fn read(view: &PlaceView<'_>) -> bool {
    view.needs().all(|(_, wanted, free)| free >= wanted)
}
