//! Units of what is scarcest that stay on offer there once the order is served.

use crate::routing::facts::{Better, Choices, Fact, Needs, OfPlace, Reads, Says, Unit, PlaceView};

pub(super) static FACT: Fact<OfPlace> = Fact {
    code: "left_after",
    name: "units left afterwards",
    help: "Units of what is scarcest that stay on offer there once the order is served.",
    unit: Unit::Units,
    choices: Choices::None,
    reads: Reads::<OfPlace>::Number(read),
    needs: Needs::Nothing,
    says: Says { at_least: "with at least {} left afterwards", at_most: "with at most {} left afterwards", first: "most left first", was: "would have {} left", ..Says::NOTHING },
    better: Some(Better::Higher),
};

fn read(view: &PlaceView<'_>) -> Option<f64> {
    view.needs().filter(|(_, _, free)| *free > 0).map(|(_, wanted, free)| f64::from(free.saturating_sub(wanted).max(0))).min_by(f64::total_cmp)
}
