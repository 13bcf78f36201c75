//! Whether what is released now is worked on today: the cut-off has not passed.

use crate::routing::facts::{Choices, Fact, Needs, OfPlace, Reads, Says, Unit, PlaceView};

pub(super) static FACT: Fact<OfPlace> = Fact {
    code: "leaves_today",
    name: "leaves today",
    help: "Whether what is released now is worked on today: the cut-off has not passed.",
    unit: Unit::None,
    choices: Choices::None,
    reads: Reads::<OfPlace>::Flag(read),
    needs: Needs::Nothing,
    says: Says { yes: "whose cut-off has not passed", no: "whose cut-off has passed", was: "begins with it on another day", ..Says::NOTHING },
    better: None,
};

fn read(view: &PlaceView<'_>) -> bool {
    view.location.calendar.parcel_begins(view.snapshot.at).is_some_and(|begins| view.location.day(begins) == view.location.day(view.snapshot.at))
}
