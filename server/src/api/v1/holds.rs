use super::{json, key};
use crate::api::auth::Authenticated;
use crate::api::extract::Path;
use crate::api::problem::{ApiProblem, Problem};
use crate::router::AppState;
use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use waybill::ids::HoldId;
use waybill::orders::{Kept, NewHold};
use waybill::refusal::{Refusal, UnknownName};

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct HoldLine {
    sku: String,
    quantity: i32,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct HoldInput {
    #[schema(example = "web")]
    channel: String,
    /// `ship` or `pickup`; `ship` where left out.
    method: Option<String>,
    /// The group of customers that it is from.
    customer_group: Option<String>,
    /// Code of the store to collect from.
    pickup_location: Option<String>,
    /// Where it is likely to go; the channel's own country where left out.
    country: Option<String>,
    postcode: Option<String>,
    lines: Vec<HoldLine>,
    /// A hold whose units are given up for this one, such as that of the basket before it was changed.
    replaces: Option<String>,
}

/// A basket whose units are kept.
#[derive(Debug, Serialize, ToSchema)]
pub struct Hold {
    /// Send it with the order as `hold`; null where nothing needs keeping: all of it is yet to come.
    hold: Option<String>,
    expires_at: Option<DateTime<Utc>>,
}

fn answer(kept: Option<Kept>) -> Json<Hold> {
    Json(Hold { hold: kept.map(|k| k.hold.to_string()), expires_at: kept.map(|k| k.until) })
}

fn id(field: &str, text: &str) -> Result<HoldId, Refusal> {
    text.parse().map_err(|_| Refusal::field(field, "Send the id that the hold was answered with."))
}

/// Keep a basket's units for as long as its channel does. Refused, line by line, where not all of it can be had.
#[utoipa::path(post, path = "/holds", request_body = HoldInput, params(("Idempotency-Key" = String, Header)), security(("token" = [])),
    responses((status = 201, body = Hold), (status = 409, body = Problem), (status = 422, body = Problem)))]
pub async fn hold(
    State(state): State<AppState>,
    Authenticated(act): Authenticated,
    headers: HeaderMap,
    body: Bytes,
) -> Result<(StatusCode, Json<Hold>), ApiProblem> {
    let key = key(&act, &headers, "/v1/holds", &body)?;
    let input: HoldInput = json(&body)?;
    let method = input.method.as_deref().unwrap_or("ship").parse().map_err(|e: UnknownName| Refusal::field("/method", e.to_string()))?;
    let before = input.replaces.as_deref().map(|text| id("/replaces", text)).transpose()?;
    let new = NewHold {
        channel: input.channel,
        method,
        customer_group: input.customer_group,
        pickup_location: input.pickup_location,
        country: input.country,
        postcode: input.postcode,
        lines: input.lines.into_iter().map(|l| (l.sku, l.quantity)).collect(),
    };
    let kept = state.services.hold_basket(&act, &new, before, Some(&key)).await?;
    Ok((StatusCode::CREATED, answer(kept)))
}

/// Keep a basket longer: from now on as long as its channel does, in all at most four times as long.
#[utoipa::path(post, path = "/holds/{hold}/extend", request_body(content = ()), params(("hold" = String, Path), ("Idempotency-Key" = String, Header)), security(("token" = [])),
    responses((status = 200, body = Hold), (status = 404, body = Problem)))]
pub async fn extend(
    State(state): State<AppState>,
    Authenticated(act): Authenticated,
    Path(hold): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<Hold>, ApiProblem> {
    // Extending twice is extending once: the key is asked for as everywhere, and nothing hangs on it.
    key(&act, &headers, &format!("/v1/holds/{hold}/extend"), &body)?;
    Ok(answer(Some(state.services.extend_hold(&act, id("/hold", &hold)?).await?)))
}

/// Free what a basket kept. Nothing happens where that was done before.
#[utoipa::path(delete, path = "/holds/{hold}", params(("hold" = String, Path)), security(("token" = [])), responses((status = 204)))]
pub async fn release(State(state): State<AppState>, Authenticated(act): Authenticated, Path(hold): Path<String>) -> Result<StatusCode, ApiProblem> {
    state.services.release_hold(&act, id("/hold", &hold)?).await?;
    Ok(StatusCode::NO_CONTENT)
}
