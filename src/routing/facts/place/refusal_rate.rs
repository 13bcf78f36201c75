//! Of the work that the location was given in four weeks, what it turned down, as measured each day.

use crate::routing::facts::{Better, Choices, Fact, Needs, OfPlace, PlaceView, Reads, Says, Unit};

pub(super) static FACT: Fact<OfPlace> = Fact {
    code: "refusal_rate",
    name: "turns down",
    help: "Of the work that the location was given in four weeks, the share that it turned down. It is measured each day.",
    unit: Unit::Percent,
    choices: Choices::None,
    reads: Reads::<OfPlace>::Number(read),
    needs: Needs::Nothing,
    says: Says {
        at_least: "that turn down at least {} of their work",
        at_most: "that turn down at most {} of their work",
        first: "most reliable first",
        was: "turns down {} of its work",
        ..Says::NOTHING
    },
    better: Some(Better::Lower),
};

fn read(view: &PlaceView<'_>) -> Option<f64> {
    Some(f64::from(view.location.measured?.refused_permille) / 10.0)
}
