//! An amount for each day until it is there.

use crate::routing::facts::{Cost, Needs, Weighs};

pub(super) static FACT: Cost = Cost {
    code: "time",
    name: "time",
    help: "An amount for each day until it is there.",
    weighs: Weighs::Price("day"),
    carriage: false,
    of_parcel: Some(|place| Some((place.arrives()? - place.snapshot.at).num_minutes() as f64 / 1_440.0)),
    needs: Needs::Nothing,
    of_unit: None,
};
