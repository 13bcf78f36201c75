//! Why its units wait so far: nothing for a line that is routed for the first time.

use crate::routing::facts::{Choices, Fact, Needs, OfLine, Reads, Says, Unit, LineView};

pub(super) static FACT: Fact<OfLine> = Fact {
    code: "queue",
    name: "waits because",
    help: "Why its units wait so far: nothing for a line that is routed for the first time.",
    unit: Unit::None,
    choices: Choices::These(&[("unrouted", "it was not routed"), ("rejected", "a location turned it down"), ("backorder", "more is expected"), ("preorder", "it is not on sale yet"), ("unfillable", "nobody has it"), ("customer_care", "somebody has to look at it"), ("asked", "the customer is asked"), ("substitute", "it or something else is to be had")]),
    reads: Reads::<OfLine>::Word(read),
    needs: Needs::Nothing,
    says: Says { one_of: "it waits because {}", none_of: "it does not wait because {}", ..Says::NOTHING },
    better: None,
};

fn read<'a>(view: &LineView<'a>) -> Option<&'a str> {
    view.line.queue.map(|queue| queue.as_str())
}
