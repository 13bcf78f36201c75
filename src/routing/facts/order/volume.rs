//! The room that everything takes up, where its sides are known.

use crate::routing::facts::{Choices, Fact, Needs, OfOrder, Reads, Says, Unit, OrderView};

pub(super) static FACT: Fact<OfOrder> = Fact {
    code: "volume",
    name: "volume",
    help: "The room that everything takes up, where its sides are known.",
    unit: Unit::Millilitres,
    choices: Choices::None,
    reads: Reads::<OfOrder>::Number(read),
    needs: Needs::Nothing,
    says: Says { at_least: "it takes up at least {}", at_most: "it takes up at most {}", ..Says::NOTHING },
    better: None,
};

fn read(view: &OrderView<'_>) -> Option<f64> {
    Some(view.order.lines.iter().map(|l| f64::from(l.quantity) * f64::from(l.size.volume_ml)).sum())
}
