//! Days for which what is there lasts at the rate at which the location sells it; of the order’s SKUs the scarcest.

use crate::routing::facts::{Better, Choices, Fact, Needs, OfPlace, Reads, Says, Unit};
use crate::routing::facts::PlaceView;

pub(super) static FACT: Fact<OfPlace> = Fact {
    code: "days_of_cover",
    name: "days of cover",
    help: "Days for which what is there lasts at the rate at which the location sells it; of the order’s SKUs the scarcest.",
    unit: Unit::Days,
    choices: Choices::None,
    reads: Reads::<OfPlace>::Number(cover),
    needs: Needs::Demand,
    says: Says { at_least: "with stock for at least {}", at_most: "with stock for at most {}", first: "longest cover first", was: "has stock for {}", ..Says::NOTHING },
    better: Some(Better::Higher),
};

fn cover(view: &PlaceView<'_>) -> Option<f64> {
    let days = view.needs().filter(|(_, _, free)| *free > 0).map(|(sku, _, free)| {
        let per_day = view.snapshot.stock.levels.get(sku, view.id()).per_day_milli;
        if per_day == 0 { f64::INFINITY } else { f64::from(free) * 1_000.0 / f64::from(per_day) }
    });
    days.min_by(f64::total_cmp)
}
