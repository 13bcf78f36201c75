use crate::api::extract::Query;
use crate::api::problem::{ApiProblem, Problem};
use crate::router::AppState;
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderName, header};
use axum::response::IntoResponse;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use waybill::identity::Actor;
use waybill::{orders, transact};

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct LookUp {
    number: String,
    /// The e-mail address or postcode the order was placed with.
    proof: String,
}

/// What a customer may know of their order.
#[derive(Debug, Serialize, ToSchema)]
pub struct Tracking {
    number: String,
    status: String,
    placed_at: DateTime<Utc>,
    parcels: Vec<Parcel>,
    /// The order's page, a path on this server.
    path: String,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct Parcel {
    state: String,
    carrier: Option<String>,
    tracking_number: Option<String>,
}

/// Where is my order? By its number with the e-mail address or postcode it was placed with. Needs no token.
#[utoipa::path(get, path = "/tracking", params(LookUp), responses((status = 200, body = Tracking), (status = 422, body = Problem), (status = 429, body = Problem)))]
pub async fn track(State(state): State<AppState>, Query(query): Query<LookUp>) -> Result<impl IntoResponse, ApiProblem> {
    let services = &state.services;
    let now = services.clock.now();
    // A refusal is committed, too: it leaves a failed attempt behind.
    let found = transact!(services.pool, conn => orders::look_up_order(conn, now, &query.number, &query.proof).await)?;
    let order = found?;
    let view = orders::track_order(&mut *services.pool.acquire().await?, &services.act(Actor::Customer(order)), &services.planning, order).await?;
    let body = Tracking {
        number: view.number,
        status: view.status.to_string(),
        placed_at: view.placed_at,
        parcels: view
            .parcels
            .into_iter()
            .map(|p| Parcel { state: p.state.to_string(), carrier: p.carrier, tracking_number: p.tracking_number })
            .collect(),
        path: orders::tracking_link(&services.link_key, order),
    };
    Ok(([(header::CACHE_CONTROL, "private, no-store"), (HeaderName::from_static("x-robots-tag"), "noindex")], Json(body)))
}
