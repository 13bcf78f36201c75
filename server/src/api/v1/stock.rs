use super::{json, key};
use crate::api::auth::Authenticated;
use crate::api::problem::{ApiProblem, Problem};
use crate::router::AppState;
use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use waybill::integrations::{Seen, remember};
use waybill::inventory::{self, MovementReason};
use waybill::refusal::{Refusal, UnknownName};
use waybill::transact;

/// A SKU at one location.
#[derive(Debug, Serialize, ToSchema)]
pub struct Level {
    location: String,
    on_hand: i32,
    reserved: i32,
    backordered: i32,
    safety: i32,
    /// What can still be promised.
    available: i32,
}

/// One SKU everywhere, with every number behind what can be promised.
#[utoipa::path(get, path = "/stock/{sku}", params(("sku" = String, Path)), security(("token" = [])), responses((status = 200, body = Vec<Level>)))]
pub async fn read(State(state): State<AppState>, Authenticated(act): Authenticated, Path(sku): Path<String>) -> Result<Json<Vec<Level>>, ApiProblem> {
    let rows = inventory::stock_of_sku(&mut *state.services.pool.acquire().await?, &act, &sku).await?;
    Ok(Json(
        rows.into_iter()
            .map(|r| Level {
                location: r.location,
                on_hand: r.on_hand,
                reserved: r.reserved,
                backordered: r.backordered,
                safety: r.safety,
                available: r.available,
            })
            .collect(),
    ))
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MovementInput {
    sku: String,
    /// Code of the location.
    location: String,
    /// Units that come (positive) or go (negative).
    quantity: i32,
    /// `receipt`, `adjustment`, `damage`, `count`, `return` or `transfer`.
    #[schema(example = "receipt")]
    reason: String,
}

/// Post a stock movement. Refused where fewer units would be left than are reserved.
#[utoipa::path(post, path = "/stock/movements", request_body = MovementInput, security(("token" = [])),
    responses((status = 204), (status = 409, body = Problem), (status = 422, body = Problem)))]
pub async fn post_movement(
    State(state): State<AppState>,
    Authenticated(act): Authenticated,
    headers: HeaderMap,
    body: Bytes,
) -> Result<StatusCode, ApiProblem> {
    act.require(waybill::identity::Permission::AdjustStock)?;
    let key = key(&act, &headers, "/v1/stock/movements", &body)?;
    let input: MovementInput = json(&body)?;
    let reason: MovementReason = input.reason.parse().map_err(|e: UnknownName| Refusal::field("/reason", e.to_string()))?;
    transact!(state.services.pool, conn => {
        if let Seen::Before(_) = remember(conn, &key, uuid::Uuid::nil(), act.now).await? {
            return Ok(());
        }
        inventory::adjust_stock(conn, &act, &input.sku, &input.location, input.quantity, reason).await
    })?;
    Ok(StatusCode::NO_CONTENT)
}
