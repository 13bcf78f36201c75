//! An amount for each kilometre from the location to the customer, once a parcel.

use crate::routing::facts::{Cost, Needs, Weighs};

pub(super) static FACT: Cost = Cost {
    code: "distance",
    name: "distance",
    help: "An amount for each kilometre from the location to the customer, once a parcel.",
    weighs: Weighs::Price("km"),
    carriage: false,
    of_parcel: Some(|place| Some(place.distance_km)),
    needs: Needs::Nothing,
    of_unit: None,
};
