use super::transfers::{Units, pairs};
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
use waybill::inventory::views::{MovementRow, StockSummary};
use waybill::inventory::{self, Condition, MovementReason};
use waybill::orders::{ConditionChange, Readings};
use waybill::refusal::{Refusal, UnknownName};

/// A SKU at one location.
#[derive(Debug, Serialize, ToSchema)]
pub struct Level {
    location: String,
    on_hand: i32,
    reserved: i32,
    backordered: i32,
    safety: i32,
    /// On their way here from other locations.
    incoming: i32,
    /// What can still be promised.
    available: i32,
    /// Stand there, but cannot be sold: to be looked at, or broken.
    quarantined: i32,
    damaged: i32,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ListQuery {
    /// Part of a code or name.
    search: Option<String>,
    /// `next` of the page before.
    after: Option<String>,
}

/// One page of SKUs.
#[derive(Debug, Serialize, ToSchema)]
pub struct StockPage {
    skus: Vec<SkuSummary>,
    next: Option<String>,
}

/// A SKU over all locations.
#[derive(Debug, Serialize, ToSchema)]
pub struct SkuSummary {
    sku: String,
    name: String,
    on_hand: i64,
    reserved: i64,
    backordered: i64,
    available: i64,
    /// Locations that have some on hand.
    locations: i64,
}

/// SKUs by code, each over all locations, a page at a time.
#[utoipa::path(get, path = "/stock", params(ListQuery), security(("token" = [])), responses((status = 200, body = StockPage)))]
pub async fn list(
    State(state): State<AppState>,
    Authenticated(act): Authenticated,
    Query(query): Query<ListQuery>,
) -> Result<Json<StockPage>, ApiProblem> {
    let mut conn = state.services.pool.acquire().await?;
    let planning = state.services.planning.get(&mut conn, act.now).await?;
    let page = inventory::list_stock(&mut conn, &act, &planning.network, query.search.as_deref(), query.after.as_deref()).await?;
    let summary = |r: StockSummary| SkuSummary {
        sku: r.code,
        name: r.name,
        on_hand: r.on_hand,
        reserved: r.reserved,
        backordered: r.backordered,
        available: r.available,
        locations: r.locations,
    };
    Ok(Json(StockPage { skus: page.rows.into_iter().map(summary).collect(), next: page.next }))
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Moment {
    /// As it was then (RFC 3339); now where left out.
    at: Option<DateTime<Utc>>,
}

/// One SKU everywhere, with every number behind what can be promised: as it is, or as it was at any moment.
#[utoipa::path(get, path = "/stock/{sku}", params(("sku" = String, Path), Moment), security(("token" = [])), responses((status = 200, body = Vec<Level>)))]
pub async fn read(
    State(state): State<AppState>,
    Authenticated(act): Authenticated,
    Path(sku): Path<String>,
    Query(moment): Query<Moment>,
) -> Result<Json<Vec<Level>>, ApiProblem> {
    let network = state.services.network_of(moment.at).await?;
    let mut conn = state.services.pool.acquire().await?;
    inventory::sku_name(&mut conn, &act, &sku).await?;
    let rows = inventory::stock_of_sku(&mut conn, &act, &network, &sku, moment.at).await?;
    Ok(Json(
        rows.into_iter()
            .map(|r| Level {
                location: r.location,
                on_hand: r.on_hand,
                reserved: r.reserved,
                backordered: r.backordered,
                safety: r.safety,
                incoming: r.incoming,
                available: r.available,
                quarantined: r.quarantined,
                damaged: r.damaged,
            })
            .collect(),
    ))
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct After {
    /// `next` of the page before.
    after: Option<String>,
}

/// One page of a SKU's movements.
#[derive(Debug, Serialize, ToSchema)]
pub struct MovementPage {
    movements: Vec<Movement>,
    next: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct Movement {
    id: i64,
    location: String,
    /// Negative where units went.
    quantity: i32,
    reason: String,
    /// `sellable`, `quarantined` or `damaged`.
    condition: String,
    /// Number of the order that caused it.
    order: Option<String>,
    /// Number of the transfer, count, purchase order or return that it belongs to.
    transfer: Option<String>,
    count: Option<String>,
    purchase_order: Option<String>,
    #[serde(rename = "return")]
    customer_return: Option<String>,
    by: String,
    occurred_at: DateTime<Utc>,
}

/// Everything that came and went of a SKU, newest first, a page at a time.
#[utoipa::path(get, path = "/stock/{sku}/movements", params(("sku" = String, Path), After), security(("token" = [])), responses((status = 200, body = MovementPage)))]
pub async fn movements(
    State(state): State<AppState>,
    Authenticated(act): Authenticated,
    Path(sku): Path<String>,
    Query(query): Query<After>,
) -> Result<Json<MovementPage>, ApiProblem> {
    let mut conn = state.services.pool.acquire().await?;
    inventory::sku_name(&mut conn, &act, &sku).await?;
    let page = inventory::movements_of_sku(&mut conn, &act, &sku, query.after.as_deref()).await?;
    let movement = |m: MovementRow| Movement {
        id: m.movement_id,
        location: m.location,
        quantity: m.quantity,
        reason: m.reason.to_string(),
        condition: m.condition.to_string(),
        order: m.order_number,
        transfer: m.transfer_number,
        count: m.count_number,
        purchase_order: m.purchase_number,
        customer_return: m.return_number,
        by: m.who,
        occurred_at: m.occurred_at,
    };
    Ok(Json(MovementPage { movements: page.rows.into_iter().map(movement).collect(), next: page.next }))
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MovementInput {
    sku: String,
    /// Code of the location.
    location: String,
    /// Units that come (positive) or go (negative).
    quantity: i32,
    /// `receipt`, `adjustment`, `damage` (kept as damaged), `count`, `return` or `transfer`.
    #[schema(example = "receipt")]
    reason: String,
}

/// Post a stock movement. Where fewer units would be left than are reserved, the orders that came last are routed anew; refused where those units
/// are packed.
#[utoipa::path(post, path = "/stock/movements", params(("Idempotency-Key" = String, Header)), request_body = MovementInput, security(("token" = [])),
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
    state.services.adjust_stock(&act, &input.sku, &input.location, input.quantity, reason, Some(&key)).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ConditionInput {
    /// A SKU's code, or its GTIN.
    sku: String,
    /// Code of the location.
    location: String,
    quantity: i32,
    /// `sellable`, `quarantined` or `damaged`.
    from: String,
    /// The same, or `written_off`.
    to: String,
}

/// Set units aside, make them fit to be sold again, or write them off. Where fewer would be left to sell than are reserved, the orders that came
/// last are routed anew.
#[utoipa::path(post, path = "/stock/conditions", params(("Idempotency-Key" = String, Header)), request_body = ConditionInput, security(("token" = [])),
    responses((status = 204), (status = 409, body = Problem), (status = 422, body = Problem)))]
pub async fn change_condition(
    State(state): State<AppState>,
    Authenticated(act): Authenticated,
    headers: HeaderMap,
    body: Bytes,
) -> Result<StatusCode, ApiProblem> {
    let key = key(&act, &headers, "/v1/stock/conditions", &body)?;
    let input: ConditionInput = json(&body)?;
    let parse = |field: &str, text: &str| text.parse::<Condition>().map_err(|e| Refusal::field(field, e.to_string()));
    let to = if input.to == "written_off" { None } else { Some(parse("/to", &input.to)?) };
    let change = ConditionChange { sku: input.sku, location: input.location, quantity: input.quantity, from: parse("/from", &input.from)?, to };
    state.services.change_condition(&act, &change, Some(&key)).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReadingsInput {
    /// Code of the location.
    location: String,
    /// When it was so (RFC 3339). What came and went since is on top of it; a reading older than one that is known changes nothing.
    as_of: DateTime<Utc>,
    /// Units that can be sold; each SKU once, by its code or GTIN.
    lines: Vec<Units>,
}

/// What readings did.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReadingsAnswer {
    corrected: usize,
    /// The books said the same.
    agreed: usize,
    /// A newer reading was known.
    stale: usize,
    /// Orders that lose units by it: they are routed anew.
    rerouted: usize,
    /// SKUs whose units are packed and about to leave: report them again once they have.
    not_taken: Vec<String>,
}

/// Report what stands at a location, as another system knows it.
#[utoipa::path(post, path = "/stock/readings", params(("Idempotency-Key" = String, Header)), request_body = ReadingsInput, security(("token" = [])),
    responses((status = 200, body = ReadingsAnswer), (status = 422, body = Problem)))]
pub async fn report(
    State(state): State<AppState>,
    Authenticated(act): Authenticated,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<ReadingsAnswer>, ApiProblem> {
    // A reading is of a moment: sent twice it changes nothing twice. The key is asked for as everywhere.
    key(&act, &headers, "/v1/stock/readings", &body)?;
    let input: ReadingsInput = json(&body)?;
    let readings = Readings { location: input.location, as_of: input.as_of, lines: pairs(input.lines) };
    let taken = state.services.apply_readings(&act, &readings).await?;
    Ok(Json(ReadingsAnswer {
        corrected: taken.corrected,
        agreed: taken.agreed,
        stale: taken.stale.len(),
        rerouted: taken.rerouted,
        not_taken: taken.not_taken,
    }))
}
