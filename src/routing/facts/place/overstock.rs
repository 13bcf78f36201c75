//! Units that the location would not sell in eight weeks at the rate at which it sells them; of the order's SKUs together.

use crate::routing::facts::{Better, Choices, Fact, Needs, OfPlace, PlaceView, Reads, Says, Unit};

pub(super) static FACT: Fact<OfPlace> = Fact {
    code: "overstock",
    name: "overstock",
    help: "Units of what is ordered that the location would not sell in eight weeks, at the rate at which it sells them.",
    unit: Unit::Units,
    choices: Choices::None,
    reads: Reads::<OfPlace>::Number(read),
    needs: Needs::Demand,
    says: Says {
        at_least: "with at least {} more than they sell",
        at_most: "with at most {} more than they sell",
        first: "most overstock first",
        was: "has {} more than it sells",
        ..Says::NOTHING
    },
    better: Some(Better::Higher),
};

fn read(view: &PlaceView<'_>) -> Option<f64> {
    let left: Vec<f64> = view.needs().filter_map(|(sku, ..)| Some(view.sells(sku)?.left())).collect();
    (!left.is_empty()).then(|| left.iter().sum::<f64>().round())
}
