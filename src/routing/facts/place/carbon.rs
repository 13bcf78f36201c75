//! Grams of carbon dioxide for carrying the whole order from there by road: 0.1 g per gram and 1,000 km of the way.

use crate::routing::facts::{Better, Choices, Fact, Needs, OfPlace, Reads, Says, Unit, PlaceView};
use crate::routing::facts::carbon_grams;

pub(super) static FACT: Fact<OfPlace> = Fact {
    code: "carbon",
    name: "carbon",
    help: "Grams of carbon dioxide for carrying the whole order from there by road: 0.1 g per gram and 1,000 km of the way.",
    unit: Unit::Carbon,
    choices: Choices::None,
    reads: Reads::<OfPlace>::Number(read),
    needs: Needs::Nothing,
    says: Says { at_least: "with at least {} of carbon", at_most: "with at most {} of carbon", first: "least carbon first", was: "would cause {} of carbon", ..Says::NOTHING },
    better: Some(Better::Lower),
};

fn read(view: &PlaceView<'_>) -> Option<f64> {
    Some(carbon_grams(view.order.lines.iter().map(|l| i64::from(l.quantity) * i64::from(l.size.grams)).sum(), view.distance_km))
}
