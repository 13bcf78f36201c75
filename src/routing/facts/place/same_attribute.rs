//! Whether all fields that the order and the location share have the same value.

use crate::routing::facts::{Choices, Fact, Needs, OfPlace, Reads, Says, Unit};
use crate::routing::facts::PlaceView;

pub(super) static FACT: Fact<OfPlace> = Fact {
    code: "same_attribute",
    name: "field like the order’s",
    help: "Whether all fields that the order and the location share have the same value.",
    unit: Unit::None,
    choices: Choices::None,
    reads: Reads::<OfPlace>::Flag(agrees),
    needs: Needs::Nothing,
    says: Says { yes: "whose fields agree with the order’s", no: "whose fields do not agree with the order’s", was: "differs from the order in a field", ..Says::NOTHING },
    better: None,
};

fn agrees(view: &PlaceView<'_>) -> bool {
    let named = |field: &str, other: &String| other.split_once('=').is_some_and(|(name, _)| field.split_once('=').is_some_and(|(own, _)| own == name));
    let fields = &view.location.attributes;
    view.order.traits.attributes.iter().all(|asked| fields.contains(asked) || !fields.iter().any(|field| named(asked, field)))
}
