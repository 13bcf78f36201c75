//! The longest side of one unit, in millimetres.

use crate::routing::facts::{Choices, Fact, Needs, OfLine, Reads, Says, Unit, LineView};

pub(super) static FACT: Fact<OfLine> = Fact {
    code: "longest_side",
    name: "longest side",
    help: "The longest side of one unit, in millimetres.",
    unit: Unit::Millimetres,
    choices: Choices::None,
    reads: Reads::<OfLine>::Number(read),
    needs: Needs::Nothing,
    says: Says { at_least: "its longest side is at least {}", at_most: "its longest side is at most {}", ..Says::NOTHING },
    better: None,
};

fn read(view: &LineView<'_>) -> Option<f64> {
    Some(view.line.size.longest_mm.into())
}
