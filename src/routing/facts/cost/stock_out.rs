//! The share of its price that a unit risks where it is taken from the last: all of it where nothing is left, none where it lasts for four weeks.

use crate::routing::facts::{Cost, Needs, Weighs};
use crate::routing::facts::{CostOf, PlaceView};

pub(super) static FACT: Cost = Cost {
    code: "stock_out",
    name: "running out",
    help: "The share of its price that a unit risks where it is taken from the last: all of it where nothing is left, none where it lasts for four weeks.",
    weighs: Weighs::Percent,
    carriage: false,
    of_parcel: None,
    needs: Needs::Demand,
    of_unit: Some(risk),
};

/// Cover that is enough, days.
const ENOUGH_DAYS: f64 = 28.0;

fn risk(place: &PlaceView<'_>, unit: &CostOf) -> f64 {
    let level = place.snapshot.stock.levels.get(unit.sku, place.id());
    if level.per_day_milli == 0 {
        return 0.0;
    }
    let days = f64::from(place.free(unit.sku)) * 1_000.0 / f64::from(level.per_day_milli);
    unit.price_minor * (1.0 - days / ENOUGH_DAYS).max(0.0)
}
