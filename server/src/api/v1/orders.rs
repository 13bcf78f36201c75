use super::{json, key};
use crate::api::auth::Authenticated;
use crate::api::extract::{Path, Query};
use crate::api::problem::{ApiProblem, Problem};
use crate::router::AppState;
use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, StatusCode};
use axum::response::IntoResponse;
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use waybill::customers::RawContact;
use waybill::orders::views::OrderDetail;
use waybill::orders::{self, Marks, Method, NewLine, NewOrder, OrderFilter};
use waybill::refusal::{Refusal, UnknownName};

/// An order to be taken in.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OrderInput {
    /// `web`, `store`, `phone`, `marketplace` or one of your own.
    #[schema(example = "web")]
    channel: String,
    /// The group of customers that it is from, where you know one.
    customer_group: Option<String>,
    /// Your own number; once per channel.
    external_id: Option<String>,
    contact: ContactInput,
    /// `ship` or `pickup`.
    #[schema(example = "ship")]
    method: String,
    /// Code of the store, for `pickup`.
    pickup_location: Option<String>,
    /// Code of the way of delivery, such as `express`; the channel's first where left out.
    delivery_method: Option<String>,
    /// When it is there at the latest, as the customer was told; refused where it would be later by now.
    promised_by: Option<DateTime<Utc>>,
    /// The booking of the slot that the customer chose, where one is to be chosen.
    slot: Option<String>,
    /// ISO 4217; the channel's where left out.
    currency: Option<String>,
    lines: Vec<LineInput>,
    /// What the customer pays for delivery, in minor units; the rate card's where left out.
    shipping_minor: Option<i64>,
    /// What you believe it all comes to, in minor units. Refused where it does not add up.
    total_minor: Option<i64>,
    /// The card as the gateway knows it. The built-in gateway knows tok_ok, tok_declined, tok_late and tok_slow.
    #[schema(example = "tok_ok")]
    payment_token: String,
    /// The hold of the basket that it was: its units go over to the order. One that has ended counts for nothing.
    hold: Option<String>,
    /// What is written on the card that goes with a gift, at most 500 characters.
    gift_message: Option<String>,
    /// Words in small letters that rules can ask for and orders are found by.
    #[serde(default)]
    tags: Vec<String>,
    /// 0, ordinary, to 9, most urgent.
    #[serde(default)]
    priority: i16,
    /// What kind of order it is, a word in small letters of your own such as `sample` or `wholesale`, that rules can ask for; `standard` where left out.
    order_type: Option<String>,
    /// By when you want it handed to the carrier, as a marketplace does: rules can ask how much time is left.
    ship_by: Option<DateTime<Utc>>,
    /// What you know of the customer, such as the segments that they are in: words in small letters that rules can ask for.
    #[serde(default)]
    customer_tags: Vec<String>,
    /// Fields of your own, by name, that rules can ask for.
    #[serde(default)]
    attributes: BTreeMap<String, String>,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ContactInput {
    name: String,
    email: Option<String>,
    phone: Option<String>,
    #[serde(default)]
    street: String,
    #[serde(default)]
    city: String,
    #[serde(default)]
    postcode: String,
    /// ISO 3166-1 alpha-2.
    #[schema(example = "GB")]
    country: String,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LineInput {
    sku: String,
    quantity: i32,
    /// Decimal with at most six places; the price list's where left out.
    #[schema(example = "12.50")]
    unit_price: Option<String>,
    /// Text to be put on each unit, where the SKU takes one.
    personalisation: Option<String>,
    /// Each unit is wrapped as a gift.
    #[serde(default)]
    gift_wrap: bool,
    /// What wrapping a unit costs, a decimal; the channel's price where left out.
    #[schema(example = "3.50")]
    gift_wrap_price: Option<String>,
    /// Of a service: the booking of its appointment, which `GET /v1/promises` told the times of.
    slot: Option<String>,
}

/// An order as it stands.
#[derive(Debug, Serialize, ToSchema)]
pub struct Order {
    id: Uuid,
    number: String,
    external_id: Option<String>,
    channel: String,
    status: String,
    method: String,
    placed_at: DateTime<Utc>,
    /// While the payment is pending: until when the stock is kept.
    stock_held_until: Option<DateTime<Utc>>,
    currency: String,
    goods_minor: i64,
    shipping_minor: i64,
    tax_minor: i64,
    total_minor: i64,
    payment: Option<Payment>,
    /// Words that staff, other systems and rules have put on it.
    tags: Vec<String>,
    /// What kind of order it is; `standard` where nothing was said.
    order_type: String,
    /// By when its channel wants it handed to the carrier.
    ship_by: Option<DateTime<Utc>>,
    /// What it is held for: nothing of it moves on until all of it is released.
    holds: Vec<super::order_holds::Hold>,
    gift_message: Option<String>,
    /// What the customer calls the way of delivery.
    delivery: Option<String>,
    /// When the order becomes its locations' work, where it waits for that.
    release_at: Option<DateTime<Utc>>,
    lines: Vec<Line>,
    /// What the customer is asked about, until they answer.
    missing: Vec<MissingUnits>,
    fulfilments: Vec<Fulfilment>,
    /// The customer's page, a path on this server.
    tracking_path: String,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct Payment {
    state: String,
    authorised_minor: i64,
    captured_minor: i64,
    refunded_minor: i64,
    failure: Option<String>,
}

/// Units of a line that nobody has.
#[derive(Debug, Serialize, ToSchema)]
pub struct MissingUnits {
    line_no: i32,
    units: i32,
    /// Code of the SKU that can be sent in their place at the same price.
    instead: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct Line {
    line_no: i32,
    /// The line in whose place it is, where the customer chose so.
    instead_of: Option<i32>,
    sku: String,
    name: String,
    quantity: i32,
    cancelled: i32,
    open: i32,
    shipped: i32,
    collected: i32,
    /// Of a service: 1 once it was done.
    performed: i32,
    unit_price: String,
    amount_minor: i64,
    /// Why open units wait.
    queue: Option<String>,
    /// On which day what waits is expected, where that was promised.
    expected_on: Option<NaiveDate>,
    /// The window in which the last of it is promised to be there; on time by `promised_by`.
    promised_from: Option<DateTime<Utc>>,
    promised_by: Option<DateTime<Utc>>,
    /// Text to be put on each unit.
    personalisation: Option<String>,
    gift_wrap: bool,
    /// What wrapping a unit costs on top of its price; null where that is in the price.
    gift_wrap_price: Option<String>,
    /// The kit that it is a part of.
    kit: Option<Kit>,
    /// Of a service: when it is done, or was.
    appointment: Option<Appointment>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct Appointment {
    starts_at: DateTime<Utc>,
    ends_at: DateTime<Utc>,
    /// Name of the location whose people come.
    location: String,
}

/// A kit that was ordered: its parts are lines of their own.
#[derive(Debug, Serialize, ToSchema)]
pub struct Kit {
    /// From 1, within the order.
    no: i32,
    sku: String,
    name: String,
    quantity: i32,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct Fulfilment {
    no: i32,
    location: String,
    /// `ship`, `pickup`, or `to_store`: it is sent to the store in which the customer collects.
    method: String,
    /// That store.
    to_store: Option<String>,
    state: String,
    carrier: Option<String>,
    tracking_number: Option<String>,
    /// Code of the carrier service that it is to go by.
    service: Option<String>,
    promised_by: Option<DateTime<Utc>>,
    /// By then the next step keeps that.
    due_by: Option<DateTime<Utc>>,
    lines: Vec<FulfilmentLine>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct FulfilmentLine {
    line_no: i32,
    sku: String,
    quantity: i32,
}

impl From<OrderDetail> for Order {
    fn from(o: OrderDetail) -> Self {
        Self {
            id: o.order_id.0,
            number: o.number,
            external_id: o.external_id,
            channel: o.channel,
            status: o.status.to_string(),
            method: o.method.to_string(),
            placed_at: o.placed_at,
            stock_held_until: o.held_until,
            currency: o.total.currency.code().to_owned(),
            goods_minor: o.goods.minor,
            shipping_minor: o.shipping.minor,
            tax_minor: o.tax.minor,
            total_minor: o.total.minor,
            payment: o.payment.map(|p| Payment {
                state: p.state.to_string(),
                authorised_minor: p.authorised.minor,
                captured_minor: p.captured.minor,
                refunded_minor: p.refunded.minor,
                failure: p.failure,
            }),
            tags: o.tags,
            order_type: o.order_type,
            ship_by: o.ship_by,
            holds: o.holds.into_iter().map(Into::into).collect(),
            gift_message: o.gift_message,
            delivery: o.delivery,
            release_at: o.release_at,
            lines: o
                .lines
                .into_iter()
                .map(|l| Line {
                    line_no: l.line_no,
                    instead_of: l.instead_of.map(|(line_no, _)| line_no),
                    sku: l.sku,
                    name: l.name,
                    quantity: l.quantity,
                    cancelled: l.cancelled,
                    open: l.open,
                    shipped: l.shipped,
                    collected: l.collected,
                    performed: l.performed,
                    unit_price: l.unit_price,
                    amount_minor: l.amount.minor,
                    queue: l.queue.map(|q| q.to_string()),
                    expected_on: l.expected_on,
                    promised_from: l.promised.as_ref().map(|p| p.from),
                    promised_by: l.promised.as_ref().map(|p| p.by),
                    personalisation: l.wish.personalisation,
                    gift_wrap: l.wish.gift_wrap,
                    gift_wrap_price: l.gift_wrap_price,
                    appointment: l.appointment.map(|a| Appointment { starts_at: a.starts_at, ends_at: a.ends_at, location: a.location }),
                    kit: l.kit.map(|k| Kit { no: k.no, sku: k.code, name: k.name, quantity: k.quantity }),
                })
                .collect(),
            missing: o
                .missing
                .into_iter()
                .map(|m| MissingUnits { line_no: m.line_no, units: m.units, instead: m.instead.map(|(code, _)| code) })
                .collect(),
            fulfilments: o
                .fulfilments
                .into_iter()
                .map(|f| Fulfilment {
                    no: f.fulfilment_no,
                    location: f.location,
                    method: f.way.to_string(),
                    to_store: f.to_store,
                    state: f.state.to_string(),
                    carrier: f.carrier,
                    tracking_number: f.tracking_number,
                    service: f.service,
                    promised_by: f.promised_by,
                    due_by: f.due_by,
                    lines: f.lines.into_iter().map(|l| FulfilmentLine { line_no: l.line_no, sku: l.sku, quantity: l.quantity }).collect(),
                })
                .collect(),
            tracking_path: o.tracking_path,
        }
    }
}

fn new_line(l: LineInput) -> NewLine {
    NewLine {
        sku: l.sku,
        quantity: l.quantity,
        unit_price: l.unit_price,
        personalisation: l.personalisation,
        gift_wrap: l.gift_wrap,
        gift_wrap_price: l.gift_wrap_price,
        slot: l.slot,
    }
}

/// What was sent in, as the domain takes it.
pub(super) fn new_order(input: OrderInput) -> Result<NewOrder, Refusal> {
    let method: Method = input.method.parse().map_err(|e: UnknownName| Refusal::field("/method", e.to_string()))?;
    Ok(NewOrder {
        channel: input.channel,
        customer_group: input.customer_group,
        external_id: input.external_id,
        contact: RawContact {
            name: input.contact.name,
            email: input.contact.email,
            phone: input.contact.phone,
            street: input.contact.street,
            city: input.contact.city,
            postcode: input.contact.postcode,
            country: input.contact.country,
        },
        method,
        pickup_location: input.pickup_location,
        delivery_method: input.delivery_method,
        promised_by: input.promised_by,
        slot: input.slot,
        currency: input.currency,
        lines: input.lines.into_iter().map(new_line).collect(),
        shipping_minor: input.shipping_minor,
        total_minor: input.total_minor,
        payment_token: input.payment_token,
        hold: input.hold,
        gift_message: input.gift_message,
        marks: Marks {
            tags: input.tags,
            priority: input.priority,
            order_type: input.order_type,
            customer_tags: input.customer_tags,
            attributes: input.attributes.iter().map(|(name, value)| format!("{name}={value}")).collect(),
            ship_by: input.ship_by,
        },
    })
}

/// Take an order in.
///
/// It is checked (all problems at once), routed, its stock reserved, and its payment authorised. Where the bank takes longer than a moment,
/// the answer is `pending_payment` with `stock_held_until`: unpaid then, the order is cancelled and its stock freed. The same
/// Idempotency-Key answers with the order as it stands now, and `Idempotency-Replayed: true`.
#[utoipa::path(post, path = "/orders", request_body = OrderInput, security(("token" = [])), params(("Idempotency-Key" = String, Header)),
    responses((status = 201, body = Order), (status = 422, body = Problem), (status = 409, body = Problem, description = "not enough stock")))]
pub async fn capture(
    State(state): State<AppState>,
    Authenticated(act): Authenticated,
    headers: HeaderMap,
    body: Bytes,
) -> Result<impl IntoResponse, ApiProblem> {
    let key = key(&act, &headers, "/v1/orders", &body)?;
    let input: OrderInput = json(&body)?;
    let order = new_order(input)?;
    let placed = state.services.place_order(&act, &order, Some(&key)).await?;
    let system = waybill::identity::Act::system(act.now);
    let order = as_it_stands(&state, &system, placed.order_id).await?;
    let replayed = [(HeaderName::from_static("idempotency-replayed"), if placed.replayed { "true" } else { "false" })];
    Ok((StatusCode::CREATED, replayed, order))
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ListQuery {
    /// Part of a number, name, e-mail address, SKU or tracking number.
    search: Option<String>,
    status: Option<String>,
    channel: Option<String>,
    /// Only those of which something waits, and why: `unrouted`, `backorder`, `preorder`, `rejected`, `unfillable`, `customer_care`, `asked` or
    /// `substitute`.
    queue: Option<String>,
    /// `next` of the page before.
    after: Option<String>,
}

/// One page of orders.
#[derive(Debug, Serialize, ToSchema)]
pub struct OrderPage {
    orders: Vec<OrderSummary>,
    next: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct OrderSummary {
    id: Uuid,
    number: String,
    channel: String,
    status: String,
    units: i32,
    currency: String,
    total_minor: i64,
    placed_at: DateTime<Utc>,
}

/// Orders, newest first, a page at a time.
#[utoipa::path(get, path = "/orders", params(ListQuery), security(("token" = [])), responses((status = 200, body = OrderPage)))]
pub async fn list(
    State(state): State<AppState>,
    Authenticated(act): Authenticated,
    Query(query): Query<ListQuery>,
) -> Result<Json<OrderPage>, ApiProblem> {
    let status = query.status.map(|s| s.parse()).transpose().map_err(|e: UnknownName| Refusal::field("/status", e.to_string()))?;
    let queue = query.queue.map(|q| q.parse()).transpose().map_err(|e: UnknownName| Refusal::field("/queue", e.to_string()))?;
    let filter = OrderFilter { search: query.search, status, channel: query.channel, queue, after: query.after };
    let page = orders::list_orders(&mut *state.services.pool.acquire().await?, &act, &filter).await?;
    Ok(Json(OrderPage {
        orders: page
            .rows
            .into_iter()
            .map(|r| OrderSummary {
                id: r.order_id.0,
                number: r.number,
                channel: r.channel,
                status: r.status.to_string(),
                units: r.units,
                currency: r.total.currency.code().to_owned(),
                total_minor: r.total.minor,
                placed_at: r.placed_at,
            })
            .collect(),
        next: page.next,
    }))
}

/// The answer of whatever changes or reads an order.
pub(super) async fn as_it_stands(state: &AppState, act: &waybill::identity::Act, id: waybill::ids::OrderId) -> Result<Json<Order>, ApiProblem> {
    let services = &state.services;
    let detail = orders::order_detail(&mut *services.pool.acquire().await?, act, &services.planning, &services.link_key, id).await?;
    Ok(Json(detail.into()))
}

/// One order, by id or number.
#[utoipa::path(get, path = "/orders/{order}", params(("order" = String, Path)), security(("token" = [])), responses((status = 200, body = Order), (status = 404, body = Problem)))]
pub async fn read(State(state): State<AppState>, Authenticated(act): Authenticated, Path(order): Path<String>) -> Result<Json<Order>, ApiProblem> {
    let id = orders::find_order_id(&mut *state.services.pool.acquire().await?, &act, &order).await?;
    as_it_stands(&state, &act, id).await
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CancelInput {
    reason: String,
}

/// Cancel what is left of an order: its stock is freed and its authorisation released. Refused once picking has started.
#[utoipa::path(post, path = "/orders/{order}/cancel", params(("order" = String, Path), ("Idempotency-Key" = String, Header)), request_body = CancelInput, security(("token" = [])),
    responses((status = 200, body = Order), (status = 409, body = Problem)))]
pub async fn cancel(
    State(state): State<AppState>,
    Authenticated(act): Authenticated,
    Path(order): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<Order>, ApiProblem> {
    act.require(waybill::identity::Permission::CancelOrders)?;
    let key = key(&act, &headers, &format!("/v1/orders/{order}/cancel"), &body)?;
    let input: CancelInput = json(&body)?;
    let system = waybill::identity::Act::system(act.now);
    let id = orders::find_order_id(&mut *state.services.pool.acquire().await?, &system, &order).await?;
    state.services.cancel_order(&act, id, &input.reason, Some(&key)).await?;
    as_it_stands(&state, &system, id).await
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WaitingAnswerInput {
    /// `wait`: what is missing is sent when somebody has it; `without`: it is called off, and not charged; `instead`: what `missing` of the order offers is
    /// sent in its place at the same price, and the order goes on asking about the rest.
    answer: String,
    /// With `instead`: the SKUs that `missing` offered, in its order. Refused where others would be sent now; left out, whatever is offered now is sent.
    #[serde(default)]
    offered: Vec<String>,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SendInput {
    /// Code of the location that sends what waits.
    location: String,
}

/// Decide by hand where what waits of an order is sent from, whatever the rules say. What the location does not have waits on.
#[utoipa::path(post, path = "/orders/{order}/send-from", params(("order" = String, Path), ("Idempotency-Key" = String, Header)), request_body = SendInput,
    security(("token" = [])), responses((status = 200, body = Order), (status = 409, body = Problem), (status = 422, body = Problem)))]
pub async fn send_from(
    State(state): State<AppState>,
    Authenticated(act): Authenticated,
    Path(order): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<Order>, ApiProblem> {
    act.require(waybill::identity::Permission::CancelOrders)?;
    let key = key(&act, &headers, &format!("/v1/orders/{order}/send-from"), &body)?;
    let input: SendInput = json(&body)?;
    let system = waybill::identity::Act::system(act.now);
    let id = orders::find_order_id(&mut *state.services.pool.acquire().await?, &system, &order).await?;
    state.services.send_by_hand(&act, id, &input.location, Some(&key)).await?;
    as_it_stands(&state, &system, id).await
}

/// Say for the customer, who was asked, what becomes of what is missing.
#[utoipa::path(post, path = "/orders/{order}/answer", params(("order" = String, Path), ("Idempotency-Key" = String, Header)), request_body = WaitingAnswerInput,
    security(("token" = [])), responses((status = 200, body = Order), (status = 409, body = Problem), (status = 422, body = Problem)))]
pub async fn answer(
    State(state): State<AppState>,
    Authenticated(act): Authenticated,
    Path(order): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<Order>, ApiProblem> {
    act.require(waybill::identity::Permission::CancelOrders)?;
    let key = key(&act, &headers, &format!("/v1/orders/{order}/answer"), &body)?;
    let input: WaitingAnswerInput = json(&body)?;
    let answer = input.answer.parse().map_err(|_| waybill::refusal::Refusal::field("/answer", "Use wait, without or instead."))?;
    let system = waybill::identity::Act::system(act.now);
    let id = orders::find_order_id(&mut *state.services.pool.acquire().await?, &system, &order).await?;
    state.services.answer_waiting(&act, id, answer, &input.offered, Some(&key)).await?;
    as_it_stands(&state, &system, id).await
}
