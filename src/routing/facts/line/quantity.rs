//! The units of one line.

use crate::routing::facts::{Choices, Fact, Needs, OfLine, Reads, Says, Unit, LineView};

pub(super) static FACT: Fact<OfLine> = Fact {
    code: "quantity",
    name: "quantity",
    help: "The units of one line.",
    unit: Unit::Units,
    choices: Choices::None,
    reads: Reads::<OfLine>::Number(read),
    needs: Needs::Nothing,
    says: Says { at_least: "quantity is at least {}", at_most: "quantity is at most {}", ..Says::NOTHING },
    better: None,
};

fn read(view: &LineView<'_>) -> Option<f64> {
    Some(view.line.quantity.into())
}
