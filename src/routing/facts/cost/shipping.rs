//! What the carrier takes for the parcel, by the rate card of the cheapest service that keeps the promise.

use crate::routing::facts::{Cost, Needs, Weighs};

pub(super) static FACT: Cost = Cost {
    code: "shipping",
    name: "shipping",
    help: "What the carrier takes for the parcel, by the rate card of the cheapest service that keeps the promise.",
    weighs: Weighs::Percent,
    carriage: true,
    of_parcel: None,
    needs: Needs::Nothing,
    of_unit: None,
};
