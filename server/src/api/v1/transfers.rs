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
use waybill::ids::TransferId;
use waybill::inventory::receipts::Receipt;
use waybill::inventory::transfers::{self, NewTransfer};
use waybill::refusal::{Refusal, UnknownName};
use waybill::transact;

#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Units {
    /// A SKU's code, or its GTIN.
    sku: String,
    quantity: i32,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TransferInput {
    /// Codes of the locations.
    from: String,
    to: String,
    #[serde(default)]
    note: String,
    lines: Vec<Units>,
}

#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ReceiptInput {
    /// What has come; more than was sent, and what was not sent at all, is taken in, too.
    lines: Vec<Units>,
    /// Everything that is still on its way has come.
    everything: bool,
    /// Nothing more will come: what is missing is given up.
    close: bool,
}

impl From<ReceiptInput> for Receipt {
    fn from(input: ReceiptInput) -> Self {
        Self { lines: pairs(input.lines), everything: input.everything, close: input.close }
    }
}

/// Goods on their way between two locations.
#[derive(Debug, Serialize, ToSchema)]
pub struct Transfer {
    number: String,
    from: String,
    to: String,
    /// `sent`, `received` or `closed`.
    state: String,
    note: String,
    sent_at: DateTime<Utc>,
    ended_at: Option<DateTime<Utc>>,
    lines: Vec<TransferLine>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct TransferLine {
    sku: String,
    sent: i32,
    received: i32,
    lost: i32,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ListQuery {
    state: Option<String>,
    /// Code of a location at either end.
    location: Option<String>,
    /// `next` of the page before.
    after: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct TransferPage {
    transfers: Vec<TransferSummary>,
    next: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct TransferSummary {
    number: String,
    from: String,
    to: String,
    state: String,
    sent: i64,
    received: i64,
    sent_at: DateTime<Utc>,
}

/// (code, units), as the domain takes them.
pub(super) fn pairs(lines: Vec<Units>) -> Vec<(String, i32)> {
    lines.into_iter().map(|l| (l.sku, l.quantity)).collect()
}

async fn answer(state: &AppState, act: &Act, number: &str) -> Result<Json<Transfer>, ApiProblem> {
    let system = Act::system(act.now);
    let t = transfers::read_transfer(&mut *state.services.pool.acquire().await?, &system, number).await?;
    Ok(Json(Transfer {
        number: t.number,
        from: t.from,
        to: t.to,
        state: t.state.to_string(),
        note: t.note,
        sent_at: t.sent_at,
        ended_at: t.ended_at,
        lines: t.lines.into_iter().map(|l| TransferLine { sku: l.sku, sent: l.sent, received: l.received, lost: l.lost }).collect(),
    }))
}

/// Transfers, newest first, a page at a time.
#[utoipa::path(get, path = "/transfers", params(ListQuery), security(("token" = [])), responses((status = 200, body = TransferPage)))]
pub async fn list(
    State(state): State<AppState>,
    Authenticated(act): Authenticated,
    Query(query): Query<ListQuery>,
) -> Result<Json<TransferPage>, ApiProblem> {
    let which = query.state.map(|s| s.parse()).transpose().map_err(|e: UnknownName| Refusal::field("/state", e.to_string()))?;
    let mut conn = state.services.pool.acquire().await?;
    let page = transfers::list_transfers(&mut conn, &act, which, query.location.as_deref(), query.after.as_deref()).await?;
    let summary = |t: transfers::views::TransferRow| TransferSummary {
        number: t.number,
        from: t.from,
        to: t.to,
        state: t.state.to_string(),
        sent: t.sent,
        received: t.received,
        sent_at: t.sent_at,
    };
    Ok(Json(TransferPage { transfers: page.rows.into_iter().map(summary).collect(), next: page.next }))
}

/// One transfer.
#[utoipa::path(get, path = "/transfers/{number}", params(("number" = String, Path)), security(("token" = [])),
    responses((status = 200, body = Transfer), (status = 404, body = Problem)))]
pub async fn read(
    State(state): State<AppState>,
    Authenticated(act): Authenticated,
    Path(number): Path<String>,
) -> Result<Json<Transfer>, ApiProblem> {
    answer(&state, &act, &number).await
}

/// Send goods from one location to another. Only what is free leaves; what is reserved for orders stays.
#[utoipa::path(post, path = "/transfers", request_body = TransferInput, params(("Idempotency-Key" = String, Header)), security(("token" = [])),
    responses((status = 201, body = Transfer), (status = 422, body = Problem)))]
pub async fn send(
    State(state): State<AppState>,
    Authenticated(act): Authenticated,
    headers: HeaderMap,
    body: Bytes,
) -> Result<(StatusCode, Json<Transfer>), ApiProblem> {
    let key = key(&act, &headers, "/v1/transfers", &body)?;
    let input: TransferInput = json(&body)?;
    let new = NewTransfer { from: input.from, to: input.to, note: input.note, lines: pairs(input.lines) };
    let number = transact!(state.services.pool, conn => {
        let id = TransferId::new(act.now);
        match remember(conn, &key, id.0, act.now).await? {
            Seen::Before(id) => transfers::number_of(conn, TransferId(id)).await,
            Seen::New => transfers::send_transfer(conn, &act, id, &new).await,
        }
    })?;
    state.services.changed.notify_waiters();
    Ok((StatusCode::CREATED, answer(&state, &act, &number).await?))
}

/// Take in what has come of a transfer.
#[utoipa::path(post, path = "/transfers/{number}/receipts", request_body = ReceiptInput, security(("token" = [])),
    params(("number" = String, Path), ("Idempotency-Key" = String, Header)),
    responses((status = 200, body = Transfer), (status = 409, body = Problem), (status = 422, body = Problem)))]
pub async fn receive(
    State(state): State<AppState>,
    Authenticated(act): Authenticated,
    Path(number): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<Transfer>, ApiProblem> {
    let key = key(&act, &headers, &format!("/v1/transfers/{number}/receipts"), &body)?;
    let receipt: Receipt = json::<ReceiptInput>(&body)?.into();
    transact!(state.services.pool, conn => {
        if let Seen::New = remember(conn, &key, Uuid::nil(), act.now).await? {
            transfers::receive_transfer(conn, &act, &number, &receipt).await?;
        }
        Ok(())
    })?;
    state.services.changed.notify_waiters();
    answer(&state, &act, &number).await
}
