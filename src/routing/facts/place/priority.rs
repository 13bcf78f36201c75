//! The location’s own number: lower comes first.

use crate::routing::facts::{Better, Choices, Fact, Needs, OfPlace, Reads, Says, Unit, PlaceView};

pub(super) static FACT: Fact<OfPlace> = Fact {
    code: "priority",
    name: "priority of the location",
    help: "The location’s own number: lower comes first.",
    unit: Unit::Points,
    choices: Choices::None,
    reads: Reads::<OfPlace>::Number(read),
    needs: Needs::Nothing,
    says: Says { at_least: "with a priority of {} or more", at_most: "with a priority of {} or less", first: "by their priority", was: "has priority {}", ..Says::NOTHING },
    better: Some(Better::Lower),
};

fn read(view: &PlaceView<'_>) -> Option<f64> {
    Some(view.location.priority.into())
}
