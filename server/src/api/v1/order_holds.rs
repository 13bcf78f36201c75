//! Holding orders back.

use super::orders::{Order, as_it_stands};
use super::{json, key};
use crate::api::auth::Authenticated;
use crate::api::extract::Path;
use crate::api::problem::{ApiProblem, Problem};
use crate::router::AppState;
use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::HeaderMap;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use waybill::identity::{Act, Permission};
use waybill::orders::views::OrderHold;
use waybill::orders::{self, HoldKind};
use waybill::refusal::{Refusal, UnknownName};

/// Something that an order is held for.
#[derive(Debug, Serialize, ToSchema)]
pub struct Hold {
    /// `payment`, `address`, `fraud`, `customer_service` or `stock`.
    kind: String,
    reason: String,
    placed_at: DateTime<Utc>,
}

impl From<OrderHold> for Hold {
    fn from(hold: OrderHold) -> Self {
        Self { kind: hold.kind.to_string(), reason: hold.reason, placed_at: hold.placed_at }
    }
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct HoldInput {
    /// `payment`, `address`, `fraud`, `customer_service` or `stock`.
    #[schema(example = "fraud")]
    kind: String,
    /// Why, in at most 200 characters on one line.
    reason: String,
}

fn kind_of(text: &str) -> Result<HoldKind, Refusal> {
    text.parse().map_err(|e: UnknownName| Refusal::field("/kind", e.to_string()))
}

/// Hold an order for something: nothing of it is picked, packed, sent or handed out until all that it is held for is released. Its stock is kept.
#[utoipa::path(post, path = "/orders/{order}/holds", params(("order" = String, Path), ("Idempotency-Key" = String, Header)), request_body = HoldInput,
    security(("token" = [])), responses((status = 200, body = Order), (status = 409, body = Problem), (status = 422, body = Problem)))]
pub async fn hold(
    State(state): State<AppState>,
    Authenticated(act): Authenticated,
    Path(order): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<Order>, ApiProblem> {
    act.require(Permission::CancelOrders)?;
    let key = key(&act, &headers, &format!("/v1/orders/{order}/holds"), &body)?;
    let input: HoldInput = json(&body)?;
    let kind = kind_of(&input.kind)?;
    let system = Act::system(act.now);
    let id = orders::find_order_id(&mut *state.services.pool.acquire().await?, &system, &order).await?;
    state.services.hold_order(&act, id, kind, &input.reason, Some(&key)).await?;
    as_it_stands(&state, &system, id).await
}

/// Release what an order is held for. Once nothing is left it goes on.
#[utoipa::path(post, path = "/orders/{order}/holds/{kind}/release", params(("order" = String, Path), ("kind" = String, Path), ("Idempotency-Key" = String, Header)),
    security(("token" = [])), responses((status = 200, body = Order), (status = 409, body = Problem), (status = 422, body = Problem)))]
pub async fn release(
    State(state): State<AppState>,
    Authenticated(act): Authenticated,
    Path((order, kind)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Json<Order>, ApiProblem> {
    act.require(Permission::CancelOrders)?;
    let key = key(&act, &headers, &format!("/v1/orders/{order}/holds/{kind}/release"), &[])?;
    let kind = kind_of(&kind)?;
    let system = Act::system(act.now);
    let id = orders::find_order_id(&mut *state.services.pool.acquire().await?, &system, &order).await?;
    state.services.release_order_hold(&act, id, kind, Some(&key)).await?;
    as_it_stands(&state, &system, id).await
}
