//! The tags of a line's product, which put it into lists.

use crate::routing::facts::{Choices, Fact, LineView, Needs, OfLine, Reads, Says, Unit};

pub(super) static FACT: Fact<OfLine> = Fact {
    code: "product_tag",
    name: "product tag",
    help: "The tags of a line’s product. They put products into lists, such as outlet or new.",
    unit: Unit::None,
    choices: Choices::ProductTags,
    reads: Reads::<OfLine>::Words(read),
    needs: Needs::Traits,
    says: Says { one_of: "product is tagged {}", none_of: "product is not tagged {}", ..Says::NOTHING },
    better: None,
};

fn read(view: &LineView<'_>, say: &mut dyn FnMut(&str)) {
    view.line.traits.tags.iter().for_each(|tag| say(tag));
}
