//! Minutes that the location needs before it hands over.

use crate::routing::facts::{Better, Choices, Fact, Needs, OfPlace, Reads, Says, Unit, PlaceView};

pub(super) static FACT: Fact<OfPlace> = Fact {
    code: "handling_time",
    name: "handling time",
    help: "Minutes that the location needs before it hands over.",
    unit: Unit::Minutes,
    choices: Choices::None,
    reads: Reads::<OfPlace>::Number(read),
    needs: Needs::Nothing,
    says: Says { at_least: "that need at least {}", at_most: "that need at most {}", first: "quickest to pack first", was: "needs {}", ..Says::NOTHING },
    better: Some(Better::Lower),
};

fn read(view: &PlaceView<'_>) -> Option<f64> {
    Some(view.location.handling_minutes.into())
}
