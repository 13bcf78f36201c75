use super::{json, key};
use crate::api::auth::Authenticated;
use crate::api::extract::{Path, Query};
use crate::api::problem::{ApiProblem, Problem};
use crate::router::AppState;
use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use waybill::ids::DisruptionId;
use waybill::inventory::disruptions::views::DisruptionRow;
use waybill::inventory::disruptions::{self, NewDisruption};
use waybill::orders;
use waybill::orders::views::{DisruptedRow, DisruptionCounts, DisruptionView};
use waybill::refusal::Refusal;

/// Something that is, or was, out of order.
#[derive(Debug, Serialize, ToSchema)]
pub struct Disruption {
    id: Uuid,
    /// `location`, `carrier`, `service` or `sku`.
    kind: String,
    /// Codes, where it is about one.
    location: Option<String>,
    carrier: Option<String>,
    service: Option<String>,
    sku: Option<String>,
    /// What is out of order, for people.
    about: String,
    reason: String,
    since: DateTime<Utc>,
    /// When it is expected to be over; null where nobody knows.
    until: Option<DateTime<Utc>>,
    ended_at: Option<DateTime<Utc>>,
    brings_back: bool,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct Disruptions {
    /// Those that are not over before the others, the newest first.
    disruptions: Vec<Disruption>,
}

/// A disruption and what became of the fulfilment orders that counted on it.
#[derive(Debug, Serialize, ToSchema)]
pub struct DisruptionOrders {
    #[serde(flatten)]
    disruption: Disruption,
    #[schema(value_type = Object)]
    counts: DisruptionCounts,
    /// ISO 4217: what amounts are in, as minor units.
    currency: String,
    /// What has to leave first comes first.
    #[schema(value_type = Vec<Object>)]
    orders: Vec<DisruptedRow>,
    /// Send it as `after` for the next page; null on the last.
    next: Option<String>,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DisruptionInput {
    /// `location`, `carrier`, `service` or `sku`.
    kind: String,
    /// Code of the location that is closed, or where the SKU's stock is wrong: everywhere where it is left out.
    location: Option<String>,
    /// The name of the carrier that is on strike: none of its services takes anything.
    carrier: Option<String>,
    /// Code of the carrier service that takes nothing.
    service: Option<String>,
    /// Code of the SKU whose stock is wrong.
    sku: Option<String>,
    /// What has happened.
    reason: String,
    /// When it is expected to be over. Left out: nobody knows.
    until: Option<DateTime<Utc>>,
    /// When it is over, orders that were moved, and that nobody has begun with, go back. Left out: they do.
    brings_back: Option<bool>,
}

impl DisruptionInput {
    fn read(self) -> Result<NewDisruption, Refusal> {
        let kind = self.kind.parse().map_err(|_| Refusal::field("/kind", "Use location, carrier, service or sku."))?;
        let Self { location, carrier, service, sku, reason, until, brings_back, .. } = self;
        Ok(NewDisruption { kind, location, carrier, service, sku, reason, until, brings_back: brings_back.unwrap_or(true) })
    }
}

#[derive(Debug, Deserialize, IntoParams)]
pub struct OrdersQuery {
    after: Option<String>,
}

fn told(row: DisruptionRow) -> Disruption {
    Disruption {
        id: row.id.0,
        kind: row.kind.to_string(),
        location: row.location,
        carrier: row.carrier,
        service: row.service,
        sku: row.sku,
        about: row.about,
        reason: row.reason,
        since: row.since,
        until: row.until,
        ended_at: row.ended_at,
        brings_back: row.brings_back,
    }
}

fn whole(view: DisruptionView) -> Json<DisruptionOrders> {
    let DisruptionView { row, counts, currency, orders, .. } = view;
    Json(DisruptionOrders { disruption: told(row), counts, currency, orders: orders.rows, next: orders.next })
}

fn known(id: &str) -> Result<DisruptionId, Refusal> {
    id.parse().map_err(|_| Refusal::not_found("such disruption"))
}

/// What is out of order, and what was.
#[utoipa::path(get, path = "/disruptions", security(("token" = [])), responses((status = 200, body = Disruptions)))]
pub async fn list(State(state): State<AppState>, Authenticated(act): Authenticated) -> Result<Json<Disruptions>, ApiProblem> {
    let rows = disruptions::list_disruptions(&mut *state.services.pool.acquire().await?, &act, 100).await?;
    Ok(Json(Disruptions { disruptions: rows.into_iter().map(told).collect() }))
}

/// What would become of the orders that count on something, were it out of order from now on. Nothing changes.
#[utoipa::path(put, path = "/disruptions/preview", request_body = DisruptionInput, security(("token" = [])),
    responses((status = 200, body = DisruptionOrders), (status = 422, body = Problem)))]
pub async fn preview(State(state): State<AppState>, Authenticated(act): Authenticated, body: Bytes) -> Result<Json<DisruptionOrders>, ApiProblem> {
    let input: DisruptionInput = json(&body)?;
    Ok(whole(state.services.preview_disruption(&act, &input.read()?).await?))
}

/// Note that something is out of order from now on. Its orders are planned anew right after, and customers whose date moves are told.
#[utoipa::path(post, path = "/disruptions", request_body = DisruptionInput, security(("token" = [])), params(("Idempotency-Key" = String, Header)),
    responses((status = 202, body = DisruptionOrders), (status = 422, body = Problem)))]
pub async fn start(
    State(state): State<AppState>,
    Authenticated(act): Authenticated,
    headers: HeaderMap,
    body: Bytes,
) -> Result<(StatusCode, Json<DisruptionOrders>), ApiProblem> {
    let key = key(&act, &headers, "/v1/disruptions", &body)?;
    let input: DisruptionInput = json(&body)?;
    let id = state.services.start_disruption(&act, &input.read()?, Some(&key)).await?;
    let view = orders::read_disruption(&mut *state.services.pool.acquire().await?, &act, id, None).await?;
    Ok((StatusCode::ACCEPTED, whole(view)))
}

/// A disruption and what became of the work that counted on it.
#[utoipa::path(get, path = "/disruptions/{disruption}", params(("disruption" = String, Path), OrdersQuery), security(("token" = [])),
    responses((status = 200, body = DisruptionOrders), (status = 404, body = Problem)))]
pub async fn read(
    State(state): State<AppState>,
    Authenticated(act): Authenticated,
    Path(id): Path<String>,
    Query(query): Query<OrdersQuery>,
) -> Result<Json<DisruptionOrders>, ApiProblem> {
    let mut conn = state.services.pool.acquire().await?;
    Ok(whole(orders::read_disruption(&mut conn, &act, known(&id)?, query.after.as_deref()).await?))
}

/// It works again. Orders that were moved, and that nobody has begun with, go back where that was asked for.
#[utoipa::path(delete, path = "/disruptions/{disruption}", params(("disruption" = String, Path)), security(("token" = [])),
    responses((status = 204), (status = 404, body = Problem)))]
pub async fn end(State(state): State<AppState>, Authenticated(act): Authenticated, Path(id): Path<String>) -> Result<StatusCode, ApiProblem> {
    state.services.end_disruption(&act, known(&id)?).await?;
    Ok(StatusCode::NO_CONTENT)
}
