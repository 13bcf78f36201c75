//! Keeping a decision: its inputs, its outcome and the versions that made it. About a kilobyte.

use super::actions::Besides;
use super::{Assignment, ENGINE_VERSION, NotBefore, Offer, OrderTraits, Plan, PlanLine, PlanOrder, Queue, Ruleset, Waiting};
use crate::catalog::{Size, SkuTraits};
use crate::fulfilment::Method;
use crate::geo::GeoPoint;
use crate::ids::{LocationId, OrderId, SkuId};
use crate::promising::Span;
use crate::refusal::Result;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use sqlx::PgConnection;
use std::sync::Arc;

/// What is stored, compactly: lines by number (their SKU and weight never change), locations once each. The network and the stock are read as
/// of the decision's moment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DecisionRecord {
    channel: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    group: Option<String>,
    method: Method,
    #[serde(skip_serializing_if = "Option::is_none")]
    pickup: Option<LocationId>,
    country: String,
    at: GeoPoint,
    value: i64,
    /// (line, units wanted)
    lines: Vec<(i32, i32)>,
    rule: Option<u32>,
    locations: Vec<LocationId>,
    /// (line, position in `locations`, units)
    taken: Vec<(i32, usize, i32)>,
    waiting: Vec<Waiting>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    excluded: Vec<LocationId>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    not_before: Vec<NotBefore>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    taken_by: Option<LocationId>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    by_hand: bool,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    promised: Vec<Waiting>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    services: Option<Vec<String>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    release_at: Option<DateTime<Utc>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    slot: Option<Span>,
    /// (line, when it was promised by), of lines that were promised before, or by when it was shown that they come.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    promised_by: Vec<(i32, DateTime<Utc>)>,
    /// (line, why it waited so far), of lines that waited.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    queues: Vec<(i32, Queue)>,
    /// (line, what its units come to)
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    amounts: Vec<(i32, i64)>,
    #[serde(default)]
    traits: OrderTraits,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    besides: Vec<Besides>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    offer: Option<Offer>,
}

impl DecisionRecord {
    pub fn new(order: &PlanOrder, plan: &Plan) -> Self {
        let mut locations = Vec::new();
        let taken = plan
            .assignments
            .iter()
            .map(|a| {
                let position = locations.iter().position(|l| *l == a.location).unwrap_or_else(|| {
                    locations.push(a.location);
                    locations.len() - 1
                });
                (a.line_no, position, a.quantity)
            })
            .collect();
        Self {
            channel: order.channel.clone(),
            group: order.customer_group.clone(),
            method: order.method,
            pickup: order.pickup_location,
            country: order.country.clone(),
            at: order.destination,
            value: order.value_minor,
            lines: order.lines.iter().map(|l| (l.line_no, l.quantity)).collect(),
            rule: plan.rule,
            locations,
            taken,
            waiting: plan.waiting.clone(),
            excluded: order.excluded.clone(),
            not_before: order.not_before.clone(),
            taken_by: order.taken_by,
            by_hand: order.by_hand,
            promised: order.promised.clone(),
            services: order.services.clone(),
            release_at: order.release_at,
            slot: order.slot,
            promised_by: order.lines.iter().filter_map(|l| Some((l.line_no, l.promised_by?))).collect(),
            queues: order.lines.iter().filter_map(|l| Some((l.line_no, l.queue?))).collect(),
            amounts: order.lines.iter().map(|l| (l.line_no, l.amount_minor)).collect(),
            traits: order.traits.clone(),
            besides: plan.besides.clone(),
            offer: plan.offer.clone(),
        }
    }

    /// The order and the plan again. `line` gives a line's SKU, its size and its traits; the postcode is the contact's, who may want it forgotten.
    pub fn restore(&self, postcode: &str, line: impl Fn(i32) -> Option<(SkuId, Size, Arc<SkuTraits>)>) -> (PlanOrder, Plan) {
        let lines = self
            .lines
            .iter()
            .filter_map(|(line_no, quantity)| {
                let (sku, size, traits) = line(*line_no)?;
                Some(PlanLine {
                    line_no: *line_no,
                    sku,
                    quantity: *quantity,
                    size,
                    promised_by: of_line(&self.promised_by, *line_no),
                    amount_minor: of_line(&self.amounts, *line_no).unwrap_or(0),
                    queue: of_line(&self.queues, *line_no),
                    traits,
                })
            })
            .collect();
        let order = PlanOrder {
            channel: self.channel.clone(),
            customer_group: self.group.clone(),
            method: self.method,
            pickup_location: self.pickup,
            country: self.country.clone(),
            destination: self.at,
            postcode: postcode.to_owned(),
            services: self.services.clone(),
            release_at: self.release_at,
            slot: self.slot,
            value_minor: self.value,
            lines,
            excluded: self.excluded.clone(),
            not_before: self.not_before.clone(),
            taken_by: self.taken_by,
            by_hand: self.by_hand,
            promised: self.promised.clone(),
            traits: self.traits.clone().said_as_now(),
        };
        let assignments = self
            .taken
            .iter()
            .filter_map(|(line_no, position, quantity)| {
                Some(Assignment { line_no: *line_no, location: *self.locations.get(*position)?, quantity: *quantity })
            })
            .collect();
        (order, Plan { assignments, waiting: self.waiting.clone(), rule: self.rule, besides: self.besides.clone(), offer: self.offer.clone() })
    }
}

fn of_line<T: Copy>(kept: &[(i32, T)], line_no: i32) -> Option<T> {
    kept.iter().find(|(no, _)| *no == line_no).map(|(_, it)| *it)
}

/// A decision to be kept.
#[derive(Clone, Debug)]
pub struct Decided {
    pub order: OrderId,
    pub at: DateTime<Utc>,
    pub record: DecisionRecord,
}

/// Stores decisions in the transaction that acts on them. The caller holds the orders' locks.
pub async fn record_decisions(conn: &mut PgConnection, ruleset: &Ruleset, decisions: &[Decided]) -> Result<()> {
    sqlx::query!(
        "insert into order_decisions (order_id, decision_no, ruleset_id, ruleset_version, engine_version, decided_at, record)
        select d.order_id, coalesce((select max(decision_no) from order_decisions o where o.order_id = d.order_id), 0) + 1, $4, $5, $6, d.at, d.record
        from unnest($1::uuid[], $2::timestamptz[], $3::jsonb[]) as d (order_id, at, record)",
        &decisions.iter().map(|d| d.order.0).collect::<Vec<_>>(),
        &decisions.iter().map(|d| d.at).collect::<Vec<_>>(),
        &decisions.iter().map(|d| serde_json::to_value(&d.record).unwrap_or_default()).collect::<Vec<_>>(),
        ruleset.id.0,
        ruleset.version,
        ENGINE_VERSION
    )
    .execute(conn)
    .await?;
    Ok(())
}
