use super::transfers::{ReceiptInput, Units, pairs};
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
use waybill::idempotency::{Seen, remember};
use waybill::identity::Act;
use waybill::ids::ReturnId;
use waybill::inventory::Condition;
use waybill::refusal::{Refusal, UnknownName};
use waybill::returns::{self, NewReturn, ReturnReceipt};
use waybill::transact;

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReturnInput {
    /// The order's number.
    order: String,
    /// Code of the location that it comes to.
    location: String,
    /// `changed_mind`, `does_not_fit`, `not_as_described`, `faulty`, `damaged_on_the_way`, `wrong_item`, `came_too_late`, `undelivered` or
    /// `not_collected`: the last two end the parcel that it was in, where all of it has come back.
    reason: String,
    #[serde(default)]
    note: String,
    /// A kit of the order stands for its parts.
    lines: Vec<Units>,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReturnReceiptInput {
    /// `sellable`, `quarantined` or `damaged`.
    #[schema(example = "quarantined")]
    condition: String,
    #[serde(default)]
    receipt: ReceiptInput,
}

/// Things of an order that a customer sends back.
#[derive(Debug, Serialize, ToSchema)]
pub struct Return {
    number: String,
    order: String,
    location: String,
    /// `approved`, `received`, `closed` or `cancelled`.
    state: String,
    reason: String,
    note: String,
    approved_at: DateTime<Utc>,
    ended_at: Option<DateTime<Utc>>,
    lines: Vec<ReturnLine>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct ReturnLine {
    sku: String,
    /// Zero where it came without having been announced.
    announced: i32,
    received: i32,
    /// Of those received, how many the order counts as come back. The others were not of the order, or more than it had.
    matched: i32,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ListQuery {
    state: Option<String>,
    /// Code of the location that they come to.
    location: Option<String>,
    /// `next` of the page before.
    after: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct ReturnPage {
    returns: Vec<ReturnSummary>,
    next: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct ReturnSummary {
    number: String,
    order: String,
    location: String,
    state: String,
    reason: String,
    announced: i64,
    received: i64,
    approved_at: DateTime<Utc>,
}

async fn answer(state: &AppState, act: &Act, number: &str) -> Result<Json<Return>, ApiProblem> {
    let system = Act::system(act.now);
    let r = returns::read_return(&mut *state.services.pool.acquire().await?, &system, number).await?;
    let line = |l: returns::views::ReturnLineView| ReturnLine { sku: l.sku, announced: l.announced, received: l.received, matched: l.matched };
    Ok(Json(Return {
        number: r.number,
        order: r.order_number,
        location: r.location_code,
        state: r.state.to_string(),
        reason: r.reason.to_string(),
        note: r.note,
        approved_at: r.approved_at,
        ended_at: r.ended_at,
        lines: r.lines.into_iter().map(line).collect(),
    }))
}

/// Returns, newest first, a page at a time.
#[utoipa::path(get, path = "/returns", params(ListQuery), security(("token" = [])), responses((status = 200, body = ReturnPage)))]
pub async fn list(
    State(state): State<AppState>,
    Authenticated(act): Authenticated,
    Query(query): Query<ListQuery>,
) -> Result<Json<ReturnPage>, ApiProblem> {
    let which = query.state.map(|s| s.parse()).transpose().map_err(|e: UnknownName| Refusal::field("/state", e.to_string()))?;
    let mut conn = state.services.pool.acquire().await?;
    let page = returns::list_returns(&mut conn, &act, which, query.location.as_deref(), query.after.as_deref()).await?;
    let summary = |r: returns::views::ReturnRow| ReturnSummary {
        number: r.number,
        order: r.order_number,
        location: r.location_code,
        state: r.state.to_string(),
        reason: r.reason.to_string(),
        announced: r.announced,
        received: r.received,
        approved_at: r.approved_at,
    };
    Ok(Json(ReturnPage { returns: page.rows.into_iter().map(summary).collect(), next: page.next }))
}

/// One return.
#[utoipa::path(get, path = "/returns/{number}", params(("number" = String, Path)), security(("token" = [])),
    responses((status = 200, body = Return), (status = 404, body = Problem)))]
pub async fn read(State(state): State<AppState>, Authenticated(act): Authenticated, Path(number): Path<String>) -> Result<Json<Return>, ApiProblem> {
    answer(&state, &act, &number).await
}

/// Agree to take things of an order back. No money moves.
#[utoipa::path(post, path = "/returns", request_body = ReturnInput, params(("Idempotency-Key" = String, Header)), security(("token" = [])),
    responses((status = 201, body = Return), (status = 422, body = Problem)))]
pub async fn open(
    State(state): State<AppState>,
    Authenticated(act): Authenticated,
    headers: HeaderMap,
    body: Bytes,
) -> Result<(StatusCode, Json<Return>), ApiProblem> {
    let key = key(&act, &headers, "/v1/returns", &body)?;
    let input: ReturnInput = json(&body)?;
    let new = NewReturn { order: input.order, location: input.location, reason: input.reason, note: input.note, lines: pairs(input.lines) };
    let number = transact!(state.services.pool, conn => {
        let id = ReturnId::new(act.now);
        match remember(conn, &key, id.0, act.now).await? {
            Seen::Before(id) => returns::number_of(conn, ReturnId(id)).await,
            Seen::New => returns::open_return(conn, &act, id, &new).await,
        }
    })?;
    state.services.changed.notify_waiters();
    Ok((StatusCode::CREATED, answer(&state, &act, &number).await?))
}

/// Take in what has come of a return, in the condition that it is in.
///
/// What the order never had, or had fewer of, is taken in, too: set aside, whatever its condition.
#[utoipa::path(post, path = "/returns/{number}/receipts", request_body = ReturnReceiptInput, security(("token" = [])),
    params(("number" = String, Path), ("Idempotency-Key" = String, Header)),
    responses((status = 200, body = Return), (status = 409, body = Problem), (status = 422, body = Problem)))]
pub async fn receive(
    State(state): State<AppState>,
    Authenticated(act): Authenticated,
    Path(number): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<Return>, ApiProblem> {
    let key = key(&act, &headers, &format!("/v1/returns/{number}/receipts"), &body)?;
    let input: ReturnReceiptInput = json(&body)?;
    let condition: Condition = input.condition.parse().map_err(|e: UnknownName| Refusal::field("/condition", e.to_string()))?;
    let come = ReturnReceipt { receipt: input.receipt.into(), condition };
    transact!(state.services.pool, conn => {
        if let Seen::New = remember(conn, &key, Uuid::nil(), act.now).await? {
            returns::receive_return(conn, &act, &number, &come).await?;
        }
        Ok(())
    })?;
    state.services.changed.notify_waiters();
    answer(&state, &act, &number).await
}

/// Call off a return of which nothing has come.
#[utoipa::path(post, path = "/returns/{number}/cancel", security(("token" = [])),
    params(("number" = String, Path), ("Idempotency-Key" = String, Header)),
    responses((status = 200, body = Return), (status = 409, body = Problem)))]
pub async fn cancel(
    State(state): State<AppState>,
    Authenticated(act): Authenticated,
    Path(number): Path<String>,
    headers: HeaderMap,
) -> Result<Json<Return>, ApiProblem> {
    let key = key(&act, &headers, &format!("/v1/returns/{number}/cancel"), &[])?;
    transact!(state.services.pool, conn => {
        if let Seen::New = remember(conn, &key, Uuid::nil(), act.now).await? {
            returns::cancel_return(conn, &act, &number).await?;
        }
        Ok(())
    })?;
    state.services.changed.notify_waiters();
    answer(&state, &act, &number).await
}
