//! What has to be minded when it is carried.

use crate::routing::facts::{Choices, Fact, Needs, OfLine, Reads, Says, Unit, LineView};

pub(super) static FACT: Fact<OfLine> = Fact {
    code: "handling",
    name: "handling",
    help: "What has to be minded when it is carried.",
    unit: Unit::None,
    choices: Choices::These(&[("hazardous", "hazardous"), ("perishable", "perishable"), ("two_person", "for two people"), ("fragile", "fragile")]),
    reads: Reads::<OfLine>::Words(read),
    needs: Needs::Traits,
    says: Says { one_of: "{}", none_of: "not {}", ..Says::NOTHING },
    better: None,
};

fn read(view: &LineView<'_>, say: &mut dyn FnMut(&str)) {
    view.line.traits.handling.iter().for_each(|h| say(h.as_str()));
}
