//! The SKU of a line.

use crate::routing::facts::{Choices, Fact, Needs, OfLine, Reads, Says, Unit, LineView};

pub(super) static FACT: Fact<OfLine> = Fact {
    code: "sku",
    name: "SKU",
    help: "The SKU of a line.",
    unit: Unit::None,
    choices: Choices::Skus,
    reads: Reads::<OfLine>::Word(read),
    needs: Needs::Traits,
    says: Says { one_of: "SKU is {}", none_of: "SKU is not {}", ..Says::NOTHING },
    better: None,
};

fn read<'a>(view: &LineView<'a>) -> Option<&'a str> {
    Some(&view.line.traits.code)
}
