use super::transfers::{ReceiptInput, Units, pairs};
use super::{json, key};
use crate::api::auth::Authenticated;
use crate::api::extract::{Path, Query};
use crate::api::problem::{ApiProblem, Problem};
use crate::documents;
use crate::router::AppState;
use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use waybill::idempotency::{Seen, remember};
use waybill::identity::{Act, Permission};
use waybill::ids::PurchaseOrderId;
use waybill::inventory::receipts::Receipt;
use waybill::inventory::scans::MOST;
use waybill::purchasing::{self, Confirmation, NewPurchaseOrder, PurchaseState, PurchaseStep, views};
use waybill::refusal::{Refusal, UnknownName};
use waybill::transact;

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PurchaseOrderInput {
    /// Codes of the supplier and of the location that it is delivered to.
    supplier: String,
    location: String,
    #[serde(default)]
    note: String,
    lines: Vec<Units>,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DraftInput {
    #[serde(default)]
    note: String,
    /// All of them, as they shall be.
    lines: Vec<Units>,
}

/// For `confirm`; the other steps take an empty body.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct StepBody {
    expected_on: Option<NaiveDate>,
    /// Where fewer come than were ordered; everything else comes as ordered.
    lines: Vec<Units>,
}

/// What is bought from a supplier.
#[derive(Debug, Serialize, ToSchema)]
pub struct PurchaseOrder {
    number: String,
    /// `draft`, `approved`, `sent`, `confirmed`, `partly_received`, `closed` or `cancelled`.
    state: String,
    supplier: String,
    location: String,
    note: String,
    currency: String,
    /// Minor units; null for those who may not see what things cost.
    total_minor: Option<i64>,
    expected_on: Option<NaiveDate>,
    late: bool,
    /// Number of the order whose customer gets it from the supplier.
    order: Option<String>,
    lines: Vec<PurchaseOrderLine>,
    /// What that customer wants done.
    wishes: Vec<Wish>,
    /// What is written on the card that goes with a gift.
    gift_message: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct Wish {
    sku: String,
    quantity: i32,
    /// Text to be put on each unit.
    personalisation: Option<String>,
    gift_wrap: bool,
    /// The kits that the units are parts of, such as `2 × Breakfast for two`: each is wrapped whole.
    kit: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct PurchaseOrderLine {
    sku: String,
    supplier_code: String,
    /// Zero where it came without having been ordered.
    ordered: i32,
    /// Null until the supplier has said how many it will send.
    confirmed: Option<i32>,
    received: i32,
    #[schema(example = "4.25")]
    cost: Option<String>,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ListQuery {
    state: Option<String>,
    /// Codes.
    supplier: Option<String>,
    location: Option<String>,
    /// `next` of the page before.
    after: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct PurchaseOrderPage {
    purchase_orders: Vec<PurchaseOrderSummary>,
    next: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct PurchaseOrderSummary {
    number: String,
    state: String,
    supplier: String,
    location: String,
    ordered: i64,
    received: i64,
    expected_on: Option<NaiveDate>,
    late: bool,
    order: Option<String>,
    drafted_at: DateTime<Utc>,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Suggestions {
    /// What to draft of what is suggested.
    lines: Vec<SkuAtLocation>,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SkuAtLocation {
    sku: String,
    location: String,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct Drafted {
    /// Numbers of the purchase orders: one for each supplier and location.
    purchase_orders: Vec<String>,
}

/// A purchase order as the one who has just changed it may see it: what it costs only with the permission to.
async fn answer(state: &AppState, act: &Act, number: &str) -> Result<Json<PurchaseOrder>, ApiProblem> {
    let system = Act::system(act.now);
    let mut p = purchasing::read_purchase_order(&mut *state.services.pool.acquire().await?, &system, number).await?;
    if !act.actor.may(Permission::ReadCosts) {
        p.total = None;
        p.lines.iter_mut().for_each(|line| line.cost = None);
    }
    let line = |l: views::PurchaseLineView| PurchaseOrderLine {
        sku: l.sku,
        supplier_code: l.supplier_code,
        ordered: l.ordered,
        confirmed: l.confirmed,
        received: l.received,
        cost: l.cost,
    };
    let wish = |w: views::WishLine| Wish {
        sku: w.sku,
        quantity: w.quantity,
        personalisation: w.wish.personalisation,
        gift_wrap: w.wish.gift_wrap,
        kit: w.wish.kit,
    };
    Ok(Json(PurchaseOrder {
        number: p.number,
        state: p.state.to_string(),
        supplier: p.supplier.code,
        location: p.location_code,
        note: p.note,
        currency: p.supplier.currency,
        total_minor: p.total.map(|m| m.minor),
        expected_on: p.expected_on,
        late: p.late,
        order: p.order_number,
        lines: p.lines.into_iter().map(line).collect(),
        wishes: p.wishes.into_iter().map(wish).collect(),
        gift_message: p.gift_message,
    }))
}

/// Purchase orders, newest first, a page at a time.
#[utoipa::path(get, path = "/purchase-orders", params(ListQuery), security(("token" = [])), responses((status = 200, body = PurchaseOrderPage)))]
pub async fn list(
    State(state): State<AppState>,
    Authenticated(act): Authenticated,
    Query(query): Query<ListQuery>,
) -> Result<Json<PurchaseOrderPage>, ApiProblem> {
    let which: Option<PurchaseState> =
        query.state.map(|s| s.parse()).transpose().map_err(|e: UnknownName| Refusal::field("/state", e.to_string()))?;
    let mut conn = state.services.pool.acquire().await?;
    let (supplier, location) = (query.supplier.as_deref(), query.location.as_deref());
    let page = purchasing::list_purchase_orders(&mut conn, &act, which, supplier, location, query.after.as_deref()).await?;
    let summary = |p: views::PurchaseRow| PurchaseOrderSummary {
        number: p.number,
        state: p.state.to_string(),
        supplier: p.supplier,
        location: p.location,
        ordered: p.ordered,
        received: p.received,
        expected_on: p.expected_on,
        late: p.late,
        order: p.order_number,
        drafted_at: p.drafted_at,
    };
    Ok(Json(PurchaseOrderPage { purchase_orders: page.rows.into_iter().map(summary).collect(), next: page.next }))
}

/// One purchase order.
#[utoipa::path(get, path = "/purchase-orders/{number}", params(("number" = String, Path)), security(("token" = [])),
    responses((status = 200, body = PurchaseOrder), (status = 404, body = Problem)))]
pub async fn read(
    State(state): State<AppState>,
    Authenticated(act): Authenticated,
    Path(number): Path<String>,
) -> Result<Json<PurchaseOrder>, ApiProblem> {
    act.require(Permission::ReadPurchasing)?;
    answer(&state, &act, &number).await
}

/// The purchase order as a PDF, for the supplier.
#[utoipa::path(get, path = "/purchase-orders/{number}/document", params(("number" = String, Path)), security(("token" = [])),
    responses((status = 200, content_type = "application/pdf"), (status = 404, body = Problem)))]
pub async fn document(State(state): State<AppState>, Authenticated(act): Authenticated, Path(number): Path<String>) -> Result<Response, ApiProblem> {
    Ok(documents::purchase_order_of(&state.services, &act, &number).await?)
}

/// Draft a purchase order, at what the supplier charges today.
#[utoipa::path(post, path = "/purchase-orders", request_body = PurchaseOrderInput, params(("Idempotency-Key" = String, Header)),
    security(("token" = [])), responses((status = 201, body = PurchaseOrder), (status = 422, body = Problem)))]
pub async fn draft(
    State(state): State<AppState>,
    Authenticated(act): Authenticated,
    headers: HeaderMap,
    body: Bytes,
) -> Result<(StatusCode, Json<PurchaseOrder>), ApiProblem> {
    let key = key(&act, &headers, "/v1/purchase-orders", &body)?;
    let input: PurchaseOrderInput = json(&body)?;
    let new = NewPurchaseOrder { supplier: input.supplier, location: input.location, note: input.note, lines: pairs(input.lines) };
    let number = transact!(state.services.pool, conn => {
        let id = PurchaseOrderId::new(act.now);
        match remember(conn, &key, id.0, act.now).await? {
            Seen::Before(id) => purchasing::number_of(conn, PurchaseOrderId(id)).await,
            Seen::New => purchasing::draft_order(conn, &act, id, &new).await,
        }
    })?;
    state.services.changed.notify_waiters();
    Ok((StatusCode::CREATED, answer(&state, &act, &number).await?))
}

/// Draft what is suggested: one purchase order for each supplier and location. What is in a draft already is not drafted again.
#[utoipa::path(post, path = "/purchase-orders/suggested", request_body = Suggestions, params(("Idempotency-Key" = String, Header)),
    security(("token" = [])), responses((status = 201, body = Drafted), (status = 409, body = Problem)))]
pub async fn draft_suggested(
    State(state): State<AppState>,
    Authenticated(act): Authenticated,
    headers: HeaderMap,
    body: Bytes,
) -> Result<(StatusCode, Json<Drafted>), ApiProblem> {
    let key = key(&act, &headers, "/v1/purchase-orders/suggested", &body)?;
    let input: Suggestions = json(&body)?;
    if input.lines.len() > MOST {
        return Err(Refusal::field("/lines", format!("Send {MOST} at most.")).into());
    }
    let wanted: Vec<(String, String)> = input.lines.into_iter().map(|l| (l.sku, l.location)).collect();
    let purchase_orders = transact!(state.services.pool, conn => {
        let first = PurchaseOrderId::new(act.now);
        match remember(conn, &key, first.0, act.now).await? {
            Seen::Before(first) => purchasing::drafted_with(conn, PurchaseOrderId(first)).await,
            Seen::New => purchasing::draft_suggested(conn, &act, first, &wanted).await,
        }
    })?;
    state.services.changed.notify_waiters();
    Ok((StatusCode::CREATED, Json(Drafted { purchase_orders })))
}

/// Change the note and the lines of a draft; both as they shall be.
#[utoipa::path(put, path = "/purchase-orders/{number}", request_body = DraftInput, params(("number" = String, Path)), security(("token" = [])),
    responses((status = 200, body = PurchaseOrder), (status = 409, body = Problem), (status = 422, body = Problem)))]
pub async fn change(
    State(state): State<AppState>,
    Authenticated(act): Authenticated,
    Path(number): Path<String>,
    body: Bytes,
) -> Result<Json<PurchaseOrder>, ApiProblem> {
    let input: DraftInput = json(&body)?;
    let lines = pairs(input.lines);
    transact!(state.services.pool, conn => purchasing::change_draft(conn, &act, &number, &input.note, &lines).await)?;
    state.services.changed.notify_waiters();
    answer(&state, &act, &number).await
}

/// Take in what has come of a purchase order.
#[utoipa::path(post, path = "/purchase-orders/{number}/receipts", request_body = ReceiptInput, security(("token" = [])),
    params(("number" = String, Path), ("Idempotency-Key" = String, Header)),
    responses((status = 200, body = PurchaseOrder), (status = 409, body = Problem), (status = 422, body = Problem)))]
pub async fn receive(
    State(state): State<AppState>,
    Authenticated(act): Authenticated,
    Path(number): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<PurchaseOrder>, ApiProblem> {
    let key = key(&act, &headers, &format!("/v1/purchase-orders/{number}/receipts"), &body)?;
    let receipt: Receipt = json::<ReceiptInput>(&body)?.into();
    transact!(state.services.pool, conn => {
        if let Seen::New = remember(conn, &key, Uuid::nil(), act.now).await? {
            purchasing::receive_order(conn, &act, &number, &receipt).await?;
        }
        Ok(())
    })?;
    state.services.changed.notify_waiters();
    answer(&state, &act, &number).await
}

/// Approve, send, confirm, close or cancel a purchase order.
#[utoipa::path(post, path = "/purchase-orders/{number}/{step}", request_body = StepBody, security(("token" = [])),
    params(("number" = String, Path), ("step" = String, Path, description = "`approve`, `send`, `confirm`, `close` or `cancel`"), ("Idempotency-Key" = String, Header)),
    responses((status = 200, body = PurchaseOrder), (status = 409, body = Problem), (status = 422, body = Problem)))]
pub async fn step(
    State(state): State<AppState>,
    Authenticated(act): Authenticated,
    Path((number, step)): Path<(String, String)>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<PurchaseOrder>, ApiProblem> {
    let key = key(&act, &headers, &format!("/v1/purchase-orders/{number}/{step}"), &body)?;
    let step: PurchaseStep = step.parse().map_err(|e: UnknownName| Refusal::field("/step", e.to_string()))?;
    let input: StepBody = if body.is_empty() { StepBody::default() } else { json(&body)? };
    let confirmation = Confirmation { expected_on: input.expected_on, lines: pairs(input.lines) };
    transact!(state.services.pool, conn => {
        if let Seen::New = remember(conn, &key, Uuid::nil(), act.now).await? {
            match step {
                PurchaseStep::Confirm => purchasing::confirm_order(conn, &act, &number, &confirmation).await?,
                step => purchasing::take_step(conn, &act, &number, step).await.map(|_| ())?,
            }
        }
        Ok(())
    })?;
    state.services.changed.notify_waiters();
    answer(&state, &act, &number).await
}
