//! What shipping and packing the whole order costs from there.

use crate::routing::facts::{Better, Choices, Fact, Needs, OfPlace, Reads, Says, Unit, PlaceView};

pub(super) static FACT: Fact<OfPlace> = Fact {
    code: "total_cost",
    name: "total cost",
    help: "What shipping and packing the whole order costs from there.",
    unit: Unit::Money,
    choices: Choices::None,
    reads: Reads::<OfPlace>::Number(read),
    needs: Needs::Nothing,
    says: Says { at_least: "that cost at least {}", at_most: "that cost at most {}", first: "cheapest in all first", was: "would cost {}", ..Says::NOTHING },
    better: Some(Better::Lower),
};

fn read(view: &PlaceView<'_>) -> Option<f64> {
    Some((view.sending?.cost_of_all(view.location, view.order)? + view.location.handling_cost(view.order.lines.iter().map(|l| i64::from(l.quantity)).sum())) as f64)
}
