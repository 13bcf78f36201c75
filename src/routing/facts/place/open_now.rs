//! Whether somebody works there at this moment.

use crate::routing::facts::{Choices, Fact, Needs, OfPlace, Reads, Says, Unit, PlaceView};

pub(super) static FACT: Fact<OfPlace> = Fact {
    code: "open_now",
    name: "open now",
    help: "Whether somebody works there at this moment.",
    unit: Unit::None,
    choices: Choices::None,
    reads: Reads::<OfPlace>::Flag(read),
    needs: Needs::Nothing,
    says: Says { yes: "open now", no: "closed now", was: "is closed now", ..Says::NOTHING },
    better: None,
};

fn read(view: &PlaceView<'_>) -> bool {
    view.location.calendar.is_open(view.snapshot.at)
}
