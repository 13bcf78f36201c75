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
use waybill::identity::{Act, Permission};
use waybill::inventory;
use waybill::orders;
use waybill::orders::views::AppointmentRow;

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct AppointmentQuery {
    /// Code of the location whose people come.
    location: String,
}

/// A service of an order, to be done at the customer's.
#[derive(Debug, Serialize, ToSchema)]
pub struct Appointment {
    order: String,
    line_no: i32,
    service: String,
    skill: String,
    starts_at: DateTime<Utc>,
    ends_at: DateTime<Utc>,
    customer: String,
    phone: Option<String>,
    street: String,
    city: String,
    postcode: String,
}

fn appointment(row: AppointmentRow) -> Appointment {
    Appointment {
        order: row.order_number,
        line_no: row.line_no,
        service: row.service,
        skill: row.skill,
        starts_at: row.starts_at,
        ends_at: row.ends_at,
        customer: row.customer,
        phone: row.phone,
        street: row.street,
        city: row.city,
        postcode: row.postcode,
    }
}

/// The appointments of a location in the next two weeks, and those that should have been, the first of them first; at most 100.
#[utoipa::path(get, path = "/appointments", params(AppointmentQuery), security(("token" = [])), responses((status = 200, body = Vec<Appointment>)))]
pub async fn list(
    State(state): State<AppState>,
    Authenticated(act): Authenticated,
    Query(query): Query<AppointmentQuery>,
) -> Result<Json<Vec<Appointment>>, ApiProblem> {
    let mut conn = state.services.pool.acquire().await?;
    let location = inventory::location_by_code(&mut conn, &query.location).await?;
    Ok(Json(orders::list_appointments(&mut conn, &act, location).await?.into_iter().map(appointment).collect()))
}

/// Say that the service of an order's line was done: its price is charged.
#[utoipa::path(post, path = "/orders/{order}/appointments/{line_no}/perform", 
    params(("order" = String, Path), ("line_no" = i32, Path), ("Idempotency-Key" = String, Header)), security(("token" = [])),
    responses((status = 204), (status = 404, body = Problem), (status = 409, body = Problem)))]
pub async fn perform(
    State(state): State<AppState>,
    Authenticated(act): Authenticated,
    Path((order, line_no)): Path<(String, i32)>,
    headers: HeaderMap,
) -> Result<StatusCode, ApiProblem> {
    act.require(Permission::WorkFulfilment)?;
    let key = key(&act, &headers, &format!("/v1/orders/{order}/appointments/{line_no}/perform"), &Bytes::new())?;
    let id = orders::find_order_id(&mut *state.services.pool.acquire().await?, &Act::system(act.now), &order).await?;
    state.services.perform_appointment(&act, id, line_no, Some(&key)).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AnotherTime {
    /// Code of the plan, and the beginning of the slot.
    plan: String,
    starts_at: DateTime<Utc>,
}

/// Book another time for the service of an order's line, in place of the one that it has.
#[utoipa::path(put, path = "/orders/{order}/appointments/{line_no}", params(("order" = String, Path), ("line_no" = i32, Path)),
    request_body = AnotherTime, security(("token" = [])),
    responses((status = 204), (status = 404, body = Problem), (status = 409, body = Problem), (status = 422, body = Problem)))]
pub async fn change(
    State(state): State<AppState>,
    Authenticated(act): Authenticated,
    Path((order, line_no)): Path<(String, i32)>,
    body: Bytes,
) -> Result<StatusCode, ApiProblem> {
    act.require(Permission::CaptureOrders)?;
    let input: AnotherTime = json(&body)?;
    let id = orders::find_order_id(&mut *state.services.pool.acquire().await?, &Act::system(act.now), &order).await?;
    state.services.move_appointment(&act, id, line_no, &input.plan, input.starts_at).await?;
    Ok(StatusCode::NO_CONTENT)
}
