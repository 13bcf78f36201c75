//! Orders that the location has taken on today, where its number is limited.

use crate::routing::facts::{Better, Choices, Fact, Needs, OfPlace, Reads, Says, Unit, PlaceView};

pub(super) static FACT: Fact<OfPlace> = Fact {
    code: "load_today",
    name: "work today",
    help: "Orders that the location has taken on today, where its number is limited.",
    unit: Unit::Orders,
    choices: Choices::None,
    reads: Reads::<OfPlace>::Number(read),
    needs: Needs::Nothing,
    says: Says { at_least: "with at least {} today", at_most: "with at most {} today", first: "fewest orders first", was: "has {} today", ..Says::NOTHING },
    better: Some(Better::Lower),
};

fn read(view: &PlaceView<'_>) -> Option<f64> {
    Some(view.snapshot.stock.capacity_taken.get(&view.id()).copied().unwrap_or(0).into())
}
