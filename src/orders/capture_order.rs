//! Taking an order in: checked, routed, its stock claimed, its payment asked for, in one transaction.

use super::number::claim_number;
use super::project_order::project_order;
use super::validate::{ValidOrder, validate};
use super::{NewOrder, UNPAID_HOLD_MINUTES};
use crate::customers::keep_contact;
use crate::events::{self, EventDetails, EventKind, NewEvent, StreamKind};
use crate::fulfilment::{PlannedLine, plan_fulfilments};
use crate::identity::{Act, Permission};
use crate::ids::{LocationId, OrderId, ReservationId};
use crate::inventory::{self, Capacity, Claim, Network, NetworkCache, Snapshot};
use crate::jobs::{self, Job};
use crate::payments::{self, RecordedOperation};
use crate::refusal::{FieldProblem, Refusal, RefusalCode, Result};
use crate::routing::{self, Plan, PlanLine, PlanOrder, Ruleset};
use chrono::{DateTime, TimeDelta, Utc};
use sqlx::PgConnection;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The network and the rules in force, as one node keeps them.
#[derive(Clone, Debug)]
pub struct Planning {
    pub network: Arc<Network>,
    pub ruleset: Arc<Ruleset>,
}

/// A node's copies of what planning reads and what seldom changes.
#[derive(Debug, Default)]
pub struct PlanningCache {
    network: NetworkCache,
    ruleset: std::sync::RwLock<Option<(Arc<Network>, Arc<Ruleset>)>>,
}

impl PlanningCache {
    /// What planning reads now. The rules are read again whenever the network is: publishing touches it.
    pub async fn get(&self, conn: &mut PgConnection, now: DateTime<Utc>) -> Result<Planning> {
        let network = self.network.get(conn, now).await?;
        let held = self.ruleset.read().ok().and_then(|held| held.clone());
        if let Some((of, ruleset)) = held
            && Arc::ptr_eq(&of, &network)
        {
            return Ok(Planning { network, ruleset });
        }
        let ruleset = Arc::new(routing::active_ruleset(conn, now).await?);
        if let Ok(mut slot) = self.ruleset.write() {
            *slot = Some((Arc::clone(&network), Arc::clone(&ruleset)));
        }
        Ok(Planning { network, ruleset })
    }
}

/// An order that is in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Captured {
    pub order_id: OrderId,
    pub number: String,
    /// To be sent to the gateway after the commit.
    pub authorisation: RecordedOperation,
    /// Unpaid, the stock is freed then.
    pub held_until: DateTime<Utc>,
}

/// Captures an order under an id that the caller chose. Everything wrong with it is said at once; what cannot be supplied is refused by
/// line, with what is left. Where others were faster it fails as contended, and `transact!` plans again.
///
/// The claim comes last: what it locks, every other order for the same things and places waits for.
pub async fn capture_order(conn: &mut PgConnection, act: &Act, planning: &Planning, order_id: OrderId, new: &NewOrder) -> Result<Captured> {
    act.require(Permission::CaptureOrders)?;
    let order = validate(conn, act, &planning.network, new).await?;
    let (plan_order, plan) = plan_order(conn, act, planning, &order).await?;
    let claims = claims_of(act, planning, &plan_order, &plan);
    let limited = planning.network.locations.iter().filter_map(|l| Some((l.id, Capacity { limit: l.daily_order_capacity?, day: l.day(act.now) })));
    let capacity: BTreeMap<LocationId, Capacity> = limited.collect();
    let held_until = act.now + TimeDelta::minutes(UNPAID_HOLD_MINUTES);
    let number = claim_number(conn, order_id).await?;
    write_order(conn, act, &order, order_id, &number, held_until).await?;

    let lines: Vec<PlannedLine> = claims
        .iter()
        .map(|c| PlannedLine {
            line_no: c.line_no,
            sku: c.sku,
            location: c.location,
            capacity_day: capacity.get(&c.location).map(|limited| limited.day),
            quantity: c.quantity,
            reservation_id: c.reservation_id,
        })
        .collect();
    plan_fulfilments(conn, act, order_id, order.method, &lines).await?;
    routing::record_decision(conn, act, order_id, &planning.ruleset, &plan_order, &plan).await?;
    let authorisation = payments::open_payment(conn, act, order_id, order.total_minor(), order.currency, &order.payment_token).await?;
    jobs::enqueue(conn, &[(Job::ExpireUnpaidOrder { order_id }, held_until)]).await?;
    let planned = NewEvent {
        kind: EventKind::OrderPlanned,
        details: EventDetails { reason: plan.rule.map(|i| planning.ruleset.rules[i as usize].name.clone()), ..EventDetails::default() },
    };
    events::append(conn, act, StreamKind::Order, order_id.0, vec![EventKind::OrderCaptured.into(), planned]).await?;
    project_order(conn, act.now, &[order_id]).await?;
    inventory::claim_stock(conn, order_id, &claims, &capacity, act.now).await?;
    Ok(Captured { order_id, number, authorisation, held_until })
}

/// Plans an order on the stock as it is; refused where it cannot be supplied whole.
async fn plan_order(conn: &mut PgConnection, act: &Act, planning: &Planning, order: &ValidOrder) -> Result<(PlanOrder, Plan)> {
    let plan_order = PlanOrder {
        channel: order.channel.clone(),
        method: order.method,
        pickup_location: order.pickup_location,
        country: order.contact.country.clone(),
        destination: order.contact.point,
        value_minor: order.total_minor(),
        lines: (1..)
            .zip(&order.lines)
            .map(|(line_no, l)| PlanLine { line_no, sku: l.sku.id, quantity: l.quantity, weight_grams: l.sku.weight_grams })
            .collect(),
    };
    let skus: Vec<_> = plan_order.lines.iter().map(|l| l.sku).collect();
    let stock = inventory::stock_now(conn, &planning.network, &skus, act.now).await?;
    let snapshot = Snapshot { at: act.now, network: &planning.network, stock: &stock };
    let (plan, _) = routing::plan(&plan_order, &snapshot, &planning.ruleset);
    if plan.waiting.is_empty() { Ok((plan_order, plan)) } else { Err(out_of_stock(order, &plan_order, &snapshot).into()) }
}

/// What a plan takes from where.
fn claims_of(act: &Act, planning: &Planning, order: &PlanOrder, plan: &Plan) -> Vec<Claim> {
    plan.assignments
        .iter()
        .filter_map(|a| {
            let line = order.lines.iter().find(|l| l.line_no == a.line_no)?;
            Some(Claim {
                reservation_id: ReservationId::new(act.now),
                sku: line.sku,
                location: a.location,
                line_no: a.line_no,
                quantity: a.quantity,
                safety_stock: planning.network.safety_stock(line.sku, a.location),
            })
        })
        .collect()
}

/// What is missing, line by line; lines that could be had are not blamed.
fn out_of_stock(order: &ValidOrder, plan_order: &PlanOrder, snapshot: &Snapshot<'_>) -> Refusal {
    let store = order.pickup_location.and_then(|id| snapshot.network.location(id)).map(|store| store.name.as_str());
    let mut fields: Vec<FieldProblem> = Vec::new();
    for (index, line) in order.lines.iter().enumerate() {
        let wanted: i64 = order.lines.iter().filter(|l| l.sku.id == line.sku.id).map(|l| i64::from(l.quantity)).sum();
        let left = routing::obtainable(plan_order, snapshot, line.sku.id);
        if left >= wanted {
            continue;
        }
        let what = format!("{} ({})", line.sku.name, line.sku.code);
        let message = match (store, left) {
            (Some(store), 0) => format!("{store} has none of {what}. Take it out, choose another store, or have it sent."),
            (Some(store), left) => format!("{store} has {left} of {what}. Take {left} or fewer, choose another store, or have it sent."),
            (None, 0) => format!("{what} is sold out. Take it out, or come back later."),
            (None, left) => format!("Only {left} of {what} can be had. Order {left} or fewer."),
        };
        fields.push(FieldProblem { field: format!("/lines/{index}/quantity"), message });
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

async fn write_order(
    conn: &mut PgConnection,
    act: &Act,
    order: &ValidOrder,
    order_id: OrderId,
    number: &str,
    held_until: DateTime<Utc>,
) -> Result<()> {
    if let Some(external_id) = &order.external_id {
        // Unique for as long as the order lives: a second sender waits here for the first, and is refused.
        let claimed = sqlx::query!(
            "insert into order_external_ids (channel, external_id, order_id) values ($1, $2, $3) on conflict do nothing",
            order.channel,
            external_id,
            order_id.0
        )
        .execute(&mut *conn)
        .await?;
        if claimed.rows_affected() == 0 {
            return Err(Refusal::field("/external_id", format!("Order {external_id} of this channel was taken already.")).into());
        }
    }
    let contact_id = keep_contact(conn, act.now, &order.contact).await?;
    let tax_minor: i64 = order.lines.iter().map(|l| l.tax_minor).sum();
    sqlx::query!(
        "insert into orders (order_id, number, channel, legal_entity_id, external_id, contact_id, contact_version, method, pickup_location_id,
            currency, goods_minor, shipping_minor, tax_minor, total_minor, placed_at, held_until, updated_at)
        values ($1, $2, $3, $4, $5, $6, 1, $7, $8, $9, $10, $11, $12, $13, $14, $15, $14)",
        order_id.0,
        number,
        order.channel,
        order.legal_entity.0,
        order.external_id,
        contact_id.0,
        order.method.as_str(),
        order.pickup_location.map(|l| l.0),
        order.currency.code(),
        order.goods_minor(),
        order.shipping_minor,
        tax_minor,
        order.total_minor(),
        act.now,
        held_until
    )
    .execute(&mut *conn)
    .await?;
    let lines = &order.lines;
    sqlx::query_file!(
        "src/orders/sql/insert_lines.sql",
        order_id.0,
        &lines.iter().map(|l| l.sku.id.0).collect::<Vec<_>>(),
        &lines.iter().map(|l| l.sku.code.clone()).collect::<Vec<_>>(),
        &lines.iter().map(|l| l.sku.name.clone()).collect::<Vec<_>>(),
        &lines.iter().map(|l| l.quantity).collect::<Vec<_>>(),
        &lines.iter().map(|l| l.unit_price.micros()).collect::<Vec<_>>(),
        &lines.iter().map(|l| l.amount_minor).collect::<Vec<_>>(),
        &lines.iter().map(|l| l.tax_minor).collect::<Vec<_>>()
    )
    .execute(conn)
    .await?;
    Ok(())
}
