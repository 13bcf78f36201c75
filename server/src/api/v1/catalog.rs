use crate::api::auth::Authenticated;
use crate::api::extract::Query;
use crate::api::problem::ApiProblem;
use crate::router::AppState;
use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ProductQuery {
    /// Whose prices; `web` where left out.
    channel: Option<String>,
    category: Option<String>,
    search: Option<String>,
    after: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct ProductPage {
    products: Vec<Product>,
    next: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct Product {
    handle: String,
    /// What can be ordered of it, by code.
    skus: Vec<String>,
    name: String,
    category: String,
    currency: String,
    price_minor: i64,
    /// Units that the channel is offered to be sent, from all locations together.
    available: i64,
}

/// Products by name, a page at a time.
#[utoipa::path(get, path = "/products", params(ProductQuery), security(("token" = [])), responses((status = 200, body = ProductPage)))]
pub async fn products(
    State(state): State<AppState>,
    Authenticated(act): Authenticated,
    Query(q): Query<ProductQuery>,
) -> Result<Json<ProductPage>, ApiProblem> {
    let mut conn = state.services.pool.acquire().await?;
    let channel = q.channel.as_deref().unwrap_or("web");
    let page = waybill::catalog::list_products(&mut conn, &act, channel, q.category.as_deref(), q.search.as_deref(), q.after.as_deref()).await?;
    let codes: Vec<String> = page.rows.iter().flat_map(|card| card.skus.iter().cloned()).collect();
    let planning = state.services.planning.get(&mut conn, act.now).await?;
    let buyer = waybill::inventory::Buyer::in_channel(channel);
    let offered = waybill::inventory::offered_units(&mut conn, &act, &planning.network, buyer, &codes).await?;
    Ok(Json(ProductPage {
        products: page
            .rows
            .into_iter()
            .map(|p| Product {
                available: p.skus.iter().filter_map(|sku| offered.get(sku)).sum(),
                handle: p.handle,
                skus: p.skus,
                name: p.name,
                category: p.category,
                currency: p.price.currency.code().to_owned(),
                price_minor: p.price.minor,
            })
            .collect(),
        next: page.next,
    }))
}

#[derive(Debug, Serialize, ToSchema)]
pub struct Location {
    code: String,
    name: String,
    city: String,
    kind: String,
    offers_pickup: bool,
}

/// Every location in force.
#[utoipa::path(get, path = "/locations", security(("token" = [])), responses((status = 200, body = Vec<Location>)))]
pub async fn locations(State(state): State<AppState>, Authenticated(act): Authenticated) -> Result<Json<Vec<Location>>, ApiProblem> {
    let places = waybill::inventory::list_locations(&mut *state.services.pool.acquire().await?, &act).await?;
    Ok(Json(
        places
            .into_iter()
            .map(|p| Location { code: p.code, name: p.name, city: p.city, kind: p.kind.to_string(), offers_pickup: p.offers_pickup })
            .collect(),
    ))
}
