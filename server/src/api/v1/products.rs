use super::json;
use crate::api::auth::Authenticated;
use crate::api::extract::Path;
use crate::api::problem::{ApiProblem, Problem};
use crate::router::AppState;
use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use waybill::catalog::views::{ProductRecord, SkuRecord};
use waybill::catalog::{self, NewPrice, ProductInput, SkuInput};
use waybill::identity::Act;
use waybill::transact;

/// A variant.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Variant {
    code: String,
    name: String,
    /// One for each of the product's options.
    #[serde(default)]
    option_values: Vec<String>,
    /// 8, 12, 13 or 14 digits.
    gtin: Option<String>,
    weight_grams: i32,
    /// Hundredths of a percent, included in the price.
    tax_rate_bp: i32,
    /// `each`, `pair`, `pack`, `metre`, `kilogram` or `litre`; `each` where left out.
    unit: Option<String>,
    length_mm: Option<i32>,
    width_mm: Option<i32>,
    height_mm: Option<i32>,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ProductBody {
    name: String,
    #[serde(default)]
    description: String,
    category: String,
    /// What its variants differ in, such as size and colour.
    #[serde(default)]
    options: Vec<String>,
    /// Those that are not named stay as they are.
    #[serde(default)]
    skus: Vec<Variant>,
}

/// A product with all that is set of it.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProductAnswer {
    handle: String,
    name: String,
    description: String,
    category: String,
    options: Vec<String>,
    skus: Vec<SkuAnswer>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct SkuAnswer {
    #[serde(flatten)]
    variant: Variant,
    prices: Vec<Price>,
    /// What a kit is made of; empty for a thing of its own.
    components: Vec<Component>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct Price {
    channel: String,
    /// Everybody where it is null.
    customer_group: Option<String>,
    currency: String,
    #[schema(example = "12.50")]
    price: String,
}

#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Component {
    /// A SKU's code, or its GTIN.
    sku: String,
    /// Units of it in one kit.
    quantity: i32,
}

fn variant(sku: SkuInput) -> Variant {
    Variant {
        code: sku.code,
        name: sku.name,
        option_values: sku.option_values,
        gtin: Some(sku.gtin).filter(|g| !g.is_empty()),
        weight_grams: sku.weight_grams,
        tax_rate_bp: sku.tax_rate_bp,
        unit: Some(sku.unit),
        length_mm: sku.length_mm,
        width_mm: sku.width_mm,
        height_mm: sku.height_mm,
    }
}

fn sku_input(v: Variant) -> SkuInput {
    let standard = SkuInput::default();
    SkuInput {
        code: v.code,
        name: v.name,
        option_values: v.option_values,
        gtin: v.gtin.unwrap_or_default(),
        weight_grams: v.weight_grams,
        tax_rate_bp: v.tax_rate_bp,
        unit: v.unit.unwrap_or(standard.unit),
        length_mm: v.length_mm,
        width_mm: v.width_mm,
        height_mm: v.height_mm,
    }
}

fn sku_answer(record: SkuRecord) -> SkuAnswer {
    let price = |p: catalog::views::PriceRow| Price { channel: p.channel, customer_group: p.customer_group, currency: p.currency, price: p.price };
    SkuAnswer {
        variant: variant(record.sku),
        prices: record.prices.into_iter().map(price).collect(),
        components: record.parts.into_iter().map(|(sku, _, quantity)| Component { sku, quantity }).collect(),
    }
}

async fn answer(state: &AppState, act: &Act, handle: &str) -> Result<Json<ProductAnswer>, ApiProblem> {
    let ProductRecord { handle, product, skus } = catalog::product_record(&mut *state.services.pool.acquire().await?, act, handle).await?;
    let skus = skus.into_iter().map(sku_answer).collect();
    Ok(Json(ProductAnswer {
        handle,
        name: product.name,
        description: product.description,
        category: product.category,
        options: product.options,
        skus,
    }))
}

/// One product with all that is set of it.
#[utoipa::path(get, path = "/products/{handle}", params(("handle" = String, Path)), security(("token" = [])),
    responses((status = 200, body = ProductAnswer), (status = 404, body = Problem)))]
pub async fn read(
    State(state): State<AppState>,
    Authenticated(act): Authenticated,
    Path(handle): Path<String>,
) -> Result<Json<ProductAnswer>, ApiProblem> {
    answer(&state, &act, &handle).await
}

/// Make the product of a handle, or change it. It is on sale where its SKUs have a price.
#[utoipa::path(put, path = "/products/{handle}", request_body = ProductBody, params(("handle" = String, Path)), security(("token" = [])),
    responses((status = 200, body = ProductAnswer), (status = 422, body = Problem)))]
pub async fn save(
    State(state): State<AppState>,
    Authenticated(act): Authenticated,
    Path(handle): Path<String>,
    body: Bytes,
) -> Result<Json<ProductAnswer>, ApiProblem> {
    let ProductBody { name, description, category, options, skus } = json(&body)?;
    let new = ProductInput { name, description, category, options, skus: skus.into_iter().map(sku_input).collect() };
    transact!(state.services.pool, conn => catalog::save_product(conn, &act, &handle, &new).await)?;
    answer(&state, &act, &handle).await
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PriceBody {
    #[schema(example = "web")]
    channel: String,
    /// Everybody where left out.
    customer_group: Option<String>,
    /// A decimal in the channel's currency; null takes it off sale there.
    #[schema(example = "12.50")]
    price: Option<String>,
}

/// Set what a SKU costs in a channel, from now on. What was ordered before keeps its price.
#[utoipa::path(put, path = "/skus/{sku}/price", request_body = PriceBody, params(("sku" = String, Path)), security(("token" = [])),
    responses((status = 204), (status = 422, body = Problem)))]
pub async fn set_price(
    State(state): State<AppState>,
    Authenticated(act): Authenticated,
    Path(sku): Path<String>,
    body: Bytes,
) -> Result<StatusCode, ApiProblem> {
    let input: PriceBody = json(&body)?;
    let new =
        NewPrice { sku, channel: input.channel, customer_group: input.customer_group.unwrap_or_default(), price: input.price.unwrap_or_default() };
    transact!(state.services.pool, conn => catalog::set_price(conn, &act, &new).await)?;
    Ok(StatusCode::NO_CONTENT)
}

/// Say what a kit is made of, from now on; no component makes the SKU a thing of its own again.
#[utoipa::path(put, path = "/skus/{sku}/components", request_body = Vec<Component>, params(("sku" = String, Path)), security(("token" = [])),
    responses((status = 204), (status = 422, body = Problem)))]
pub async fn set_components(
    State(state): State<AppState>,
    Authenticated(act): Authenticated,
    Path(sku): Path<String>,
    body: Bytes,
) -> Result<StatusCode, ApiProblem> {
    let parts: Vec<(String, i32)> = json::<Vec<Component>>(&body)?.into_iter().map(|c| (c.sku, c.quantity)).collect();
    transact!(state.services.pool, conn => catalog::set_kit(conn, &act, &sku, &parts).await)?;
    Ok(StatusCode::NO_CONTENT)
}
