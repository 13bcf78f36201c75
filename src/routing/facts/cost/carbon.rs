//! An amount for each kilogram of carbon dioxide that carrying it by road emits.

use crate::routing::facts::{Cost, Needs, Weighs};
use crate::routing::facts::carbon_grams;

pub(super) static FACT: Cost = Cost {
    code: "carbon",
    name: "carbon",
    help: "An amount for each kilogram of carbon dioxide that carrying it by road emits.",
    weighs: Weighs::Price("kg of carbon dioxide"),
    carriage: false,
    of_parcel: None,
    needs: Needs::Nothing,
    of_unit: Some(|place, unit| carbon_grams(unit.grams.into(), place.distance_km) / 1_000.0),
};
