//! The zone of a zone map that the address is in.

use crate::routing::facts::{Choices, Fact, Needs, OfOrder, Reads, Says, Unit};
use crate::carriers::Destination;
use crate::routing::facts::OrderView;

pub(super) static FACT: Fact<OfOrder> = Fact {
    code: "zone",
    name: "delivery zone",
    help: "The zone of a zone map that the address is in.",
    unit: Unit::None,
    choices: Choices::Zones,
    reads: Reads::<OfOrder>::Words(zones),
    needs: Needs::Nothing,
    says: Says { one_of: "the address is in zone {}", none_of: "the address is not in zone {}", ..Says::NOTHING },
    better: None,
};

fn zones(view: &OrderView<'_>, say: &mut dyn FnMut(&str)) {
    let to = Destination { country: &view.order.country, postcode: &view.order.postcode, point: view.order.destination };
    for map in view.snapshot.network.delivery.zone_maps.values() {
        map.reaching(&to).iter().for_each(|place| say(&place.zone));
    }
}
