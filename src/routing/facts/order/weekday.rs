//! The weekday on which the order is routed, in the company’s time.

use crate::routing::facts::{Choices, Fact, Needs, OfOrder, Reads, Says, Unit};
use crate::routing::facts::OrderView;
use chrono::Datelike as _;

pub(super) static FACT: Fact<OfOrder> = Fact {
    code: "weekday",
    name: "weekday",
    help: "The weekday on which the order is routed, in the company’s time.",
    unit: Unit::None,
    choices: Choices::These(&[("mon", "Monday"), ("tue", "Tuesday"), ("wed", "Wednesday"), ("thu", "Thursday"), ("fri", "Friday"), ("sat", "Saturday"), ("sun", "Sunday")]),
    reads: Reads::<OfOrder>::Word(read),
    needs: Needs::Nothing,
    says: Says { one_of: "on {}", none_of: "not on {}", ..Says::NOTHING },
    better: None,
};

fn weekday(view: &OrderView<'_>) -> &'static str {
    let day = view.snapshot.at.with_timezone(&view.snapshot.network.clock).weekday();
    ["mon", "tue", "wed", "thu", "fri", "sat", "sun"][day.num_days_from_monday() as usize]
}

fn read<'a>(view: &OrderView<'a>) -> Option<&'a str> {
    Some(weekday(view))
}
