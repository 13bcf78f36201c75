//! Days since the location turned a part of this order down; one that never did is always far enough back.

use crate::routing::facts::{Choices, Fact, Needs, OfPlace, Reads, Says, Unit};
use crate::routing::facts::PlaceView;

pub(super) static FACT: Fact<OfPlace> = Fact {
    code: "rejected_days_ago",
    name: "turned this order down",
    help: "Days since the location turned a part of this order down; one that never did is always far enough back.",
    unit: Unit::Days,
    choices: Choices::None,
    reads: Reads::<OfPlace>::Number(rejected),
    needs: Needs::Nothing,
    says: Says { at_least: "that did not turn this order down in the last {}", at_most: "that turned this order down in the last {}", was: "turned the order down {} ago", ..Says::NOTHING },
    better: None,
};

fn rejected(view: &PlaceView<'_>) -> Option<f64> {
    let times = view.order.traits.rejections.iter().filter(|(location, _)| *location == view.id());
    Some(times.map(|(_, at)| (view.snapshot.at - *at).num_minutes() as f64 / 1_440.0).fold(f64::INFINITY, f64::min))
}
