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
use waybill::fulfilment::{self, Command, StepInput};
use waybill::identity::{Act, Permission};
use waybill::ids::LocationId;
use waybill::orders::{self, OfferAnswer};
use waybill::refusal::{Refusal, UnknownName};

#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct StepBody {
    /// For `ship`; made where left out.
    tracking_number: Option<String>,
    carrier: Option<String>,
    /// For `collect`.
    pickup_code: Option<String>,
    /// For `reject`: `not_in_stock`, `mismatch`, `damaged` or `too_busy`. The books learn from it, and the order is routed anew.
    reason: Option<String>,
    /// For `reject`: the order's line that is missing; all of them where left out.
    line_no: Option<i32>,
}

/// Where a fulfilment order stands after a step.
#[derive(Debug, Serialize, ToSchema)]
pub struct StepResult {
    order: Uuid,
    no: i32,
    /// None where the key had been seen: the step was taken then.
    state: Option<String>,
    /// On the label that the step made.
    tracking_number: Option<String>,
}

/// Take a step: `pick`, `pack`, `ship`, `ready`, `collect`, `deliver` or `reject`.
#[utoipa::path(post, path = "/orders/{order}/fulfilments/{no}/{step}",
    params(("order" = String, Path), ("no" = i32, Path), ("step" = String, Path), ("Idempotency-Key" = String, Header)), request_body = StepBody, security(("token" = [])),
    responses((status = 200, body = StepResult), (status = 409, body = Problem)))]
pub async fn step(
    State(state): State<AppState>,
    Authenticated(act): Authenticated,
    Path((order, no, step)): Path<(String, i32, String)>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<StepResult>, ApiProblem> {
    act.require(Permission::WorkFulfilment)?;
    let command: Command = step.parse().map_err(|e: UnknownName| Refusal::field("/step", e.to_string()))?;
    let key = key(&act, &headers, &format!("/v1/orders/{order}/fulfilments/{no}/{step}"), &body)?;
    let input: StepBody = if body.is_empty() { StepBody::default() } else { json(&body)? };
    let id = orders::find_order_id(&mut *state.services.pool.acquire().await?, &Act::system(act.now), &order).await?;
    let reason = input.reason.map(|r| r.parse()).transpose().map_err(|e: UnknownName| Refusal::field("/reason", e.to_string()))?;
    let input =
        StepInput { tracking_number: input.tracking_number, carrier: input.carrier, pickup_code: input.pickup_code, reason, line_no: input.line_no };
    let done = state.services.advance_fulfilment(&act, id, no, command, &input, Some(&key)).await?;
    let (state, tracking_number) = done.map_or((None, None), |done| (Some(done.state.to_string()), done.tracking_number));
    Ok(Json(StepResult { order: id.0, no, state, tracking_number }))
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct WorkQuery {
    /// Code of the location.
    location: String,
    /// `released`, `picking`, `packed` or `ready`; `shipped` and `arrived` of what comes to a store from elsewhere.
    state: Option<String>,
    after: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct WorkPage {
    fulfilments: Vec<Work>,
    next: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct Work {
    order: Uuid,
    order_number: String,
    no: i32,
    /// `ship`, `pickup`, or `to_store`: it is sent to the store in which the customer collects.
    method: String,
    /// That store.
    to_store: Option<String>,
    state: String,
    released_at: Option<DateTime<Utc>>,
    /// By then the next step keeps what the customer was promised.
    due_by: Option<DateTime<Utc>>,
    /// Its order is held: nothing of it moves on until it is released.
    is_held: bool,
    /// What is written on the card that goes with a gift.
    gift_message: Option<String>,
    lines: Vec<WorkLine>,
    /// Why it is with this location, for people.
    why: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct WorkLine {
    sku: String,
    name: String,
    quantity: i32,
    /// Text to be put on each unit.
    personalisation: Option<String>,
    gift_wrap: bool,
    /// The kits that the units are parts of, such as `2 × Breakfast for two`: each is wrapped whole.
    kit: Option<String>,
}

fn work_line(l: waybill::fulfilment::views::WorkLine) -> WorkLine {
    WorkLine { sku: l.sku, name: l.name, quantity: l.quantity, personalisation: l.wish.personalisation, gift_wrap: l.wish.gift_wrap, kit: l.wish.kit }
}

/// The open work of a location, oldest first.
#[utoipa::path(get, path = "/fulfilments", params(WorkQuery), security(("token" = [])), responses((status = 200, body = WorkPage)))]
pub async fn list(
    State(state): State<AppState>,
    Authenticated(act): Authenticated,
    Query(query): Query<WorkQuery>,
) -> Result<Json<WorkPage>, ApiProblem> {
    act.require(Permission::ReadFulfilment)?;
    let mut conn = state.services.pool.acquire().await?;
    let place = place_of(&mut conn, &act, &query.location).await?;
    let step = query.state.map(|s| s.parse()).transpose().map_err(|e: UnknownName| Refusal::field("/state", e.to_string()))?;
    let page = fulfilment::list_work(&mut conn, &act, place, step, query.after.as_deref()).await?;
    Ok(Json(WorkPage {
        fulfilments: page
            .rows
            .into_iter()
            .map(|c| Work {
                order: c.order_id.0,
                order_number: c.order_number,
                no: c.fulfilment_no,
                method: c.way.to_string(),
                to_store: c.to_store,
                state: c.state.to_string(),
                released_at: c.released_at,
                due_by: c.due_by,
                is_held: c.is_held,
                gift_message: c.gift_message,
                lines: c.lines.into_iter().map(work_line).collect(),
                why: c.why.words(),
            })
            .collect(),
        next: page.next,
    }))
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct OffersQuery {
    /// Code of the location.
    location: String,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct Offers {
    /// What has to be answered first before the rest.
    offers: Vec<Offer>,
}

/// Work that several locations are asked for: the first that takes it does it.
#[derive(Debug, Serialize, ToSchema)]
pub struct Offer {
    order: Uuid,
    order_number: String,
    no: i32,
    /// Where it goes.
    city: String,
    country: String,
    /// When it is given to one of those who were asked.
    until: DateTime<Utc>,
    promised_by: Option<DateTime<Utc>>,
    /// Other locations that may still take it.
    others: i32,
    gift_message: Option<String>,
    lines: Vec<WorkLine>,
}

/// What a location is asked for.
#[utoipa::path(get, path = "/fulfilment-offers", params(OffersQuery), security(("token" = [])),
    responses((status = 200, body = Offers), (status = 404, body = Problem)))]
pub async fn offers(
    State(state): State<AppState>,
    Authenticated(act): Authenticated,
    Query(query): Query<OffersQuery>,
) -> Result<Json<Offers>, ApiProblem> {
    let mut conn = state.services.pool.acquire().await?;
    let place = place_of(&mut conn, &act, &query.location).await?;
    let offers = fulfilment::list_offers(&mut conn, &act, place).await?;
    let offer = |o: waybill::fulfilment::views::OfferCard| Offer {
        order: o.order_id.0,
        order_number: o.order_number,
        no: o.fulfilment_no,
        city: o.city,
        country: o.country,
        until: o.until,
        promised_by: o.promised_by,
        others: o.others,
        gift_message: o.gift_message,
        lines: o.lines.into_iter().map(work_line).collect(),
    };
    Ok(Json(Offers { offers: offers.into_iter().map(offer).collect() }))
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AnswerBody {
    /// Code of the location that answers.
    location: String,
    /// `take` or `decline`.
    answer: String,
}

/// Take work that several locations were asked for, or decline it.
#[utoipa::path(post, path = "/orders/{order}/fulfilments/{no}/offer",
    params(("order" = String, Path), ("no" = i32, Path), ("Idempotency-Key" = String, Header)), request_body = AnswerBody, security(("token" = [])),
    responses((status = 204), (status = 404, body = Problem), (status = 409, body = Problem)))]
pub async fn answer_offer(
    State(state): State<AppState>,
    Authenticated(act): Authenticated,
    Path((order, no)): Path<(String, i32)>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<StatusCode, ApiProblem> {
    act.require(Permission::WorkFulfilment)?;
    let key = key(&act, &headers, &format!("/v1/orders/{order}/fulfilments/{no}/offer"), &body)?;
    let input: AnswerBody = json(&body)?;
    let answer = match input.answer.as_str() {
        "take" => OfferAnswer::Takes,
        "decline" => OfferAnswer::Declines,
        _ => return Err(Refusal::field("/answer", "Use take or decline.").into()),
    };
    let (id, place) = {
        let mut conn = state.services.pool.acquire().await?;
        (orders::find_order_id(&mut conn, &Act::system(act.now), &order).await?, place_of(&mut conn, &act, &input.location).await?)
    };
    state.services.answer_offer(&act, id, no, place, answer, Some(&key)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// A location by its code.
async fn place_of(conn: &mut sqlx::PgConnection, act: &Act, code: &str) -> Result<LocationId, ApiProblem> {
    let places = waybill::inventory::list_locations(conn, &Act::system(act.now)).await?;
    let place = places.iter().find(|p| p.code == code).ok_or_else(|| Refusal::not_found(format_args!("location {code}")))?;
    Ok(place.location_id)
}
