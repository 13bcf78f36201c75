use super::json;
use crate::api::auth::Authenticated;
use crate::api::extract::{Path, Query};
use crate::api::problem::{ApiProblem, Problem};
use crate::router::AppState;
use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use waybill::purchasing::{self, ReorderPoint, Supplier, SupplierSku, views};
use waybill::transact;

#[derive(Debug, Serialize, ToSchema)]
pub struct SupplierSummary {
    code: String,
    name: String,
    lead_days: i32,
    /// Things it sells us.
    skus: i64,
    /// Purchase orders that have not ended.
    open_orders: i64,
}

#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SupplierTerms {
    name: String,
    email: String,
    /// As it stands on a letter, over several lines.
    #[serde(default)]
    address: String,
    /// ISO 4217.
    #[schema(example = "GBP")]
    currency: String,
    /// Days from the order to the goods.
    lead_days: i32,
    /// Code of the vendor's location that it sends our customers' orders from itself.
    location: Option<String>,
}

/// A supplier, and what it sells us.
#[derive(Debug, Serialize, ToSchema)]
pub struct SupplierAnswer {
    code: String,
    #[serde(flatten)]
    terms: SupplierTerms,
    skus: Vec<SoldSku>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct SoldSku {
    sku: String,
    #[serde(flatten)]
    terms: SkuTerms,
}

#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SkuTerms {
    /// Their code.
    #[serde(default)]
    supplier_code: String,
    /// Of one unit, in the supplier's currency; empty for those who may not see it.
    #[schema(example = "4.25")]
    cost: String,
    #[serde(default = "one")]
    min_quantity: i32,
    /// It is sold in multiples of this.
    #[serde(default = "one")]
    pack_quantity: i32,
    /// The supplier's own where left out.
    lead_days: Option<i32>,
}

const fn one() -> i32 {
    1
}

/// All suppliers, by name.
#[utoipa::path(get, path = "/suppliers", security(("token" = [])), responses((status = 200, body = Vec<SupplierSummary>)))]
pub async fn list(State(state): State<AppState>, Authenticated(act): Authenticated) -> Result<Json<Vec<SupplierSummary>>, ApiProblem> {
    let rows = purchasing::list_suppliers(&mut *state.services.pool.acquire().await?, &act).await?;
    let summary =
        |s: views::SupplierRow| SupplierSummary { code: s.code, name: s.name, lead_days: s.lead_days, skus: s.skus, open_orders: s.open_orders };
    Ok(Json(rows.into_iter().map(summary).collect()))
}

/// A supplier, and what it sells us.
#[utoipa::path(get, path = "/suppliers/{code}", params(("code" = String, Path)), security(("token" = [])),
    responses((status = 200, body = SupplierAnswer), (status = 404, body = Problem)))]
pub async fn read(
    State(state): State<AppState>,
    Authenticated(act): Authenticated,
    Path(code): Path<String>,
) -> Result<Json<SupplierAnswer>, ApiProblem> {
    let views::SupplierDetail { supplier: s, skus } = purchasing::read_supplier(&mut *state.services.pool.acquire().await?, &act, &code).await?;
    let location = Some(s.location).filter(|l| !l.is_empty());
    let sold = |(k, _): (SupplierSku, String)| SoldSku {
        sku: k.sku,
        terms: SkuTerms {
            supplier_code: k.supplier_code,
            cost: k.cost,
            min_quantity: k.min_quantity,
            pack_quantity: k.pack_quantity,
            lead_days: k.lead_days,
        },
    };
    let terms = SupplierTerms { name: s.name, email: s.email, address: s.address, currency: s.currency, lead_days: s.lead_days, location };
    Ok(Json(SupplierAnswer { code: s.code, terms, skus: skus.into_iter().map(sold).collect() }))
}

/// Make a supplier known, or change what is known of it.
#[utoipa::path(put, path = "/suppliers/{code}", request_body = SupplierTerms, params(("code" = String, Path)), security(("token" = [])),
    responses((status = 204), (status = 422, body = Problem)))]
pub async fn save(
    State(state): State<AppState>,
    Authenticated(act): Authenticated,
    Path(code): Path<String>,
    body: Bytes,
) -> Result<StatusCode, ApiProblem> {
    let t: SupplierTerms = json(&body)?;
    let supplier = Supplier {
        code,
        name: t.name,
        email: t.email,
        address: t.address,
        currency: t.currency,
        lead_days: t.lead_days,
        location: t.location.unwrap_or_default(),
    };
    transact!(state.services.pool, conn => purchasing::save_supplier(conn, &act, &supplier).await)?;
    Ok(StatusCode::NO_CONTENT)
}

/// Say that a supplier sells us a SKU, and on which terms.
#[utoipa::path(put, path = "/suppliers/{code}/skus/{sku}", request_body = SkuTerms, params(("code" = String, Path), ("sku" = String, Path)),
    security(("token" = [])), responses((status = 204), (status = 404, body = Problem), (status = 422, body = Problem)))]
pub async fn save_sku(
    State(state): State<AppState>,
    Authenticated(act): Authenticated,
    Path((code, sku)): Path<(String, String)>,
    body: Bytes,
) -> Result<StatusCode, ApiProblem> {
    let t: SkuTerms = json(&body)?;
    let terms = SupplierSku {
        sku,
        supplier_code: t.supplier_code,
        cost: t.cost,
        min_quantity: t.min_quantity,
        pack_quantity: t.pack_quantity,
        lead_days: t.lead_days,
    };
    transact!(state.services.pool, conn => purchasing::save_supplier_sku(conn, &act, &code, &terms).await)?;
    Ok(StatusCode::NO_CONTENT)
}

/// The supplier sells it to us no more.
#[utoipa::path(delete, path = "/suppliers/{code}/skus/{sku}", params(("code" = String, Path), ("sku" = String, Path)),
    security(("token" = [])), responses((status = 204), (status = 404, body = Problem)))]
pub async fn remove_sku(
    State(state): State<AppState>,
    Authenticated(act): Authenticated,
    Path((code, sku)): Path<(String, String)>,
) -> Result<StatusCode, ApiProblem> {
    transact!(state.services.pool, conn => purchasing::remove_supplier_sku(conn, &act, &code, &sku).await)?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReorderPointInput {
    /// It is ordered when so many are left, or fewer: on hand, less what is reserved or owed, and what is on its way.
    point: i32,
    /// Up to so many.
    up_to: i32,
    /// Code of the supplier; the cheapest where left out.
    supplier: Option<String>,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PointsQuery {
    /// Only those at or below their point.
    #[serde(default)]
    low: bool,
    /// `next` of the page before.
    after: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct ReorderPointPage {
    reorder_points: Vec<ReorderPointState>,
    next: Option<String>,
}

/// A reorder point, and how it stands.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReorderPointState {
    sku: String,
    /// Code of the location.
    location: String,
    point: i32,
    up_to: i32,
    /// On hand, less what is reserved and what is owed to those who wait.
    free: i32,
    incoming: i32,
    /// In drafts of purchase orders.
    drafted: i32,
    /// Since when it has been at or below its point.
    low_since: Option<DateTime<Utc>>,
    /// How many to order, in quantities that the supplier sells.
    suggested: i32,
    /// Code of the supplier.
    supplier: Option<String>,
    lead_days: Option<i32>,
}

/// Reorder points by location and SKU, a page at a time.
#[utoipa::path(get, path = "/reorder-points", params(PointsQuery), security(("token" = [])), responses((status = 200, body = ReorderPointPage)))]
pub async fn points(
    State(state): State<AppState>,
    Authenticated(act): Authenticated,
    Query(query): Query<PointsQuery>,
) -> Result<Json<ReorderPointPage>, ApiProblem> {
    let mut conn = state.services.pool.acquire().await?;
    let page = purchasing::list_reorder_points(&mut conn, &act, query.low, query.after.as_deref()).await?;
    let of = |r: views::ReorderRow| ReorderPointState {
        sku: r.sku,
        location: r.location_code,
        point: r.point,
        up_to: r.up_to,
        free: r.free,
        incoming: r.incoming,
        drafted: r.drafted,
        low_since: r.since,
        suggested: r.suggested,
        supplier: r.supplier.map(|s| s.0),
        lead_days: r.lead_days,
    };
    Ok(Json(ReorderPointPage { reorder_points: page.rows.into_iter().map(of).collect(), next: page.next }))
}

/// Set when a SKU is ordered for a location, and up to how many.
#[utoipa::path(put, path = "/stock/{sku}/reorder-point/{location}", request_body = ReorderPointInput,
    params(("sku" = String, Path), ("location" = String, Path)), security(("token" = [])),
    responses((status = 204), (status = 422, body = Problem)))]
pub async fn set_point(
    State(state): State<AppState>,
    Authenticated(act): Authenticated,
    Path((sku, location)): Path<(String, String)>,
    body: Bytes,
) -> Result<StatusCode, ApiProblem> {
    let input: ReorderPointInput = json(&body)?;
    let new = ReorderPoint { sku, location, point: input.point, up_to: input.up_to, supplier: input.supplier.unwrap_or_default() };
    transact!(state.services.pool, conn => purchasing::set_reorder_point(conn, &act, &new).await)?;
    state.services.changed.notify_waiters();
    Ok(StatusCode::NO_CONTENT)
}

/// Nobody watches the SKU at the location any more.
#[utoipa::path(delete, path = "/stock/{sku}/reorder-point/{location}", params(("sku" = String, Path), ("location" = String, Path)),
    security(("token" = [])), responses((status = 204), (status = 404, body = Problem)))]
pub async fn remove_point(
    State(state): State<AppState>,
    Authenticated(act): Authenticated,
    Path((sku, location)): Path<(String, String)>,
) -> Result<StatusCode, ApiProblem> {
    transact!(state.services.pool, conn => purchasing::remove_reorder_point(conn, &act, &sku, &location).await)?;
    state.services.changed.notify_waiters();
    Ok(StatusCode::NO_CONTENT)
}
