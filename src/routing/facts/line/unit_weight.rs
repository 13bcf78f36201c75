//! What one unit weighs.

use crate::routing::facts::{Choices, Fact, Needs, OfLine, Reads, Says, Unit, LineView};

pub(super) static FACT: Fact<OfLine> = Fact {
    code: "unit_weight",
    name: "weight of one",
    help: "What one unit weighs.",
    unit: Unit::Grams,
    choices: Choices::None,
    reads: Reads::<OfLine>::Number(read),
    needs: Needs::Nothing,
    says: Says { at_least: "one weighs at least {}", at_most: "one weighs at most {}", ..Says::NOTHING },
    better: None,
};

fn read(view: &LineView<'_>) -> Option<f64> {
    Some(view.line.size.grams.into())
}
