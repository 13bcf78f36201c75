//! Units of the order’s SKUs that safety stock and other rules keep back at a location.

use crate::routing::facts::{Better, Choices, Fact, Needs, OfPlace, Reads, Says, Unit, PlaceView};

pub(super) static FACT: Fact<OfPlace> = Fact {
    code: "kept_back",
    name: "units kept back",
    help: "Units of the order’s SKUs that safety stock and other rules keep back there.",
    unit: Unit::Units,
    choices: Choices::None,
    reads: Reads::<OfPlace>::Number(read),
    needs: Needs::Demand,
    says: Says { at_least: "where at least {} are kept back", at_most: "where at most {} are kept back", first: "least kept back first", was: "keeps {} back", ..Says::NOTHING },
    better: Some(Better::Lower),
};

fn read(view: &PlaceView<'_>) -> Option<f64> {
    Some(view.needs().map(|(sku, ..)| f64::from(view.snapshot.kept_back(view.order.buyer(), sku, view.id()))).sum())
}
