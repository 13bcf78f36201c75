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
use waybill::events::EventKind;
use waybill::idempotency::{Seen, remember};
use waybill::ids::{DeliveryId, WebhookId};
use waybill::refusal::{Refusal, UnknownName};
use waybill::transact;
use waybill::webhooks::views::{DeliveryRow, WebhookRow};
use waybill::webhooks::{self, DeliveryFilter, WebhookSettings};

/// Another system that is told what happens to orders, in the form of Standard Webhooks: `webhook-id`, `webhook-timestamp` and `webhook-signature` (`v1`), and
/// a body with `type`, `timestamp` and `data`. Whatever answers 2xx within 15 seconds has taken it.
#[derive(Debug, Serialize, ToSchema)]
pub struct Webhook {
    id: Uuid,
    name: String,
    url: String,
    /// Kinds of events, such as `shipped`; empty: everything that happens to orders.
    kinds: Vec<String>,
    paused: bool,
    /// Why it was paused, where nobody did.
    paused_why: Option<String>,
    /// Send it back with a change.
    version: i32,
    /// Deliveries that are to be sent; 10,001 where there are more than 10,000.
    waiting: i64,
    /// Deliveries that were given up; 10,001 where there are more than 10,000.
    failed: i64,
    last_delivered_at: Option<DateTime<Utc>>,
    /// What calls are signed with. Only in the answer that made it.
    #[serde(skip_serializing_if = "Option::is_none")]
    secret: Option<String>,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WebhookInput {
    name: String,
    /// `https://…` or `http://…`, without a user name.
    url: String,
    /// Kinds of events, such as `shipped`; left out or empty: everything that happens to orders.
    #[serde(default)]
    kinds: Vec<String>,
    /// Nothing is sent, and everything kept, until it goes on.
    #[serde(default)]
    paused: bool,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WebhookChange {
    name: String,
    url: String,
    #[serde(default)]
    kinds: Vec<String>,
    #[serde(default)]
    paused: bool,
    /// The version that was read.
    version: i32,
}

/// An event on its way to a webhook.
#[derive(Debug, Serialize, ToSchema)]
pub struct Delivery {
    /// The `webhook-id` that it is sent with.
    id: Uuid,
    /// None of a trial.
    order_number: Option<String>,
    /// `trial`, or a kind of event.
    kind: String,
    /// `queued`, `delivered` or `failed`.
    state: String,
    attempts: i32,
    /// The HTTP status of the last answer; null where there was none.
    status: Option<i32>,
    /// What the last attempt came to.
    words: Option<String>,
    created_at: DateTime<Utc>,
    /// When it is tried next, where it is queued.
    due_at: Option<DateTime<Utc>>,
    ended_at: Option<DateTime<Utc>>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct DeliveryPage {
    deliveries: Vec<Delivery>,
    /// Send it as `after` for the next page; null on the last one.
    next: Option<String>,
}

/// A delivery, whole.
#[derive(Debug, Serialize, ToSchema)]
pub struct WholeDelivery {
    #[serde(flatten)]
    delivery: Delivery,
    webhook: Uuid,
    /// What is sent.
    body: serde_json::Value,
    /// The newest first.
    log: Vec<DeliveryAttempt>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct DeliveryAttempt {
    at: DateTime<Utc>,
    status: Option<i32>,
    /// The beginning of the answer, or why there was none.
    words: String,
    milliseconds: i32,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct DeliveryQuery {
    /// `queued`, `delivered` or `failed`.
    state: Option<String>,
    /// An order's number.
    order: Option<String>,
    /// Where the page before ended.
    after: Option<String>,
}

impl WebhookInput {
    fn settings(self) -> Result<WebhookSettings, Refusal> {
        let read = |kind: String| kind.parse::<EventKind>().map_err(|_: UnknownName| Refusal::field("/kinds", format!("There is no event {kind}.")));
        let kinds = self.kinds.into_iter().map(read).collect::<Result<Vec<_>, _>>()?;
        Ok(WebhookSettings { name: self.name, url: self.url, kinds, paused: self.paused })
    }
}

fn webhook(row: WebhookRow, secret: Option<String>) -> Webhook {
    Webhook {
        id: row.id.0,
        name: row.name,
        url: row.url,
        kinds: row.kinds.iter().map(EventKind::to_string).collect(),
        paused: row.paused,
        paused_why: row.paused_why,
        version: row.version,
        waiting: row.waiting,
        failed: row.failed,
        last_delivered_at: row.last_delivered_at,
        secret,
    }
}

fn delivery(row: DeliveryRow) -> Delivery {
    Delivery {
        id: row.id.0,
        order_number: row.order_number,
        kind: row.kind.map_or_else(|| "trial".to_owned(), |kind| kind.to_string()),
        state: row.state.to_string(),
        attempts: row.attempts,
        status: row.status,
        words: row.words,
        created_at: row.created_at,
        due_at: row.ended_at.is_none().then_some(row.due_at),
        ended_at: row.ended_at,
    }
}

async fn as_it_stands(state: &AppState, act: &waybill::identity::Act, id: WebhookId, secret: Option<String>) -> Result<Json<Webhook>, ApiProblem> {
    let detail = webhooks::read_webhook(&mut *state.services.pool.acquire().await?, act, id).await?;
    Ok(Json(webhook(detail.webhook, secret)))
}

/// The systems that are told what happens to orders.
#[utoipa::path(get, path = "/webhooks", security(("token" = [])), responses((status = 200, body = Vec<Webhook>)))]
pub async fn list(State(state): State<AppState>, Authenticated(act): Authenticated) -> Result<Json<Vec<Webhook>>, ApiProblem> {
    let rows = webhooks::list_webhooks(&mut *state.services.pool.acquire().await?, &act).await?;
    Ok(Json(rows.into_iter().map(|row| webhook(row, None)).collect()))
}

/// Have another system told what happens to orders from now on. The answer has the secret, once: the same key again gives the webhook without it.
#[utoipa::path(post, path = "/webhooks", request_body = WebhookInput, params(("Idempotency-Key" = String, Header)), security(("token" = [])),
    responses((status = 201, body = Webhook), (status = 422, body = Problem)))]
pub async fn add(
    State(state): State<AppState>,
    Authenticated(act): Authenticated,
    headers: HeaderMap,
    body: Bytes,
) -> Result<(StatusCode, Json<Webhook>), ApiProblem> {
    let key = key(&act, &headers, "/v1/webhooks", &body)?;
    let settings = json::<WebhookInput>(&body)?.settings()?;
    let new = WebhookId::new(act.now);
    let (id, secret) = transact!(state.services.pool, conn => match remember(conn, &key, new.0, act.now).await? {
        Seen::New => Ok((new, Some(webhooks::add_webhook(conn, &act, new, &settings).await?))),
        Seen::Before(id) => Ok((WebhookId(id), None)),
    })?;
    Ok((StatusCode::CREATED, as_it_stands(&state, &act, id, secret).await?))
}

/// One webhook.
#[utoipa::path(get, path = "/webhooks/{id}", params(("id" = Uuid, Path)), security(("token" = [])),
    responses((status = 200, body = Webhook), (status = 404, body = Problem)))]
pub async fn read(State(state): State<AppState>, Authenticated(act): Authenticated, Path(id): Path<Uuid>) -> Result<Json<Webhook>, ApiProblem> {
    as_it_stands(&state, &act, WebhookId(id), None).await
}

/// Change a webhook.
#[utoipa::path(put, path = "/webhooks/{id}", request_body = WebhookChange, params(("id" = Uuid, Path)), security(("token" = [])),
    responses((status = 200, body = Webhook), (status = 404, body = Problem), (status = 409, body = Problem), (status = 422, body = Problem)))]
pub async fn change(
    State(state): State<AppState>,
    Authenticated(act): Authenticated,
    Path(id): Path<Uuid>,
    body: Bytes,
) -> Result<Json<Webhook>, ApiProblem> {
    let WebhookChange { name, url, kinds, paused, version } = json(&body)?;
    let settings = WebhookInput { name, url, kinds, paused }.settings()?;
    state.services.change_webhook(&act, WebhookId(id), version, &settings).await?;
    as_it_stands(&state, &act, WebhookId(id), None).await
}

/// Tell a system nothing more. What was to be sent to it is dropped.
#[utoipa::path(delete, path = "/webhooks/{id}", params(("id" = Uuid, Path)), security(("token" = [])),
    responses((status = 204), (status = 404, body = Problem)))]
pub async fn remove(State(state): State<AppState>, Authenticated(act): Authenticated, Path(id): Path<Uuid>) -> Result<StatusCode, ApiProblem> {
    transact!(state.services.pool, conn => webhooks::remove_webhook(conn, &act, WebhookId(id)).await)?;
    Ok(StatusCode::NO_CONTENT)
}

/// Have calls signed with another secret. For a day they are signed with the one from before, too. The answer has the secret, once.
#[utoipa::path(post, path = "/webhooks/{id}/secret", params(("id" = Uuid, Path), ("Idempotency-Key" = String, Header)), security(("token" = [])),
    responses((status = 200, body = Webhook), (status = 404, body = Problem)))]
pub async fn renew(
    State(state): State<AppState>,
    Authenticated(act): Authenticated,
    Path(id): Path<Uuid>,
    headers: HeaderMap,
) -> Result<Json<Webhook>, ApiProblem> {
    let key = key(&act, &headers, &format!("/v1/webhooks/{id}/secret"), &[])?;
    let secret = transact!(state.services.pool, conn => match remember(conn, &key, id, act.now).await? {
        Seen::New => Ok(Some(webhooks::renew_secret(conn, &act, WebhookId(id)).await?)),
        Seen::Before(_) => Ok(None),
    })?;
    as_it_stands(&state, &act, WebhookId(id), secret).await
}

/// Send a webhook something that is about no order, to see whether it arrives.
#[utoipa::path(post, path = "/webhooks/{id}/trial", params(("id" = Uuid, Path), ("Idempotency-Key" = String, Header)), security(("token" = [])),
    responses((status = 202, body = WholeDelivery), (status = 404, body = Problem), (status = 409, body = Problem)))]
pub async fn attempt(
    State(state): State<AppState>,
    Authenticated(act): Authenticated,
    Path(id): Path<Uuid>,
    headers: HeaderMap,
) -> Result<(StatusCode, Json<WholeDelivery>), ApiProblem> {
    let key = key(&act, &headers, &format!("/v1/webhooks/{id}/trial"), &[])?;
    let new = DeliveryId::new(act.now);
    let id = transact!(state.services.pool, conn => match remember(conn, &key, new.0, act.now).await? {
        Seen::New => webhooks::try_webhook(conn, &act, WebhookId(id), new).await.map(|()| new),
        Seen::Before(id) => Ok(DeliveryId(id)),
    })?;
    state.services.changed.notify_waiters();
    Ok((StatusCode::ACCEPTED, read_delivery(State(state), Authenticated(act), Path(id.0)).await?))
}

/// What was sent, or is to be sent, to a webhook, the newest first. What was delivered is kept for 30 days.
#[utoipa::path(get, path = "/webhooks/{id}/deliveries", params(("id" = Uuid, Path), DeliveryQuery), security(("token" = [])),
    responses((status = 200, body = DeliveryPage), (status = 404, body = Problem), (status = 422, body = Problem)))]
pub async fn deliveries(
    State(state): State<AppState>,
    Authenticated(act): Authenticated,
    Path(id): Path<Uuid>,
    Query(query): Query<DeliveryQuery>,
) -> Result<Json<DeliveryPage>, ApiProblem> {
    let wanted = query.state.map(|s| s.parse()).transpose().map_err(|e: UnknownName| Refusal::field("/state", e.to_string()))?;
    let filter = DeliveryFilter { state: wanted, order: query.order, after: query.after };
    let mut conn = state.services.pool.acquire().await?;
    webhooks::require_webhook(&mut conn, &act, WebhookId(id)).await?;
    let page = webhooks::list_deliveries(&mut conn, &act, WebhookId(id), &filter).await?;
    Ok(Json(DeliveryPage { deliveries: page.rows.into_iter().map(delivery).collect(), next: page.next }))
}

/// Have everything sent now that was given up for a webhook, or waits to be tried again.
#[utoipa::path(post, path = "/webhooks/{id}/deliveries/send", params(("id" = Uuid, Path), ("Idempotency-Key" = Option<String>, Header)),
    security(("token" = [])), responses((status = 204), (status = 404, body = Problem)))]
pub async fn send_all(State(state): State<AppState>, Authenticated(act): Authenticated, Path(id): Path<Uuid>) -> Result<StatusCode, ApiProblem> {
    state.services.deliver_all_again(&act, WebhookId(id)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// One delivery, with what is sent and every attempt.
#[utoipa::path(get, path = "/webhook-deliveries/{id}", params(("id" = Uuid, Path)), security(("token" = [])),
    responses((status = 200, body = WholeDelivery), (status = 404, body = Problem)))]
pub async fn read_delivery(
    State(state): State<AppState>,
    Authenticated(act): Authenticated,
    Path(id): Path<Uuid>,
) -> Result<Json<WholeDelivery>, ApiProblem> {
    let detail = webhooks::read_delivery(&mut *state.services.pool.acquire().await?, &act, DeliveryId(id)).await?;
    let log = detail.attempts.into_iter().map(|a| DeliveryAttempt { at: a.at, status: a.status, words: a.words, milliseconds: a.milliseconds });
    Ok(Json(WholeDelivery {
        delivery: delivery(detail.row),
        webhook: detail.webhook.0,
        body: serde_json::from_str(&detail.body).unwrap_or_default(),
        log: log.collect(),
    }))
}

/// Have a delivery sent now that was given up, waits to be tried again, or was lost by the other side. It has the id that it had.
#[utoipa::path(post, path = "/webhook-deliveries/{id}/send", params(("id" = Uuid, Path), ("Idempotency-Key" = String, Header)),
    security(("token" = [])), responses((status = 204), (status = 404, body = Problem), (status = 409, body = Problem)))]
pub async fn send(
    State(state): State<AppState>,
    Authenticated(act): Authenticated,
    Path(id): Path<Uuid>,
    headers: HeaderMap,
) -> Result<StatusCode, ApiProblem> {
    let key = key(&act, &headers, &format!("/v1/webhook-deliveries/{id}/send"), &[])?;
    state.services.deliver_again(&act, DeliveryId(id), Some(&key)).await?;
    Ok(StatusCode::NO_CONTENT)
}
