//! Days until it would be there by the fastest way that the order may go.

use crate::routing::facts::{Better, Choices, Fact, Needs, OfPlace, Reads, Says, Unit, PlaceView};

pub(super) static FACT: Fact<OfPlace> = Fact {
    code: "days_to_customer",
    name: "days to the customer",
    help: "Days until it would be there by the fastest way that the order may go.",
    unit: Unit::Days,
    choices: Choices::None,
    reads: Reads::<OfPlace>::Number(read),
    needs: Needs::Nothing,
    says: Says { at_least: "at least {} away from the customer", at_most: "there within {}", first: "fastest first", was: "would be there in {}", ..Says::NOTHING },
    better: Some(Better::Lower),
};

fn read(view: &PlaceView<'_>) -> Option<f64> {
    Some((view.arrives()? - view.snapshot.at).num_minutes() as f64 / 1_440.0)
}
