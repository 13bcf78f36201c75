//! The hour of the day in which the order is routed, in the company’s time.

use crate::routing::facts::{Choices, Fact, Needs, OfOrder, Reads, Says, Unit};
use crate::routing::facts::OrderView;
use chrono::Timelike as _;

pub(super) static FACT: Fact<OfOrder> = Fact {
    code: "hour",
    name: "hour of the day",
    help: "The hour of the day in which the order is routed, 0 to 23, in the company’s time.",
    unit: Unit::Points,
    choices: Choices::None,
    reads: Reads::<OfOrder>::Number(read),
    needs: Needs::Nothing,
    says: Says { at_least: "it is {}:00 or later", at_most: "it is {}:59 or earlier", ..Says::NOTHING },
    better: None,
};

fn read(view: &OrderView<'_>) -> Option<f64> {
    Some(f64::from(view.snapshot.at.with_timezone(&view.snapshot.network.clock).hour()))
}
