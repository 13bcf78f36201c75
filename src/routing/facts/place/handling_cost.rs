//! What packing the whole order costs there.

use crate::routing::facts::{Better, Choices, Fact, Needs, OfPlace, Reads, Says, Unit, PlaceView};

pub(super) static FACT: Fact<OfPlace> = Fact {
    code: "handling_cost",
    name: "handling cost",
    help: "What packing the whole order costs there.",
    unit: Unit::Money,
    choices: Choices::None,
    reads: Reads::<OfPlace>::Number(read),
    needs: Needs::Nothing,
    says: Says { at_least: "that pack for at least {}", at_most: "that pack for at most {}", first: "cheapest to pack first", was: "would pack for {}", ..Says::NOTHING },
    better: Some(Better::Lower),
};

fn read(view: &PlaceView<'_>) -> Option<f64> {
    Some(view.location.handling_cost(view.order.lines.iter().map(|l| i64::from(l.quantity)).sum()) as f64)
}
