//! The days that are left until what was promised first.

use crate::routing::facts::{Choices, Fact, Needs, OfOrder, Reads, Says, Unit, OrderView};
use crate::routing::facts::order::days_until;

pub(super) static FACT: Fact<OfOrder> = Fact {
    code: "promised_in",
    name: "promised date",
    help: "The days that are left until what was promised first. Of an order that is placed this moment: until the date that its customer was shown.",
    unit: Unit::Days,
    choices: Choices::None,
    reads: Reads::<OfOrder>::Number(read),
    needs: Needs::Nothing,
    says: Says { at_least: "it is promised in {} or later", at_most: "it is promised within {}", ..Says::NOTHING },
    better: None,
};

fn read(view: &OrderView<'_>) -> Option<f64> {
    Some(days_until(view.snapshot.at, view.order.promised_by()?))
}
