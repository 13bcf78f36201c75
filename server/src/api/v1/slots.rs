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
use uuid::Uuid;
use waybill::idempotency::{Seen, remember};
use waybill::ids::BookingId;
use waybill::slots;
use waybill::transact;

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SlotInput {
    /// Code of the plan, and the beginning of the slot, as `GET /v1/promises` told them.
    plan: String,
    starts_at: DateTime<Utc>,
    /// The booking that it takes the place of.
    before: Option<Uuid>,
}

/// A slot that is kept.
#[derive(Debug, Serialize, ToSchema)]
pub struct SlotKept {
    /// Send it along with the order as `slot`.
    booking: Uuid,
    /// Until then, unless it becomes an order.
    expires_at: DateTime<Utc>,
}

/// Keep a slot for a quarter of an hour, while the customer decides. Sent again with the same key, it is answered with what it did.
#[utoipa::path(post, path = "/slots", request_body = SlotInput, params(("Idempotency-Key" = String, Header)), security(("token" = [])),
    responses((status = 201, body = SlotKept), (status = 409, body = Problem), (status = 422, body = Problem)))]
pub async fn book(
    State(state): State<AppState>,
    Authenticated(act): Authenticated,
    headers: HeaderMap,
    body: Bytes,
) -> Result<(StatusCode, Json<SlotKept>), ApiProblem> {
    let key = key(&act, &headers, "/v1/slots", &body)?;
    let input: SlotInput = json(&body)?;
    let id = BookingId::new(act.now);
    let kept = transact!(state.services.pool, conn => {
        let planning = state.services.planning.get(conn, act.now).await?;
        if let Seen::Before(id) = remember(conn, &key, id.0, act.now).await? {
            let kept = slots::kept_slot(conn, &planning.network, BookingId(id), act.now).await?;
            return kept.ok_or_else(|| waybill::refusal::Refusal::not_found("such booking any more").into());
        }
        slots::book_slot(conn, &act, &planning.network, id, &input.plan, input.starts_at, input.before.map(BookingId)).await
    })?;
    Ok((StatusCode::CREATED, Json(SlotKept { booking: kept.booking.0, expires_at: kept.until })))
}

/// Give a slot back that was kept.
#[utoipa::path(delete, path = "/slots/{booking}", params(("booking" = Uuid, Path)), security(("token" = [])), responses((status = 204)))]
pub async fn release(State(state): State<AppState>, Authenticated(act): Authenticated, Path(booking): Path<Uuid>) -> Result<StatusCode, ApiProblem> {
    state.services.release_booking(&act, BookingId(booking)).await?;
    Ok(StatusCode::NO_CONTENT)
}
