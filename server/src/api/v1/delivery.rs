use super::changes::ChangeResult;
use super::{json, key};
use crate::api::auth::Authenticated;
use crate::api::extract::{Path, Query};
use crate::api::problem::{ApiProblem, Problem};
use crate::router::AppState;
use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use waybill::carriers::{self, Setting, SettingKind};
use waybill::idempotency::{Seen, remember};
use waybill::promising::views::TriedPrice;
use waybill::promising::{Trial, try_delivery};
use waybill::refusal::{Refusal, UnknownName};
use waybill::transact;

/// Something that is set about delivery.
#[derive(Debug, Serialize, ToSchema)]
pub struct DeliverySetting {
    /// `zone_map`, `rate_card`, `service`, `method`, `holidays` or `slots`.
    kind: String,
    code: String,
    name: String,
    /// What matters of it, in a line.
    summary: String,
    since: DateTime<Utc>,
    /// Another version begins then, or it ends.
    changes_at: Option<DateTime<Utc>>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct DeliverySettingDetail {
    kind: String,
    code: String,
    /// All of it, as it is saved.
    #[schema(value_type = Object)]
    content: serde_json::Value,
    since: DateTime<Utc>,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DeliverySettingInput {
    /// All of it. A `zone_map` has `name` and `places` (`zone`, `from`, `to`, `postcode`); a `rate_card` `name`, `currency`, `zone_map`, `volume_per_kg`,
    /// `rows` (`zone`, `up_to_grams`, `from_value_minor`, `amount_minor`), `surcharges` and `minimum_minor`; a `service` `carrier`, `name`, `zone_map`,
    /// `transit` (`zone`, `days`), `collections` (`location`, `weekdays`, `at`), `delivers`, `delivers_from`, `delivers_until`, `works_on_holidays`,
    /// `padding_days`, `rate_card`, `max_grams` and `max_mm`; a `method` `name`, `position`, `services`, `rate_card`, `channels` and `slots`; `holidays`
    /// `name` and `days`; `slots` `name`, `serves`, `location`, `zone_map`, `zones`, `windows` (`weekdays`, `from`, `until`, `capacity`),
    /// `lead_hours` and `horizon_days`, and of appointments `skill` and `brings_goods`.
    #[schema(value_type = Object, example = json!({"name": "Standard delivery", "position": 1, "services": ["two-day"], "rate_card": "standard"}))]
    content: serde_json::Value,
    /// When it begins; left out, now.
    from: Option<DateTime<Utc>>,
    /// When the version began that the change was made on: somebody else's change since then is not overwritten.
    read: Option<DateTime<Utc>>,
}

fn read_kind(text: &str) -> Result<SettingKind, Refusal> {
    text.parse().map_err(|e: UnknownName| Refusal::field("/kind", e.to_string()))
}

impl DeliverySettingInput {
    fn setting(&self, kind: SettingKind) -> Result<Setting, Refusal> {
        let whole = serde_json::json!({"kind": kind.as_str(), "content": self.content});
        serde_json::from_value(whole)
            .map_err(|e| Refusal::field("/content", format!("The content cannot be read: {e}. Compare it with what a GET answers.")))
    }
}

/// Everything that is set about delivery: zones, rate cards, carrier services, ways of delivery and holidays.
#[utoipa::path(get, path = "/delivery-settings", security(("token" = [])), responses((status = 200, body = Vec<DeliverySetting>)))]
pub async fn list(State(state): State<AppState>, Authenticated(act): Authenticated) -> Result<Json<Vec<DeliverySetting>>, ApiProblem> {
    let rows = carriers::list_settings(&mut *state.services.pool.acquire().await?, &act).await?;
    let setting = |r: carriers::views::SettingRow| DeliverySetting {
        kind: r.kind.to_string(),
        code: r.code,
        name: r.name,
        summary: r.summary,
        since: r.since,
        changes_at: r.changes_at,
    };
    Ok(Json(rows.into_iter().map(setting).collect()))
}

/// One setting, whole.
#[utoipa::path(get, path = "/delivery-settings/{kind}/{code}", params(("kind" = String, Path), ("code" = String, Path)), security(("token" = [])),
    responses((status = 200, body = DeliverySettingDetail), (status = 404, body = Problem)))]
pub async fn read(
    State(state): State<AppState>,
    Authenticated(act): Authenticated,
    Path((kind, code)): Path<(String, String)>,
) -> Result<Json<DeliverySettingDetail>, ApiProblem> {
    let view = carriers::read_setting(&mut *state.services.pool.acquire().await?, &act, read_kind(&kind)?, &code).await?;
    let whole = serde_json::to_value(&view.setting).unwrap_or_default();
    let content = whole.get("content").cloned().unwrap_or_default();
    Ok(Json(DeliverySettingDetail { kind, code: view.code, content, since: view.since }))
}

/// Set something from now or a later moment on; a code that is not known is new. Orders that were placed keep their date and price.
#[utoipa::path(put, path = "/delivery-settings/{kind}/{code}", request_body = DeliverySettingInput, params(("kind" = String, Path), ("code" = String, Path)),
    security(("token" = [])), responses((status = 200, body = ChangeResult), (status = 409, body = Problem), (status = 422, body = Problem)))]
pub async fn save(
    State(state): State<AppState>,
    Authenticated(act): Authenticated,
    Path((kind, code)): Path<(String, String)>,
    body: Bytes,
) -> Result<Json<ChangeResult>, ApiProblem> {
    let input: DeliverySettingInput = json(&body)?;
    let setting = input.setting(read_kind(&kind)?)?;
    let preview = transact!(state.services.pool, conn => {
        let preview = carriers::preview_setting(conn, &act, &code, &setting, input.from).await?;
        carriers::save_setting(conn, &act, &code, &setting, input.from, input.read).await?;
        Ok(preview)
    })?;
    Ok(Json(preview.into()))
}

/// What saving would change, without doing it.
#[utoipa::path(post, path = "/delivery-settings/{kind}/{code}/preview", request_body = DeliverySettingInput,
    params(("kind" = String, Path), ("code" = String, Path), ("Idempotency-Key" = Option<String>, Header)), security(("token" = [])),
    responses((status = 200, body = ChangeResult), (status = 422, body = Problem)))]
pub async fn preview(
    State(state): State<AppState>,
    Authenticated(act): Authenticated,
    Path((kind, code)): Path<(String, String)>,
    body: Bytes,
) -> Result<Json<ChangeResult>, ApiProblem> {
    let input: DeliverySettingInput = json(&body)?;
    let setting = input.setting(read_kind(&kind)?)?;
    let preview = carriers::preview_setting(&mut *state.services.pool.acquire().await?, &act, &code, &setting, input.from).await?;
    Ok(Json(preview.into()))
}

/// End a setting from now on. Refused while another needs it.
#[utoipa::path(delete, path = "/delivery-settings/{kind}/{code}", params(("kind" = String, Path), ("code" = String, Path)), security(("token" = [])),
    responses((status = 204), (status = 404, body = Problem), (status = 409, body = Problem)))]
pub async fn end(
    State(state): State<AppState>,
    Authenticated(act): Authenticated,
    Path((kind, code)): Path<(String, String)>,
) -> Result<StatusCode, ApiProblem> {
    let kind = read_kind(&kind)?;
    transact!(state.services.pool, conn => carriers::end_setting(conn, &act, kind, &code, None).await)?;
    Ok(StatusCode::NO_CONTENT)
}

/// Take the last change back: one that is still to come never happens.
#[utoipa::path(post, path = "/delivery-settings/{kind}/{code}/undo", security(("token" = [])),
    params(("kind" = String, Path), ("code" = String, Path), ("Idempotency-Key" = String, Header)),
    responses((status = 204), (status = 404, body = Problem), (status = 409, body = Problem)))]
pub async fn undo(
    State(state): State<AppState>,
    Authenticated(act): Authenticated,
    Path((kind, code)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<StatusCode, ApiProblem> {
    let key = key(&act, &headers, &format!("/v1/delivery-settings/{kind}/{code}/undo"), &[])?;
    let kind = read_kind(&kind)?;
    transact!(state.services.pool, conn => {
        if let Seen::New = remember(conn, &key, Uuid::nil(), act.now).await? {
            carriers::undo_setting(conn, &act, kind, &code).await?;
        }
        Ok(())
    })?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct TryQuery {
    /// Code of the location that sends it.
    #[param(example = "ST-LDS")]
    location: String,
    /// ISO 3166-1 alpha-2.
    #[param(example = "ES")]
    country: String,
    postcode: Option<String>,
    #[param(example = 2300)]
    grams: i32,
    length_mm: Option<i32>,
    width_mm: Option<i32>,
    height_mm: Option<i32>,
    /// What the goods come to, minor units.
    #[serde(default)]
    goods_minor: i64,
    /// When it is released; now where left out.
    at: Option<DateTime<Utc>>,
}

/// What a parcel would cost, and when it would arrive.
#[derive(Debug, Serialize, ToSchema)]
pub struct TryResult {
    services: Vec<TriedService>,
    methods: Vec<TriedMethod>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct TriedService {
    code: String,
    name: String,
    carrier: String,
    zone: Option<String>,
    transit_days: Option<i32>,
    /// When the carrier collects it, by the location's clocks.
    hand_over_at: Option<NaiveDateTime>,
    /// The day it is promised for.
    day: Option<NaiveDate>,
    why_not: Option<String>,
    /// What it costs us.
    cost: Option<Price>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct TriedMethod {
    code: String,
    name: String,
    /// What the customer pays.
    price: Option<Price>,
    why_not: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct Price {
    currency: String,
    amount_minor: i64,
    /// What it is charged as weighing.
    billable_grams: i64,
    parts: Vec<PricePart>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct PricePart {
    name: String,
    amount_minor: i64,
}

fn price(price: TriedPrice) -> Price {
    Price {
        currency: price.amount.currency.code().to_owned(),
        amount_minor: price.amount.minor,
        billable_grams: price.billable_grams,
        parts: price.parts.into_iter().map(|(name, amount)| PricePart { name, amount_minor: amount.minor }).collect(),
    }
}

/// Try what is set: what a parcel costs from a location to an address, and when it arrives, with each carrier service and each way of delivery.
#[utoipa::path(get, path = "/delivery-trials", params(TryQuery), security(("token" = [])),
    responses((status = 200, body = TryResult), (status = 422, body = Problem)))]
pub async fn try_out(
    State(state): State<AppState>,
    Authenticated(act): Authenticated,
    Query(q): Query<TryQuery>,
) -> Result<Json<TryResult>, ApiProblem> {
    let trial = Trial {
        location: q.location,
        country: q.country,
        postcode: q.postcode.unwrap_or_default(),
        grams: q.grams,
        length_mm: q.length_mm,
        width_mm: q.width_mm,
        height_mm: q.height_mm,
        goods_minor: q.goods_minor,
        at: q.at,
    };
    let tried = try_delivery(&mut *state.services.pool.acquire().await?, &act, &trial).await?;
    let service = |s: waybill::promising::views::TriedService| TriedService {
        zone: s.way.as_ref().map(|w| w.zone.clone()),
        transit_days: s.way.as_ref().map(|w| w.transit_days),
        hand_over_at: s.way.as_ref().map(|w| w.handed_over_at),
        day: s.way.as_ref().map(|w| w.day),
        code: s.code,
        name: s.name,
        carrier: s.carrier,
        why_not: s.why_not,
        cost: s.cost.map(price),
    };
    let method =
        |m: waybill::promising::views::TriedMethod| TriedMethod { code: m.code, name: m.name, price: m.price.map(price), why_not: m.why_not };
    Ok(Json(TryResult { services: tried.services.into_iter().map(service).collect(), methods: tried.methods.into_iter().map(method).collect() }))
}
