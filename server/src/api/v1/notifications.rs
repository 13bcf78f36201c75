use super::key;
use crate::api::auth::Authenticated;
use crate::api::extract::{Path, Query};
use crate::api::problem::{ApiProblem, Problem};
use crate::router::AppState;
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use waybill::idempotency::{Seen, remember};
use waybill::ids::NotificationId;
use waybill::notifications::views::NotificationRow;
use waybill::notifications::{self, NotificationFilter};
use waybill::refusal::{Refusal, UnknownName};
use waybill::transact;

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct NotificationQuery {
    /// `queued`, `sent`, `kept` (nothing is set up to send it with) or `failed`.
    state: Option<String>,
    /// An order's number.
    order: Option<String>,
    /// Where the page before ended.
    after: Option<String>,
}

/// A message to a customer.
#[derive(Debug, Serialize, ToSchema)]
pub struct Notification {
    id: Uuid,
    order_number: String,
    /// `confirmed`, `shipped`, `ready`, `date_moved` or `delivered`.
    kind: String,
    to: String,
    subject: String,
    state: String,
    attempts: i32,
    last_error: Option<String>,
    created_at: DateTime<Utc>,
    /// When it was sent, kept or given up.
    ended_at: Option<DateTime<Utc>>,
    /// Only where one is read.
    #[serde(skip_serializing_if = "Option::is_none")]
    body: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct NotificationPage {
    notifications: Vec<Notification>,
    /// Send it as `after` for the next page; null on the last one.
    next: Option<String>,
}

fn notification(row: NotificationRow, body: Option<String>) -> Notification {
    Notification {
        id: row.id.0,
        order_number: row.order_number,
        kind: row.kind.to_string(),
        to: row.to,
        subject: row.subject,
        state: row.state.to_string(),
        attempts: row.attempts,
        last_error: row.last_error,
        created_at: row.created_at,
        ended_at: row.ended_at,
        body,
    }
}

/// Messages to customers, the newest first.
#[utoipa::path(get, path = "/notifications", params(NotificationQuery), security(("token" = [])),
    responses((status = 200, body = NotificationPage), (status = 422, body = Problem)))]
pub async fn list(
    State(state): State<AppState>,
    Authenticated(act): Authenticated,
    Query(query): Query<NotificationQuery>,
) -> Result<Json<NotificationPage>, ApiProblem> {
    let wanted = query.state.map(|s| s.parse()).transpose().map_err(|e: UnknownName| Refusal::field("/state", e.to_string()))?;
    let filter = NotificationFilter { state: wanted, order: query.order, after: query.after };
    let page = notifications::list_notifications(&mut *state.services.pool.acquire().await?, &act, &filter).await?;
    Ok(Json(NotificationPage { notifications: page.rows.into_iter().map(|row| notification(row, None)).collect(), next: page.next }))
}

/// One message, whole.
#[utoipa::path(get, path = "/notifications/{id}", params(("id" = Uuid, Path)), security(("token" = [])),
    responses((status = 200, body = Notification), (status = 404, body = Problem)))]
pub async fn read(State(state): State<AppState>, Authenticated(act): Authenticated, Path(id): Path<Uuid>) -> Result<Json<Notification>, ApiProblem> {
    let view = notifications::read_notification(&mut *state.services.pool.acquire().await?, &act, NotificationId(id)).await?;
    Ok(Json(notification(view.row, Some(view.body))))
}

/// Have a message sent again that was given up or kept.
#[utoipa::path(post, path = "/notifications/{id}/send", params(("id" = Uuid, Path), ("Idempotency-Key" = String, Header)), security(("token" = [])),
    responses((status = 204), (status = 404, body = Problem), (status = 409, body = Problem)))]
pub async fn send(
    State(state): State<AppState>,
    Authenticated(act): Authenticated,
    Path(id): Path<Uuid>,
    headers: HeaderMap,
) -> Result<StatusCode, ApiProblem> {
    let key = key(&act, &headers, &format!("/v1/notifications/{id}/send"), &[])?;
    transact!(state.services.pool, conn => {
        if let Seen::New = remember(conn, &key, Uuid::nil(), act.now).await? {
            notifications::send_again(conn, &act, NotificationId(id)).await?;
        }
        Ok(())
    })?;
    state.services.changed.notify_waiters();
    Ok(StatusCode::NO_CONTENT)
}
