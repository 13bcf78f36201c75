//! What the cheapest service takes that brings the whole order from there, in minor units of its rate card.

use crate::routing::facts::{Better, Choices, Fact, Needs, OfPlace, Reads, Says, Unit, PlaceView};

pub(super) static FACT: Fact<OfPlace> = Fact {
    code: "shipping_cost",
    name: "shipping cost",
    help: "What the cheapest service takes that brings the whole order from there, in minor units of its rate card.",
    unit: Unit::Money,
    choices: Choices::None,
    reads: Reads::<OfPlace>::Number(read),
    needs: Needs::Nothing,
    says: Says { at_least: "that ship for at least {}", at_most: "that ship for at most {}", first: "cheapest to ship first", was: "would ship for {}", ..Says::NOTHING },
    better: Some(Better::Lower),
};

fn read(view: &PlaceView<'_>) -> Option<f64> {
    view.sending?.cost_of_all(view.location, view.order).map(|minor| minor as f64)
}
