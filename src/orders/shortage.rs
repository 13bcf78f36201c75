//! What is missing of what somebody wants, in the words they asked for it: a basket and an order are told alike.

use crate::inventory::Snapshot;
use crate::refusal::{FieldProblem, Refusal, RefusalCode};
use crate::routing::{self, Plan, PlanLine, PlanOrder, Queue, Ruleset};

/// What a line of a plan was asked for as: itself, or a part of a kit.
#[derive(Debug)]
pub(super) struct Asked {
    /// Where in what was sent in.
    pub index: usize,
    /// The thing that was asked for, the whole kit where it is one: [`named`].
    pub name: String,
    pub quantity: i32,
    pub kit: Option<PartOf>,
}

/// The part of a kit that a line is.
#[derive(Debug)]
pub(super) struct PartOf {
    /// [`named`].
    pub part: String,
    pub kit: String,
}

/// A SKU, for people.
pub(super) fn named(name: &str, code: &str) -> String {
    format!("{name} ({code})")
}

/// True where an order is taken that is planned like this: all of it can be had and is assigned or promised, or a rule wants a person to decide about it.
pub(super) fn is_accepted(order: &PlanOrder, plan: &Plan, snapshot: &Snapshot<'_>, ruleset: &Ruleset) -> bool {
    let is_planned = is_all_planned(plan) || (waits_for_a_person(plan) && !is_short(order, snapshot, ruleset));
    is_planned && !routing::asks_too_much(order, snapshot)
}

/// True where every unit is assigned or promised.
pub(super) fn is_all_planned(plan: &Plan) -> bool {
    plan.waiting.iter().all(|w| w.location.is_some())
}

/// True where all that is not planned waits for somebody to look at it, or for something else in its place: a rule wants it so.
pub(super) fn waits_for_a_person(plan: &Plan) -> bool {
    plan.waiting.iter().all(|w| w.location.is_some() || matches!(w.queue, Queue::CustomerCare | Queue::Asked | Queue::Substitute))
}

/// True where more of something is wanted than could be had, whatever the rules say.
fn is_short(order: &PlanOrder, snapshot: &Snapshot<'_>, ruleset: &Ruleset) -> bool {
    order.lines.iter().any(|line| {
        let wanted: i64 = order.lines.iter().filter(|l| l.sku == line.sku).map(|l| i64::from(l.quantity)).sum();
        routing::obtainable(order, snapshot, ruleset, line.sku) < wanted
    })
}

/// Why a plan cannot be kept to: what is missing, line by line, with how many could be had beside the rest; things that could be had are not
/// blamed. `asked` says of each line of the order what it was asked for as.
pub(super) fn shortage(order: &PlanOrder, asked: &[Asked], snapshot: &Snapshot<'_>, ruleset: &Ruleset) -> Refusal {
    let store = order.pickup_location.and_then(|id| snapshot.network.location(id)).map(|store| store.name.as_str());
    let mut fields: Vec<FieldProblem> = Vec::new();
    for things in asked.chunk_by(|a, b| a.index == b.index) {
        let lines = || order.lines.iter().zip(asked).filter(|(_, a)| a.index == things[0].index);
        let could = |line: &PlanLine| {
            let all: i64 = order.lines.iter().filter(|l| l.sku == line.sku).map(|l| i64::from(l.quantity)).sum();
            let own: i64 = lines().filter(|(l, _)| l.sku == line.sku).map(|(l, _)| i64::from(l.quantity)).sum();
            let left = routing::obtainable(order, snapshot, ruleset, line.sku) - (all - own);
            left.max(0) * i64::from(things[0].quantity) / own.max(1)
        };
        if let Some((most, scarce)) = lines().map(|(line, thing)| (could(line), thing)).min_by_key(|(most, _)| *most)
            && most < i64::from(scarce.quantity)
        {
            fields.push(FieldProblem { field: format!("/lines/{}/quantity", scarce.index), message: too_few(scarce, most, store) });
        }
    }
    if !fields.is_empty() {
        return Refusal { code: RefusalCode::OutOfStock, ..Refusal::invalid(fields) };
    }
    // Everything is there, but nobody takes it on today.
    let message = match store {
        Some(store) => format!("{store} takes no more orders today. Choose another store, or have it sent."),
        None => "Nobody who has this can take the order on today. Try again tomorrow, or order the things apart.".to_owned(),
    };
    Refusal::new(RefusalCode::NoCapacity, message)
}

fn too_few(scarce: &Asked, most: i64, store: Option<&str>) -> String {
    let what = &scarce.name;
    let why = scarce.kit.as_ref().map(|of| format!(": there are too few of {}, a part of {}", of.part, of.kit)).unwrap_or_default();
    match (store, most) {
        (Some(store), 0) => format!("{store} has none of {what}{why}. Take it out, choose another store, or have it sent."),
        (Some(store), most) => {
            format!("Only {most} of {what} can be collected at {store}{why}. Take {most} or fewer, choose another store, or have it sent.")
        }
        (None, 0) => format!("{what} is sold out{why}. Take it out, or come back later."),
        (None, most) => format!("Only {most} of {what} can be had{why}. Order {most} or fewer."),
    }
}
