//! Lines of the order that the location could serve whole.

use crate::routing::facts::{Better, Choices, Fact, Needs, OfPlace, Reads, Says, Unit, PlaceView};

pub(super) static FACT: Fact<OfPlace> = Fact {
    code: "coverage",
    name: "lines it has whole",
    help: "Lines of the order that the location could serve whole.",
    unit: Unit::Lines,
    choices: Choices::None,
    reads: Reads::<OfPlace>::Number(read),
    needs: Needs::Nothing,
    says: Says { at_least: "that have at least {} whole", at_most: "that have at most {} whole", first: "most lines first", was: "has {} whole", ..Says::NOTHING },
    better: Some(Better::Higher),
};

fn read(view: &PlaceView<'_>) -> Option<f64> {
    Some(view.order.lines.iter().filter(|l| view.free(l.sku) >= l.quantity).count() as f64)
}
