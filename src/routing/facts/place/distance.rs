//! Kilometres to the customer, as the crow flies.

use crate::routing::facts::{Better, Choices, Fact, Needs, OfPlace, Reads, Says, Unit, PlaceView};

pub(super) static FACT: Fact<OfPlace> = Fact {
    code: "distance",
    name: "distance",
    help: "Kilometres to the customer, as the crow flies.",
    unit: Unit::Km,
    choices: Choices::None,
    reads: Reads::<OfPlace>::Number(read),
    needs: Needs::Nothing,
    says: Says { at_least: "at least {} away", at_most: "within {}", first: "closest first", was: "is {} away", ..Says::NOTHING },
    better: Some(Better::Lower),
};

fn read(view: &PlaceView<'_>) -> Option<f64> {
    Some(view.distance_km)
}
