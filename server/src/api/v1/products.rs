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
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use waybill::catalog::views::{ProductRecord, SkuRecord};
use waybill::catalog::{self, NewPrice, ProductInput, SkuInput};
use waybill::idempotency::{Seen, remember};
use waybill::identity::{Act, Permission};
use waybill::ids::ImageId;
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
    /// Text of at most so many characters can be put on each unit: 1 to 200, null where it takes none.
    personalisation_max: Option<i32>,
    /// It is sold no longer; what was ordered is still sent.
    #[serde(default)]
    retired: bool,
    /// A service, done by people with this skill at a time that is booked, such as `installation`; null where it is a thing.
    skill: Option<String>,
    /// What has to be minded when it is carried: `hazardous`, `perishable`, `two_person`, `fragile`.
    #[serde(default)]
    handling: Vec<String>,
    /// Codes of what may be sent in its place where it is missing and the customer agrees, the best first; at most five.
    #[serde(default)]
    substitutes: Vec<String>,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ProductBody {
    name: String,
    #[serde(default)]
    description: String,
    category: String,
    /// Empty where it has none.
    #[serde(default)]
    brand: String,
    /// Words in small letters that put it into lists, for rules to go by.
    #[serde(default)]
    tags: Vec<String>,
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
    brand: String,
    tags: Vec<String>,
    options: Vec<String>,
    /// The first one first.
    images: Vec<Image>,
    skus: Vec<SkuAnswer>,
}

/// A picture of a product.
#[derive(Debug, Serialize, ToSchema)]
pub struct Image {
    id: Uuid,
    /// What it shows, for those who do not see it.
    description: String,
    /// Of the large one, in pixels.
    width: i32,
    height: i32,
    /// A path on this server, at most 480 pixels to a side.
    small: String,
    /// A path on this server, at most 1,200 pixels to a side.
    large: String,
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
        personalisation_max: sku.personalisation_max,
        retired: sku.retired,
        skill: Some(sku.skill).filter(|skill| !skill.is_empty()),
        handling: sku.handling,
        substitutes: sku.substitutes,
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
        personalisation_max: v.personalisation_max,
        retired: v.retired,
        skill: v.skill.unwrap_or_default(),
        handling: v.handling,
        substitutes: v.substitutes,
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
    let ProductRecord { handle, product, images, skus } = catalog::product_record(&mut *state.services.pool.acquire().await?, act, handle).await?;
    let skus = skus.into_iter().map(sku_answer).collect();
    let image = |i: catalog::views::ImageView| Image {
        id: i.id.0,
        small: i.small(),
        large: i.large(),
        description: i.description,
        width: i.width,
        height: i.height,
    };
    let images = images.into_iter().map(image).collect();
    Ok(Json(ProductAnswer {
        handle,
        name: product.name,
        description: product.description,
        category: product.category,
        brand: product.brand,
        tags: product.tags,
        options: product.options,
        images,
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
    let ProductBody { name, description, category, brand, tags, options, skus } = json(&body)?;
    let new = ProductInput { name, description, category, brand, tags, options, skus: skus.into_iter().map(sku_input).collect() };
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

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ImageQuery {
    /// What it shows, for those who do not see it.
    description: String,
}

/// Add a picture to a product, after those that it has: JPEG, PNG or WebP, at most 16 MB. Answers with the product.
#[utoipa::path(post, path = "/products/{handle}/images", security(("token" = [])),
    params(("handle" = String, Path), ImageQuery, ("Idempotency-Key" = String, Header)),
    request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    responses((status = 201, body = ProductAnswer), (status = 422, body = Problem)))]
pub async fn add_image(
    State(state): State<AppState>,
    Authenticated(act): Authenticated,
    Path(handle): Path<String>,
    Query(query): Query<ImageQuery>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<(StatusCode, Json<ProductAnswer>), ApiProblem> {
    let key = key(&act, &headers, &format!("/v1/products/{handle}/images?{}", query.description), &body)?;
    // Before the work of reading it.
    act.require(Permission::ManageCatalog)?;
    let picture = documents::picture_of(body).await?;
    transact!(state.services.pool, conn => {
        let id = ImageId::new(act.now);
        match remember(conn, &key, id.0, act.now).await? {
            Seen::Before(_) => Ok(()),
            Seen::New => catalog::add_image(conn, &act, &handle, id, &query.description, &picture).await,
        }
    })?;
    Ok((StatusCode::CREATED, answer(&state, &act, &handle).await?))
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ImageBody {
    /// What it shows, for those who do not see it.
    description: String,
    /// It comes before the others.
    #[serde(default)]
    first: bool,
}

/// Say what a picture shows, and whether it comes first.
#[utoipa::path(put, path = "/products/{handle}/images/{image}", request_body = ImageBody, security(("token" = [])),
    params(("handle" = String, Path), ("image" = Uuid, Path)), responses((status = 200, body = ProductAnswer), (status = 404, body = Problem)))]
pub async fn change_image(
    State(state): State<AppState>,
    Authenticated(act): Authenticated,
    Path((handle, image)): Path<(String, Uuid)>,
    body: Bytes,
) -> Result<Json<ProductAnswer>, ApiProblem> {
    let ImageBody { description, first } = json(&body)?;
    transact!(state.services.pool, conn => catalog::change_image(conn, &act, &handle, ImageId(image), &description, first).await)?;
    answer(&state, &act, &handle).await
}

/// Take a picture away. Nothing happens where it is gone already.
#[utoipa::path(delete, path = "/products/{handle}/images/{image}", security(("token" = [])),
    params(("handle" = String, Path), ("image" = Uuid, Path)), responses((status = 204), (status = 404, body = Problem)))]
pub async fn remove_image(
    State(state): State<AppState>,
    Authenticated(act): Authenticated,
    Path((handle, image)): Path<(String, Uuid)>,
) -> Result<StatusCode, ApiProblem> {
    transact!(state.services.pool, conn => catalog::remove_image(conn, &act, &handle, ImageId(image)).await)?;
    Ok(StatusCode::NO_CONTENT)
}
