//! Days by which it would miss what was promised; 0 where it is in time or nothing was promised. Rules with a tolerance send late rather than not at all.

use crate::routing::facts::{Better, Choices, Fact, Needs, OfPlace, Reads, Says, Unit};
use crate::routing::facts::PlaceView;

pub(super) static FACT: Fact<OfPlace> = Fact {
    code: "lateness",
    name: "lateness",
    help: "Days by which it would miss what was promised; 0 where it is in time or nothing was promised. Rules with a tolerance send late rather than not at all.",
    unit: Unit::Days,
    choices: Choices::None,
    reads: Reads::<OfPlace>::Number(lateness),
    needs: Needs::Nothing,
    says: Says { at_least: "at least {} late", at_most: "at most {} late", first: "least late first", was: "would be {} late", ..Says::NOTHING },
    better: Some(Better::Lower),
};

fn lateness(view: &PlaceView<'_>) -> Option<f64> {
    let Some(promised) = view.order.promised_by() else { return Some(0.0) };
    Some(((view.arrives()? - promised).num_minutes() as f64 / 1_440.0).max(0.0))
}
