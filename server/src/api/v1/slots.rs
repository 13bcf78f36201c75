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
use waybill::refusal::{Refusal, RefusalCode};
use waybill::slots::{self, BookingState, BookingView};
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

/// A booking of a slot, whatever has become of it.
#[derive(Debug, Serialize, ToSchema)]
pub struct Booking {
    /// Send it along with the order as `slot`, or with the line that it is an appointment of.
    booking: Uuid,
    plan: String,
    starts_at: DateTime<Utc>,
    ends_at: DateTime<Utc>,
    /// `open` (kept while the customer decides), `ordered`, `performed` (an appointment that was kept), `released` or `expired`.
    state: String,
    /// Until then it is kept, unless it becomes an order.
    expires_at: DateTime<Utc>,
    /// The order whose it is.
    order_number: Option<String>,
}

impl From<BookingView> for Booking {
    fn from(view: BookingView) -> Self {
        Self {
            booking: view.booking.0,
            plan: view.plan,
            starts_at: view.starts_at,
            ends_at: view.ends_at,
            state: view.state.to_string(),
            expires_at: view.expires_at,
            order_number: view.order_number,
        }
    }
}

/// Keep a slot for a quarter of an hour, while the customer decides. Sent again with the same key, it is answered with the booking that it made.
#[utoipa::path(post, path = "/slots", request_body = SlotInput, params(("Idempotency-Key" = String, Header)), security(("token" = [])),
    responses((status = 201, body = Booking), (status = 409, body = Problem), (status = 422, body = Problem)))]
pub async fn book(
    State(state): State<AppState>,
    Authenticated(act): Authenticated,
    headers: HeaderMap,
    body: Bytes,
) -> Result<(StatusCode, Json<Booking>), ApiProblem> {
    let key = key(&act, &headers, "/v1/slots", &body)?;
    let input: SlotInput = json(&body)?;
    let id = BookingId::new(act.now);
    let view = transact!(state.services.pool, conn => {
        let planning = state.services.planning.get(conn, act.now).await?;
        let id = match remember(conn, &key, id.0, act.now).await? {
            Seen::Before(id) => BookingId(id),
            Seen::New => slots::book_slot(conn, &act, &planning.network, id, &input.plan, input.starts_at, input.before.map(BookingId)).await?.booking,
        };
        slots::read_booking(conn, &act, id).await
    })?;
    state.services.changed.notify_waiters();
    Ok((StatusCode::CREATED, Json(view.into())))
}

/// A booking of a slot.
#[utoipa::path(get, path = "/slots/{booking}", params(("booking" = Uuid, Path)), security(("token" = [])),
    responses((status = 200, body = Booking), (status = 404, body = Problem)))]
pub async fn read(State(state): State<AppState>, Authenticated(act): Authenticated, Path(booking): Path<Uuid>) -> Result<Json<Booking>, ApiProblem> {
    Ok(Json(slots::read_booking(&mut *state.services.pool.acquire().await?, &act, BookingId(booking)).await?.into()))
}

/// Give a slot back that was kept; one that is given back or over stays so. An order's is given back with the order.
#[utoipa::path(delete, path = "/slots/{booking}", params(("booking" = Uuid, Path)), security(("token" = [])),
    responses((status = 204), (status = 404, body = Problem), (status = 409, body = Problem)))]
pub async fn release(State(state): State<AppState>, Authenticated(act): Authenticated, Path(booking): Path<Uuid>) -> Result<StatusCode, ApiProblem> {
    let id = BookingId(booking);
    state.services.release_booking(&act, id).await?;
    let view = slots::read_booking(&mut *state.services.pool.acquire().await?, &act, id).await?;
    if let (BookingState::Ordered, Some(number)) = (view.state, view.order_number) {
        return Err(Refusal::new(RefusalCode::Conflict, format!("It is order {number}’s. Cancel the order to give it back.")).into());
    }
    Ok(StatusCode::NO_CONTENT)
}
