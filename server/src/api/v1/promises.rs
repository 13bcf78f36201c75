use crate::api::auth::Authenticated;
use crate::api::extract::Query;
use crate::api::problem::{ApiProblem, Problem};
use crate::router::AppState;
use axum::Json;
use axum::extract::State;
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use waybill::ids::BookingId;
use waybill::orders::views::{AlertRow, AppointmentOption, DeliveryOption, ParcelOption, PickupOption, PromiseView, ServiceOption};
use waybill::orders::{self, BasketRequest, NewLine};
use waybill::refusal::Refusal;
use waybill::reports::{self, PromiseRow};

/// More lines than an address has room for.
const MOST_LINES: usize = 200;

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PromiseQuery {
    #[param(example = "web")]
    channel: String,
    customer_group: Option<String>,
    /// What is wanted: SKUs with their units, at most 200.
    #[param(example = "LAMP:2,MUG:1")]
    lines: String,
    /// ISO 3166-1 alpha-2; the channel's own country where left out.
    country: Option<String>,
    /// As much of it as is known.
    postcode: Option<String>,
    /// The basket's hold: what it keeps can be had.
    hold: Option<String>,
    /// The bookings of the slots that are kept for it, with commas between them: they are among those that can be chosen.
    slot: Option<String>,
    /// At most so many stores, the nearest first; 20 where left out.
    stores: Option<usize>,
    /// Tell each carrier service apart.
    #[serde(default)]
    services: bool,
    /// As if it were ordered then; needs orders:read.
    at: Option<DateTime<Utc>>,
}

/// How a basket can be had, when, for how much, and from where; or why not.
#[derive(Debug, Serialize, ToSchema)]
pub struct Promises {
    currency: String,
    goods_minor: i64,
    country: String,
    postcode: String,
    deliveries: Vec<Delivery>,
    /// Stores where it can be collected, free, the nearest first.
    stores: Vec<Store>,
    appointments: Vec<AppointmentOffer>,
    /// What stands in the way of a line.
    problems: Vec<LineProblem>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct LineProblem {
    sku: String,
    problem: String,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct Delivery {
    /// As an order names it.
    code: String,
    name: String,
    price_minor: Option<i64>,
    promise: Option<Promise>,
    /// Why not.
    problem: Option<String>,
    services: Vec<Service>,
    /// The slots of which one is to be booked; null where it comes at any time.
    slots: Option<Vec<SlotOffer>>,
}

/// A slot with room. Book it with `POST /v1/slots`, and send the booking along with the order as `slot`.
#[derive(Debug, Serialize, ToSchema)]
pub struct SlotOffer {
    plan: String,
    starts_at: DateTime<Utc>,
    ends_at: DateTime<Utc>,
    /// So many still fit in.
    left: i32,
}

/// A service of the basket. Book one of its slots with `POST /v1/slots`, and send the booking along with the order as the line's `slot`.
#[derive(Debug, Serialize, ToSchema)]
pub struct AppointmentOffer {
    sku: String,
    name: String,
    /// The times that are free, once the basket's things are there by the first way of delivery.
    slots: Vec<SlotOffer>,
    /// Why there are none.
    problem: Option<String>,
}

fn slots(all: Option<Vec<waybill::slots::SlotView>>) -> Option<Vec<SlotOffer>> {
    let offer = |s: waybill::slots::SlotView| SlotOffer { plan: s.plan, starts_at: s.starts_at, ends_at: s.ends_at, left: s.left };
    all.map(|all| all.into_iter().map(offer).collect())
}

#[derive(Debug, Serialize, ToSchema)]
pub struct Service {
    code: String,
    name: String,
    carrier: String,
    promise: Option<Promise>,
    problem: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct Store {
    /// Code of the location.
    code: String,
    name: String,
    city: String,
    distance_km: f64,
    promise: Option<Promise>,
    problem: Option<String>,
    /// Units there, of a basket of one thing.
    left: Option<i32>,
    /// The windows of which one is to be booked; null where it can be collected at any time.
    slots: Option<Vec<SlotOffer>>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct Promise {
    /// The day, where it is received.
    day: NaiveDate,
    /// The window in which the last of it is delivered; of a store, from when on and until when it can be collected that day.
    from: DateTime<Utc>,
    until: DateTime<Utc>,
    /// On time by then. Send it along with the order as `promised_by`, and the order is refused where it would be later.
    by: DateTime<Utc>,
    /// IANA name of the clocks there.
    time_zone: String,
    /// Until when it can be ordered for that; null where it makes no difference.
    cut_off: Option<DateTime<Utc>>,
    parcels: Vec<Parcel>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct Parcel {
    /// Code of the location.
    location: String,
    /// Code of the carrier service; null where it is collected.
    service: Option<String>,
    units: i32,
    /// Where it is not there yet.
    expected_on: Option<NaiveDate>,
    day: NaiveDate,
    /// When the carrier collects it, or it is ready.
    hand_over_at: DateTime<Utc>,
}

impl From<PromiseView> for Promise {
    fn from(p: PromiseView) -> Self {
        let parcel = |p: ParcelOption| Parcel {
            location: p.location,
            service: p.service,
            units: p.units,
            expected_on: p.expected_on,
            day: p.day,
            hand_over_at: p.hand_over_at,
        };
        Self {
            day: p.day,
            from: p.from,
            until: p.until,
            by: p.by,
            time_zone: p.time_zone,
            cut_off: p.cut_off,
            parcels: p.parcels.into_iter().map(parcel).collect(),
        }
    }
}

fn delivery(option: DeliveryOption) -> Delivery {
    let service =
        |s: ServiceOption| Service { code: s.code, name: s.name, carrier: s.carrier, promise: s.promise.map(Into::into), problem: s.problem };
    Delivery {
        code: option.code,
        name: option.name,
        price_minor: option.price.map(|p| p.minor),
        promise: option.promise.map(Into::into),
        problem: option.problem,
        services: option.services.into_iter().map(service).collect(),
        slots: slots(option.slots),
    }
}

fn appointment(option: AppointmentOption) -> AppointmentOffer {
    AppointmentOffer { sku: option.sku, name: option.name, slots: slots(Some(option.slots)).unwrap_or_default(), problem: option.problem }
}

fn store(option: PickupOption) -> Store {
    Store {
        code: option.code,
        name: option.name,
        city: option.city,
        distance_km: option.distance_km,
        promise: option.promise.map(Into::into),
        problem: option.problem,
        left: option.left,
        slots: slots(option.slots),
    }
}

fn read_lines(text: &str) -> Result<Vec<NewLine>, Refusal> {
    let wrong = || Refusal::field("/lines", "Write what is wanted as LAMP:2,MUG:1, at most 200 SKUs with 1 to 1,000,000 units each.");
    let lines: Option<Vec<NewLine>> = text
        .split(',')
        .map(|item| {
            let (sku, units) = item.trim().rsplit_once(':')?;
            let quantity = units.parse().ok().filter(|n| (1..=1_000_000).contains(n))?;
            Some(NewLine { sku: sku.to_owned(), quantity, ..NewLine::default() })
        })
        .collect();
    lines.filter(|lines| lines.len() <= MOST_LINES).ok_or_else(wrong)
}

/// How a basket can be had: each way of delivery and each store, with when, until when it can be ordered for that, the price, and from where; or why not.
/// It is planned as an order would be: sent along, `by` is what the order is held to.
#[utoipa::path(get, path = "/promises", params(PromiseQuery), security(("token" = [])),
    responses((status = 200, body = Promises), (status = 422, body = Problem)))]
pub async fn promise(
    State(state): State<AppState>,
    Authenticated(act): Authenticated,
    Query(query): Query<PromiseQuery>,
) -> Result<Json<Promises>, ApiProblem> {
    let lines = read_lines(&query.lines)?;
    let hold = match query.hold.as_deref() {
        None => None,
        Some(text) => Some(text.parse().map_err(|_| Refusal::field("/hold", "Send the id that the hold was answered with, or leave it out."))?),
    };
    let bookings: Vec<BookingId> =
        match query.slot.as_deref() {
            None => Vec::new(),
            Some(text) => text.split(',').map(|one| one.trim().parse()).collect::<Result<_, _>>().map_err(|_| {
                Refusal::field("/slot", "Send the bookings that slots were answered with, with commas between them, or leave it out.")
            })?,
        };
    let mut conn = state.services.pool.acquire().await?;
    let planning = state.services.planning.get(&mut conn, act.now).await?;
    let request = BasketRequest {
        customer_group: query.customer_group.as_deref(),
        hold,
        bookings: &bookings,
        country: query.country.as_deref(),
        postcode: query.postcode.as_deref().unwrap_or_default(),
        most_stores: query.stores.unwrap_or(20),
        with_services: query.services,
        at: query.at,
        ..BasketRequest::new(&query.channel, &lines)
    };
    let quote = orders::quote_basket(&mut conn, &act, &planning, &request).await?;
    Ok(Json(Promises {
        currency: quote.goods.currency.code().to_owned(),
        goods_minor: quote.goods.minor,
        country: quote.country,
        postcode: quote.postcode,
        deliveries: quote.deliveries.into_iter().map(delivery).collect(),
        stores: quote.pickups.into_iter().map(store).collect(),
        appointments: quote.appointments.into_iter().map(appointment).collect(),
        problems: quote.lines.into_iter().filter_map(|l| Some(LineProblem { problem: l.problem?, sku: l.code })).collect(),
    }))
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct AlertQuery {
    /// Code of a location.
    location: Option<String>,
}

/// A promise in danger.
#[derive(Debug, Serialize, ToSchema)]
pub struct Alert {
    order_number: String,
    /// Null: units that wait for stock.
    fulfilment_no: Option<i32>,
    location: Option<String>,
    /// `release`, `pick`, `pack`, `hand_over`, `delivery` or `waiting`.
    step: String,
    reason: String,
    /// By then the step would have kept the promise.
    due_by: DateTime<Utc>,
    promised_by: DateTime<Utc>,
    /// When it will be there if nothing is done; null where nobody knows.
    expected_by: Option<DateTime<Utc>>,
    raised_at: DateTime<Utc>,
}

/// Promises in danger now, those promised first before the others.
#[utoipa::path(get, path = "/promise-alerts", params(AlertQuery), security(("token" = [])), responses((status = 200, body = Vec<Alert>)))]
pub async fn alerts(
    State(state): State<AppState>,
    Authenticated(act): Authenticated,
    Query(query): Query<AlertQuery>,
) -> Result<Json<Vec<Alert>>, ApiProblem> {
    let rows = orders::list_alerts(&mut *state.services.pool.acquire().await?, &act, query.location.as_deref()).await?;
    let alert = |row: AlertRow| Alert {
        reason: row.reason().to_owned(),
        order_number: row.order_number,
        fulfilment_no: row.fulfilment_no,
        location: row.location,
        step: row.step,
        due_by: row.due_by,
        promised_by: row.promised_by,
        expected_by: row.expected_by,
        raised_at: row.raised_at,
    };
    Ok(Json(rows.into_iter().map(alert).collect()))
}

/// How promises were kept. What was promised first counts, whatever was told later.
#[derive(Debug, Serialize, ToSchema)]
pub struct Kept {
    name: String,
    promised: i64,
    kept: i64,
    /// Not there yet, though it should be.
    overdue: i64,
    /// Mean hours that were promised on top of what was expected.
    padding_hours: Option<f64>,
    /// Hours on top that would have kept 50, 90, 95 and 99 in a hundred.
    needed_hours: Option<Vec<f64>>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct KeptReport {
    all: Kept,
    locations: Vec<Kept>,
    services: Vec<Kept>,
    methods: Vec<Kept>,
}

/// Promised against actual, of what was promised for the days of a period.
#[utoipa::path(get, path = "/promise-report", params(super::reports::Period), security(("token" = [])),
    responses((status = 200, body = KeptReport), (status = 422, body = Problem)))]
pub async fn report(
    State(state): State<AppState>,
    Authenticated(act): Authenticated,
    Query(period): Query<super::reports::Period>,
) -> Result<Json<KeptReport>, ApiProblem> {
    let report = reports::promise_report(&mut *state.services.pool.acquire().await?, &act, period.from, period.until).await?;
    let kept = |row: PromiseRow| Kept {
        name: row.name,
        promised: row.promised,
        kept: row.kept,
        overdue: row.overdue,
        padding_hours: row.padding_hours,
        needed_hours: row.needed_hours,
    };
    let all = |rows: Vec<PromiseRow>| rows.into_iter().map(kept).collect();
    Ok(Json(KeptReport { all: kept(report.all), locations: all(report.locations), services: all(report.services), methods: all(report.methods) }))
}
