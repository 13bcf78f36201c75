use crate::api::auth::Authenticated;
use crate::api::extract::{Path, Query};
use crate::api::problem::{ApiProblem, Problem};
use crate::router::AppState;
use axum::Json;
use axum::extract::State;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use waybill::orders;
use waybill::orders::views::OrderHistory;

/// How an order came to be as it is.
#[derive(Debug, Serialize, ToSchema)]
pub struct History {
    /// In the order in which it happened.
    events: Vec<HistoryEvent>,
    /// Every time that it was decided where something of it goes, the first first.
    decisions: Vec<Decision>,
    /// Of the decision that is named, or of the latest; none where it was not routed here.
    explanation: Option<Explanation>,
    returns: Vec<Return>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct Decision {
    /// Counts from 1.
    no: i32,
    at: DateTime<Utc>,
    /// The rules' name, and their version.
    ruleset: String,
    version: i32,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct HistoryQuery {
    /// The number of the decision that is explained; the latest where left out.
    decision: Option<i32>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct HistoryEvent {
    /// Counts from 1 without gaps.
    version: i32,
    #[schema(example = "order_captured")]
    kind: String,
    occurred_at: DateTime<Utc>,
    /// `user`, `token`, `customer` or `system`.
    by: String,
    fulfilment_no: Option<i32>,
    location: Option<String>,
    tracking_number: Option<String>,
    amount_minor: Option<i64>,
    reason: Option<String>,
}

/// Why it goes where it goes, in plain words.
#[derive(Debug, Serialize, ToSchema)]
pub struct Explanation {
    /// The rules and their version.
    ruleset: String,
    /// Sentences, most important first.
    summary: Vec<String>,
    /// What locations were ranked by: one for each of a candidate's `scores`.
    ranked_by: Vec<String>,
    /// Every location that the deciding rule looked at.
    candidates: Vec<Candidate>,
    /// What would have let other locations send something of it, each as little as it takes.
    otherwise: Vec<String>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct Candidate {
    location: String,
    distance_km: f64,
    /// Units of the order that it had.
    units: i32,
    chosen: bool,
    /// What it was ranked by; empty of those that were out of the question.
    scores: Vec<String>,
    /// Why it was not chosen.
    reason: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct Return {
    external_id: String,
    sku: String,
    quantity: i32,
    currency: String,
    amount_minor: i64,
    returned_at: DateTime<Utc>,
}

impl From<OrderHistory> for History {
    fn from(history: OrderHistory) -> Self {
        let event = |e: waybill::events::Event| HistoryEvent {
            version: e.version,
            kind: e.kind.to_string(),
            occurred_at: e.occurred_at,
            by: e.actor_kind,
            fulfilment_no: e.details.fulfilment_no,
            location: e.details.location,
            tracking_number: e.details.tracking_number,
            amount_minor: e.details.amount_minor,
            reason: e.details.reason,
        };
        let candidate = |c: waybill::routing::views::CandidateView| Candidate {
            location: c.location,
            distance_km: c.distance_km,
            units: c.units,
            chosen: c.chosen,
            scores: c.scores,
            reason: c.reason,
        };
        Self {
            events: history.timeline.into_iter().map(event).collect(),
            decisions: history.decisions.into_iter().map(|d| Decision { no: d.no, at: d.at, ruleset: d.ruleset, version: d.version }).collect(),
            explanation: history.explanation.map(|e| Explanation {
                ruleset: e.ruleset,
                summary: e.summary,
                ranked_by: e.ranked_by,
                candidates: e.candidates.into_iter().map(candidate).collect(),
                otherwise: e.otherwise,
            }),
            returns: history
                .returns
                .into_iter()
                .map(|r| Return {
                    external_id: r.external_id,
                    sku: r.sku,
                    quantity: r.quantity,
                    currency: r.amount.currency.code().to_owned(),
                    amount_minor: r.amount.minor,
                    returned_at: r.returned_at,
                })
                .collect(),
        }
    }
}

/// What happened to an order, why it goes where it goes, and what came back.
#[utoipa::path(get, path = "/orders/{order}/history", params(("order" = String, Path), HistoryQuery), security(("token" = [])),
    responses((status = 200, body = History), (status = 404, body = Problem)))]
pub async fn read(
    State(state): State<AppState>,
    Authenticated(act): Authenticated,
    Path(order): Path<String>,
    Query(query): Query<HistoryQuery>,
) -> Result<Json<History>, ApiProblem> {
    let mut conn = state.services.pool.acquire().await?;
    let id = orders::find_order_id(&mut conn, &act, &order).await?;
    Ok(Json(orders::order_history(&mut conn, &act, id, query.decision).await?.into()))
}
