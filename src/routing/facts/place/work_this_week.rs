//! Orders that the location was given in the last week, as measured each day: who has had fewest is next.

use crate::routing::facts::{Better, Choices, Fact, Needs, OfPlace, PlaceView, Reads, Says, Unit};

pub(super) static FACT: Fact<OfPlace> = Fact {
    code: "work_this_week",
    name: "work of the last week",
    help: "Orders that the location was given in the last seven days. It is measured each day: ranked by it, work is shared fairly.",
    unit: Unit::Orders,
    choices: Choices::None,
    reads: Reads::<OfPlace>::Number(read),
    needs: Needs::Nothing,
    says: Says {
        at_least: "that were given at least {} in the last week",
        at_most: "that were given at most {} in the last week",
        first: "whoever was given fewest in the last week first",
        was: "was given {} in the last week",
        ..Says::NOTHING
    },
    better: Some(Better::Lower),
};

fn read(view: &PlaceView<'_>) -> Option<f64> {
    Some(view.location.measured?.work_week.into())
}
