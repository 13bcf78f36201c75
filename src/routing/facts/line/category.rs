//! The category of its product.

use crate::routing::facts::{Choices, Fact, Needs, OfLine, Reads, Says, Unit, LineView};

pub(super) static FACT: Fact<OfLine> = Fact {
    code: "category",
    name: "category",
    help: "The category of its product.",
    unit: Unit::None,
    choices: Choices::Categories,
    reads: Reads::<OfLine>::Word(read),
    needs: Needs::Traits,
    says: Says { one_of: "category is {}", none_of: "category is not {}", ..Says::NOTHING },
    better: None,
};

fn read<'a>(view: &LineView<'a>) -> Option<&'a str> {
    Some(&view.line.traits.category)
}
