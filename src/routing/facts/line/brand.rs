//! The brand of its product.

use crate::routing::facts::{Choices, Fact, Needs, OfLine, Reads, Says, Unit, LineView};

pub(super) static FACT: Fact<OfLine> = Fact {
    code: "brand",
    name: "brand",
    help: "The brand of its product.",
    unit: Unit::None,
    choices: Choices::Brands,
    reads: Reads::<OfLine>::Word(read),
    needs: Needs::Traits,
    says: Says { one_of: "brand is {}", none_of: "brand is not {}", ..Says::NOTHING },
    better: None,
};

fn read<'a>(view: &LineView<'a>) -> Option<&'a str> {
    Some(&view.line.traits.brand)
}
