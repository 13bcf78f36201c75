//! What the location needs to pack a parcel and each unit in it.

use crate::routing::facts::{Cost, Needs, Weighs};

pub(super) static FACT: Cost = Cost {
    code: "handling",
    name: "handling",
    help: "What the location needs to pack a parcel and each unit in it.",
    weighs: Weighs::Percent,
    carriage: false,
    of_parcel: Some(|place| Some(place.location.handling_order_minor as f64)),
    needs: Needs::Nothing,
    of_unit: Some(|place, _| place.location.handling_unit_minor as f64),
};
