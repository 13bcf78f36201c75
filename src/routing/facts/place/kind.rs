//! Warehouses, stores, vendors that send for us, third parties.

use crate::routing::facts::{Choices, Fact, Needs, OfPlace, Reads, Says, Unit, PlaceView};

pub(super) static FACT: Fact<OfPlace> = Fact {
    code: "kind",
    name: "kind of location",
    help: "Warehouses, stores, vendors that send for us, third parties.",
    unit: Unit::None,
    choices: Choices::These(&[("warehouse", "warehouses"), ("store", "stores"), ("vendor", "vendors"), ("third_party", "third parties")]),
    reads: Reads::<OfPlace>::Word(read),
    needs: Needs::Nothing,
    says: Says { one_of: "from {}", none_of: "not from {}", was: "is one of the {}", ..Says::NOTHING },
    better: None,
};

fn read<'a>(view: &PlaceView<'a>) -> Option<&'a str> {
    Some(view.location.kind.as_str())
}
