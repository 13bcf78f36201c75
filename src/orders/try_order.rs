//! Trying an order that nobody has placed: where it would come from, and why. Nothing is reserved, kept or told to anybody.

use super::NewOrder;
use super::capture_orders::to_plan;
use super::planning::Planning;
use super::shortage::is_accepted;
use super::validate::{Known, validate};
use super::views::{TriedOrder, TriedParcel};
use crate::identity::{Act, Permission};
use crate::inventory::{self, Snapshot};
use crate::refusal::Result;
use crate::routing::{otherwise, plan_traced, promise, tell_decision};
use sqlx::PgConnection;

/// Judges an order as if it came in now, and plans it on the stock as it is by the rules of `planning`, which need not be those in force.
pub async fn try_order(conn: &mut PgConnection, act: &Act, planning: &Planning, new: &NewOrder) -> Result<TriedOrder> {
    act.require(Permission::ReadRouting)?;
    let known = Known::about(conn, act.now, &planning.terms, &[new]).await?;
    let valid = validate(act, planning, &known, new)?;
    let mut order = to_plan(planning, act.now, &valid);
    planning.look_up(conn, &mut [&mut order], act.now).await?;
    let skus: Vec<_> = order.lines.iter().map(|line| line.sku).collect();
    let stock = inventory::stock_now(conn, &planning.network, &skus, act.now, planning.ruleset.needs.demand).await?;
    let snapshot = Snapshot { at: act.now, network: &planning.network, stock: &stock };
    let (plan, trace) = plan_traced(&order, &snapshot, &planning.ruleset);
    let promise = promise(&order, &plan, &snapshot);
    let code_of = |line_no: i32| {
        let line = usize::try_from(line_no - 1).ok().and_then(|at| valid.lines.get(at));
        line.map(|line| line.sku.code.clone()).unwrap_or_default()
    };
    let mut explanation = tell_decision(&planning.ruleset, &snapshot, &order, &plan, &trace);
    explanation.otherwise = otherwise(&order, &snapshot, &planning.ruleset, &plan, |sku| {
        valid.lines.iter().find(|line| line.sku.id == sku).map_or("", |line| line.sku.code.as_str())
    });
    let mut parcels: Vec<TriedParcel> = Vec::new();
    for assignment in &plan.assignments {
        let Some(place) = planning.network.location(assignment.location) else { continue };
        let line = (code_of(assignment.line_no), assignment.quantity);
        match parcels.iter_mut().find(|parcel| parcel.location == place.name) {
            Some(parcel) => parcel.lines.push(line),
            None => {
                let promised = promise.at(place.id);
                parcels.push(TriedParcel {
                    location: place.name.clone(),
                    lines: vec![line],
                    there_by: promised.map(|p| p.schedule.by()),
                    cost_minor: promised.and_then(|p| p.cost_minor),
                });
            }
        }
    }
    let waiting = plan.waiting.iter().map(|w| (code_of(w.line_no), w.quantity, w.queue.label().to_owned(), w.expected_at)).collect();
    let is_late = valid.promised_by.zip(promise.window()).is_some_and(|(shown, window)| window.by > shown);
    let is_taken = !is_late && is_accepted(&order, &plan, &snapshot, &planning.ruleset);
    Ok(TriedOrder { is_late, parcels, waiting, currency: order.traits.currency, explanation, is_taken })
}
