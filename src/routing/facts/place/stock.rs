//! Units of the order’s SKUs that the location could give.

use crate::routing::facts::{Better, Choices, Fact, Needs, OfPlace, Reads, Says, Unit, PlaceView};

pub(super) static FACT: Fact<OfPlace> = Fact {
    code: "stock",
    name: "units there",
    help: "Units of the order’s SKUs that the location could give.",
    unit: Unit::Units,
    choices: Choices::None,
    reads: Reads::<OfPlace>::Number(read),
    needs: Needs::Nothing,
    says: Says { at_least: "with at least {} of it", at_most: "with at most {} of it", first: "most stock first", was: "has {} of it", ..Says::NOTHING },
    better: Some(Better::Higher),
};

fn read(view: &PlaceView<'_>) -> Option<f64> {
    Some(view.needs().map(|(_, _, free)| f64::from(free)).sum())
}
