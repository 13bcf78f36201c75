//! An amount that a parcel costs where no room is left today; in proportion where some is.

use crate::routing::facts::{Cost, Needs, Weighs};
use crate::routing::facts::PlaceView;

pub(super) static FACT: Cost = Cost {
    code: "capacity",
    name: "room",
    help: "An amount that a parcel costs where no room is left today; in proportion where some is.",
    weighs: Weighs::Price("full location"),
    carriage: false,
    of_parcel: Some(used),
    needs: Needs::Nothing,
    of_unit: None,
};

fn used(place: &PlaceView<'_>) -> Option<f64> {
    let limit = f64::from(place.location.daily_order_capacity.unwrap_or(0));
    let left = place.snapshot.capacity_left(place.location).map_or(0.0, f64::from);
    Some(if limit > 0.0 { (1.0 - left / limit).clamp(0.0, 1.0) } else { 0.0 })
}
