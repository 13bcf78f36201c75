//! Days for which the oldest of what is there has been there, as measured each day; of the order's SKUs the oldest.

use crate::routing::facts::{Better, Choices, Fact, Needs, OfPlace, PlaceView, Reads, Says, Unit};

pub(super) static FACT: Fact<OfPlace> = Fact {
    code: "stock_age",
    name: "age of its stock",
    help: "Days for which the oldest of what is ordered has been there, where what came first leaves first. It is measured each day.",
    unit: Unit::Days,
    choices: Choices::None,
    reads: Reads::<OfPlace>::Number(read),
    needs: Needs::Demand,
    says: Says {
        at_least: "whose stock is at least {} old",
        at_most: "whose stock is at most {} old",
        first: "oldest stock first",
        was: "has stock that is {} old",
        ..Says::NOTHING
    },
    better: Some(Better::Higher),
};

const SECONDS_A_DAY: i64 = 86_400;

fn read(view: &PlaceView<'_>) -> Option<f64> {
    let today = view.snapshot.at.timestamp().div_euclid(SECONDS_A_DAY);
    let level = |sku| Some(view.snapshot.stock.levels.get(sku, view.id())).filter(|level| level.came_day > 0 && level.on_hand > 0);
    let ages = view.needs().filter_map(|(sku, ..)| Some(today - i64::from(level(sku)?.came_day)));
    ages.max().map(|days| days.max(0) as f64)
}
