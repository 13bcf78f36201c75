//! Orders that the location can still take today; a location without a limit can take any number.

use crate::routing::facts::{Better, Choices, Fact, Needs, OfPlace, Reads, Says, Unit, PlaceView};

pub(super) static FACT: Fact<OfPlace> = Fact {
    code: "capacity_left",
    name: "room today",
    help: "Orders that the location can still take today; a location without a limit can take any number.",
    unit: Unit::Orders,
    choices: Choices::None,
    reads: Reads::<OfPlace>::Number(read),
    needs: Needs::Nothing,
    says: Says { at_least: "that can take {} more today", at_most: "that can take at most {} more today", first: "most room first", was: "can take {} more today", ..Says::NOTHING },
    better: Some(Better::Higher),
};

fn read(view: &PlaceView<'_>) -> Option<f64> {
    Some(view.snapshot.capacity_left(view.location).map_or(f64::INFINITY, f64::from))
}
