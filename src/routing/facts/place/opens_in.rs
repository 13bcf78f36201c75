//! Hours until somebody works there again; 0 while it is open.

use crate::routing::facts::{Better, Choices, Fact, Needs, OfPlace, Reads, Says, Unit, PlaceView};

pub(super) static FACT: Fact<OfPlace> = Fact {
    code: "opens_in",
    name: "time until it opens",
    help: "Hours until somebody works there again; 0 while it is open.",
    unit: Unit::Hours,
    choices: Choices::None,
    reads: Reads::<OfPlace>::Number(read),
    needs: Needs::Nothing,
    says: Says { at_least: "closed for at least {}", at_most: "open within {}", first: "open soonest first", was: "opens in {}", ..Says::NOTHING },
    better: Some(Better::Lower),
};

fn read(view: &PlaceView<'_>) -> Option<f64> {
    view.location.calendar.open_from(view.snapshot.at).map(|opens| (opens - view.snapshot.at).num_minutes() as f64 / 60.0)
}
