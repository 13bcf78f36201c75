//! What the line comes to, in the order’s currency.

use crate::routing::facts::{Choices, Fact, Needs, OfLine, Reads, Says, Unit, LineView};

pub(super) static FACT: Fact<OfLine> = Fact {
    code: "amount",
    name: "line value",
    help: "What the line comes to, in the order’s currency.",
    unit: Unit::Money,
    choices: Choices::None,
    reads: Reads::<OfLine>::Number(read),
    needs: Needs::Nothing,
    says: Says { at_least: "line value is at least {}", at_most: "line value is at most {}", ..Says::NOTHING },
    better: None,
};

fn read(view: &LineView<'_>) -> Option<f64> {
    Some(view.line.amount_minor as f64)
}
