//! The share of what is there that the location would not sell in eight weeks; of the order's SKUs the one with the greatest.

use crate::routing::facts::{Better, Choices, Fact, Needs, OfPlace, PlaceView, Reads, Says, Unit};

pub(super) static FACT: Fact<OfPlace> = Fact {
    code: "markdown_risk",
    name: "markdown risk",
    help: "The share of what is there that the location would not sell in eight weeks, and would have to mark down; of what is ordered the greatest.",
    unit: Unit::Percent,
    choices: Choices::None,
    reads: Reads::<OfPlace>::Number(read),
    needs: Needs::Demand,
    says: Says {
        at_least: "with a markdown risk of at least {}",
        at_most: "with a markdown risk of at most {}",
        first: "greatest markdown risk first",
        was: "has a markdown risk of {}",
        ..Says::NOTHING
    },
    better: Some(Better::Higher),
};

fn read(view: &PlaceView<'_>) -> Option<f64> {
    let risks = view.needs().filter_map(|(sku, ..)| view.sells(sku)).map(|sells| sells.left() / sells.free * 100.0);
    risks.max_by(f64::total_cmp).map(f64::round)
}
