use super::changes::ChangeResult;
use super::{json, key};
use crate::api::auth::Authenticated;
use crate::api::extract::Path;
use crate::api::problem::{ApiProblem, Problem};
use crate::router::AppState;
use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, StatusCode, header};
use axum::response::IntoResponse;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;
use waybill::events::ChangePreview;
use waybill::idempotency::{Seen, remember};
use waybill::identity::{Act, Permission};
use waybill::ids::ClosureId;
use waybill::inventory::places::{self, DayHours, LocationSettings};
use waybill::refusal::{Refusal, UnknownName};
use waybill::transact;

/// When a location is open on a weekday, in its own time.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Hours {
    /// 1, Monday, to 7, Sunday. Weekdays that are not named are closed.
    weekday: i16,
    #[schema(example = "09:00")]
    opens: String,
    #[schema(example = "18:00")]
    closes: String,
    /// Orders released before this leave the same day.
    #[schema(example = "14:00")]
    cut_off: String,
}

/// All that is set of a location.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LocationBody {
    #[schema(example = "ST-LDS")]
    code: String,
    name: String,
    /// `warehouse`, `store`, `vendor` or `third_party`.
    kind: String,
    street: String,
    city: String,
    postcode: String,
    /// ISO 3166-1 alpha-2.
    #[schema(example = "GB")]
    country: String,
    #[schema(example = "Europe/London")]
    time_zone: String,
    /// Sends parcels.
    ships: bool,
    /// Hands orders over at its counter.
    offers_pickup: bool,
    /// 1 to 1,000; lower is preferred.
    priority: i32,
    handling_minutes: i32,
    /// Null is no limit. It is always there, so that a change cannot lift a limit by leaving it out.
    #[serde(deserialize_with = "present")]
    daily_order_capacity: Option<i32>,
    /// Closed on the public holidays of its country.
    #[serde(default)]
    keeps_holidays: bool,
    /// Words that routing rules ask for.
    #[serde(default)]
    tags: Vec<String>,
    /// Licences, insurances and what else rules ask about, each as `name=value`.
    #[serde(default)]
    attributes: Vec<String>,
    /// What packing a parcel costs here, and each unit in it, minor units of the company's currency.
    #[serde(default)]
    handling_order_minor: i64,
    #[serde(default)]
    handling_unit_minor: i64,
    hours: Vec<Hours>,
    /// For a change: when it begins; left out, now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    from: Option<DateTime<Utc>>,
}

/// A value that may be null and may not be missing.
fn present<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<i32>, D::Error> {
    Option::deserialize(deserializer)
}

/// A time a location is closed.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ClosureInput {
    /// Left out: now.
    from: Option<DateTime<Utc>>,
    /// Left out: until further notice.
    until: Option<DateTime<Utc>>,
    reason: String,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct ClosureResult {
    id: Uuid,
}

impl LocationBody {
    fn settings(&self) -> Result<LocationSettings, Refusal> {
        let hours = self.hours.iter();
        Ok(LocationSettings {
            name: self.name.clone(),
            kind: self.kind.parse().map_err(|e: UnknownName| Refusal::field("/kind", e.to_string()))?,
            street: self.street.clone(),
            city: self.city.clone(),
            postcode: self.postcode.clone(),
            country: self.country.clone(),
            time_zone: self.time_zone.clone(),
            ships: self.ships,
            offers_pickup: self.offers_pickup,
            priority: self.priority,
            handling_minutes: self.handling_minutes,
            daily_order_capacity: self.daily_order_capacity,
            keeps_holidays: self.keeps_holidays,
            tags: self.tags.clone(),
            attributes: self.attributes.clone(),
            handling_order_minor: self.handling_order_minor,
            handling_unit_minor: self.handling_unit_minor,
            hours: hours
                .map(|h| DayHours { weekday: h.weekday, opens: h.opens.clone(), closes: h.closes.clone(), cut_off: h.cut_off.clone() })
                .collect(),
        })
    }

    fn of(code: String, s: LocationSettings) -> Self {
        Self {
            code,
            name: s.name,
            kind: s.kind.to_string(),
            street: s.street,
            city: s.city,
            postcode: s.postcode,
            country: s.country,
            time_zone: s.time_zone,
            ships: s.ships,
            offers_pickup: s.offers_pickup,
            priority: s.priority,
            handling_minutes: s.handling_minutes,
            daily_order_capacity: s.daily_order_capacity,
            keeps_holidays: s.keeps_holidays,
            tags: s.tags,
            attributes: s.attributes,
            handling_order_minor: s.handling_order_minor,
            handling_unit_minor: s.handling_unit_minor,
            hours: s.hours.into_iter().map(|h| Hours { weekday: h.weekday, opens: h.opens, closes: h.closes, cut_off: h.cut_off }).collect(),
            from: None,
        }
    }
}

/// Reads a change of the location that the path names.
fn change_of(code: &str, body: &Bytes) -> Result<LocationBody, Refusal> {
    let input: LocationBody = json(body)?;
    if input.code == code { Ok(input) } else { Err(Refusal::field("/code", format!("The path names {code}. A location's code cannot be changed."))) }
}

/// One location as it is set now, with an `ETag` for `If-Match`.
#[utoipa::path(get, path = "/locations/{code}", params(("code" = String, Path)), security(("token" = [])),
    responses((status = 200, body = LocationBody), (status = 404, body = Problem)))]
pub async fn read(
    State(state): State<AppState>,
    Authenticated(act): Authenticated,
    Path(code): Path<String>,
) -> Result<impl IntoResponse, ApiProblem> {
    answer(&state, &act, code).await
}

async fn answer(state: &AppState, act: &Act, code: String) -> Result<([(HeaderName, String); 1], Json<LocationBody>), ApiProblem> {
    let place = places::read_place(&mut *state.services.pool.acquire().await?, act, &code).await?;
    Ok(([(header::ETAG, format!("\"{}\"", place.version))], Json(LocationBody::of(code, place.settings))))
}

/// Open a location.
#[utoipa::path(post, path = "/locations", request_body = LocationBody, params(("Idempotency-Key" = String, Header)), security(("token" = [])),
    responses((status = 201, body = LocationBody), (status = 422, body = Problem)))]
pub async fn open(
    State(state): State<AppState>,
    Authenticated(act): Authenticated,
    headers: HeaderMap,
    body: Bytes,
) -> Result<impl IntoResponse, ApiProblem> {
    let key = key(&act, &headers, "/v1/locations", &body)?;
    let input: LocationBody = json(&body)?;
    let settings = input.settings()?;
    transact!(state.services.pool, conn => {
        if let Seen::New = remember(conn, &key, Uuid::nil(), act.now).await? {
            places::open_location(conn, &act, &input.code, &settings).await?;
        }
        Ok(())
    })?;
    Ok((StatusCode::CREATED, answer(&state, &act, input.code.trim().to_ascii_uppercase()).await?))
}

/// Change a location from now or a later moment on. With `If-Match`, somebody else's change is not overwritten.
#[utoipa::path(put, path = "/locations/{code}", request_body = LocationBody, security(("token" = [])),
    params(("code" = String, Path), ("If-Match" = Option<String>, Header)),
    responses((status = 200, body = ChangeResult), (status = 409, body = Problem), (status = 422, body = Problem)))]
pub async fn change(
    State(state): State<AppState>,
    Authenticated(act): Authenticated,
    Path(code): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<ChangeResult>, ApiProblem> {
    let input = change_of(&code, &body)?;
    let settings = input.settings()?;
    let read = headers.get(header::IF_MATCH).and_then(|v| v.to_str().ok()).map(|tag| tag.trim_matches('"'));
    let preview = transact!(state.services.pool, conn => {
        let preview = places::preview_change(conn, &act, &code, &settings, input.from).await?;
        places::change_location(conn, &act, &code, &settings, input.from, read).await?;
        Ok(preview)
    })?;
    state.services.changed.notify_waiters();
    Ok(Json(preview.into()))
}

/// What a change would do, without doing it.
#[utoipa::path(post, path = "/locations/{code}/preview", request_body = LocationBody, security(("token" = [])),
    params(("code" = String, Path), ("Idempotency-Key" = Option<String>, Header)),
    responses((status = 200, body = ChangeResult), (status = 422, body = Problem)))]
pub async fn preview(
    State(state): State<AppState>,
    Authenticated(act): Authenticated,
    Path(code): Path<String>,
    body: Bytes,
) -> Result<Json<ChangeResult>, ApiProblem> {
    let input = change_of(&code, &body)?;
    let settings = input.settings()?;
    let preview = places::preview_change(&mut *state.services.pool.acquire().await?, &act, &code, &settings, input.from).await?;
    Ok(Json(preview.into()))
}

/// Take the last change back.
#[utoipa::path(post, path = "/locations/{code}/undo", security(("token" = [])), params(("code" = String, Path), ("Idempotency-Key" = String, Header)),
    responses((status = 200, body = ChangeResult), (status = 409, body = Problem)))]
pub async fn undo(
    State(state): State<AppState>,
    Authenticated(act): Authenticated,
    Path(code): Path<String>,
    headers: HeaderMap,
) -> Result<Json<ChangeResult>, ApiProblem> {
    let key = key(&act, &headers, &format!("/v1/locations/{code}/undo"), &[])?;
    let changes = transact!(state.services.pool, conn => {
        match remember(conn, &key, Uuid::nil(), act.now).await? {
            Seen::New => places::undo_change(conn, &act, &code).await,
            Seen::Before(_) => Ok(Vec::new()),
        }
    })?;
    state.services.changed.notify_waiters();
    Ok(Json(ChangePreview { from: act.now, changes, consequences: Vec::new() }.into()))
}

/// Close a location for a while. New orders go elsewhere meanwhile.
#[utoipa::path(post, path = "/locations/{code}/closures", request_body = ClosureInput, security(("token" = [])),
    params(("code" = String, Path), ("Idempotency-Key" = String, Header)),
    responses((status = 201, body = ClosureResult), (status = 422, body = Problem)))]
pub async fn close(
    State(state): State<AppState>,
    Authenticated(act): Authenticated,
    Path(code): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<(StatusCode, Json<ClosureResult>), ApiProblem> {
    let key = key(&act, &headers, &format!("/v1/locations/{code}/closures"), &body)?;
    let input: ClosureInput = json(&body)?;
    let id = transact!(state.services.pool, conn => {
        let new = ClosureId::new(act.now);
        match remember(conn, &key, new.0, act.now).await? {
            Seen::Before(id) => Ok(ClosureId(id)),
            Seen::New => places::close_location(conn, &act, new, &code, input.from, input.until, &input.reason).await.map(|()| new),
        }
    })?;
    state.services.changed.notify_waiters();
    Ok((StatusCode::CREATED, Json(ClosureResult { id: id.0 })))
}

/// Withdraw a closure: it never happens, or ends now.
#[utoipa::path(delete, path = "/locations/{code}/closures/{closure}", security(("token" = [])),
    params(("code" = String, Path), ("closure" = String, Path)), responses((status = 204), (status = 404, body = Problem)))]
pub async fn withdraw_closure(
    State(state): State<AppState>,
    Authenticated(act): Authenticated,
    Path((code, closure)): Path<(String, ClosureId)>,
) -> Result<StatusCode, ApiProblem> {
    act.require(Permission::ManageNetwork)?;
    transact!(state.services.pool, conn => places::withdraw_closure(conn, &act, &code, closure).await)?;
    state.services.changed.notify_waiters();
    Ok(StatusCode::NO_CONTENT)
}
