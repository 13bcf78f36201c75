//! The share of its price that a unit would still have fetched where it is taken from: nothing where it would have been marked down.

use crate::routing::facts::{Cost, CostOf, Needs, PlaceView, Weighs};

pub(super) static FACT: Cost = Cost {
    code: "markdown",
    name: "full price forgone",
    help: "The share of its price that a unit would fetch where it is: all of it where the location sells what it has within eight weeks, less the more is left \
           by then and marked down. So what would be marked down is sent first; weigh it with the usual markdown, such as 30 %.",
    weighs: Weighs::Percent,
    carriage: false,
    of_parcel: None,
    needs: Needs::Demand,
    of_unit: Some(forgone),
};

fn forgone(place: &PlaceView<'_>, unit: &CostOf) -> f64 {
    place.sells(unit.sku).map_or(0.0, |sells| unit.price_minor * sells.units / sells.free)
}
