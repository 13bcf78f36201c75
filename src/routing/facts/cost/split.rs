//! An amount for each parcel, so that few are preferred to many.

use crate::routing::facts::{Cost, Needs, Weighs};

pub(super) static FACT: Cost = Cost {
    code: "split",
    name: "each parcel",
    help: "An amount for each parcel, so that few are preferred to many.",
    weighs: Weighs::Price("parcel"),
    carriage: false,
    of_parcel: Some(|_| Some(1.0)),
    needs: Needs::Nothing,
    of_unit: None,
};
