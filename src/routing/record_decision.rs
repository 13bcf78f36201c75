//! Keeping a decision: its inputs, its outcome and the versions that made it. About a kilobyte.

use super::{ENGINE_VERSION, Plan, PlanOrder, Ruleset};
use crate::identity::Act;
use crate::ids::OrderId;
use crate::refusal::Result;
use serde::{Deserialize, Serialize};
use sqlx::PgConnection;
use sqlx::types::Json;

/// What is stored. The network and the stock are read as of the decision's moment; the order may change, so its lines are kept here.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DecisionRecord {
    pub order: PlanOrder,
    pub plan: Plan,
}

/// Stores a decision in the transaction that acts on it. The caller holds the order's lock.
pub async fn record_decision(conn: &mut PgConnection, act: &Act, order_id: OrderId, ruleset: &Ruleset, order: &PlanOrder, plan: &Plan) -> Result<()> {
    let record = DecisionRecord { order: order.clone(), plan: plan.clone() };
    sqlx::query!(
        "insert into order_decisions (order_id, decision_no, ruleset_id, ruleset_version, engine_version, decided_at, record)
        select $1, coalesce(max(decision_no), 0) + 1, $2, $3, $4, $5, $6 from order_decisions where order_id = $1",
        order_id.0,
        ruleset.id.0,
        ruleset.version,
        ENGINE_VERSION,
        act.now,
        Json(record) as _
    )
    .execute(conn)
    .await?;
    Ok(())
}
