//! The lists of SKUs that it is on.

use crate::routing::facts::{Choices, Fact, Needs, OfLine, Reads, Says, Unit, LineView};

pub(super) static FACT: Fact<OfLine> = Fact {
    code: "list",
    name: "list",
    help: "The lists of SKUs that it is on.",
    unit: Unit::None,
    choices: Choices::SkuLists,
    reads: Reads::<OfLine>::Words(read),
    needs: Needs::Traits,
    says: Says { one_of: "on the list {}", none_of: "not on the list {}", ..Says::NOTHING },
    better: None,
};

fn read(view: &LineView<'_>, say: &mut dyn FnMut(&str)) {
    view.line.traits.lists.iter().for_each(|list| say(list));
}
