use super::transfers::{Units, pairs};
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
use waybill::idempotency::{Seen, remember};
use waybill::identity::Act;
use waybill::ids::CountId;
use waybill::inventory::counts::{self, NewCount};
use waybill::refusal::{Refusal, UnknownName};
use waybill::transact;

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CountInput {
    /// Code of the location.
    location: String,
    /// SKU codes or GTINs; everything that the books have there where left out.
    #[serde(default)]
    skus: Vec<String>,
    #[serde(default)]
    note: String,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CountedInput {
    /// How many stand there of each. What was sent before of the same SKU is replaced.
    lines: Vec<Units>,
}

#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct OneSku {
    /// Only this SKU, by code; all that differ where left out.
    sku: Option<String>,
}

/// A count at one location.
#[derive(Debug, Serialize, ToSchema)]
pub struct Count {
    number: String,
    location: String,
    /// `open`, `review`, `closed` or `cancelled`.
    state: String,
    note: String,
    opened_at: DateTime<Utc>,
    ended_at: Option<DateTime<Utc>>,
    lines: Vec<CountLine>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct CountLine {
    sku: String,
    counted: Option<i32>,
    /// Once handed in, and only for those who may correct stock: what the books said when it was counted.
    book: Option<i32>,
    /// Of these, what was just being picked.
    in_picking: Option<i32>,
    difference: Option<i32>,
    booked: Option<bool>,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ListQuery {
    state: Option<String>,
    /// Code of the location.
    location: Option<String>,
    /// `next` of the page before.
    after: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct CountPage {
    counts: Vec<CountSummary>,
    next: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct CountSummary {
    number: String,
    location: String,
    state: String,
    lines: i64,
    counted: i64,
    opened_at: DateTime<Utc>,
}

async fn answer(state: &AppState, act: &Act, number: &str) -> Result<Json<Count>, ApiProblem> {
    let mut conn = state.services.pool.acquire().await?;
    // Whoever may count may read what they counted.
    let reader = if act.actor.may(waybill::identity::Permission::AdjustStock) { Act::system(act.now) } else { act.clone() };
    let c = counts::read_count(&mut conn, &reader, number).await?;
    let line = |l: counts::views::CountLineView| CountLine {
        sku: l.sku,
        counted: l.counted,
        book: l.difference.map(|d| d.book),
        in_picking: l.difference.map(|d| d.in_picking),
        difference: l.difference.map(|d| d.units),
        booked: l.difference.map(|d| d.booked),
    };
    Ok(Json(Count {
        number: c.number,
        location: c.location,
        state: c.state.to_string(),
        note: c.note,
        opened_at: c.opened_at,
        ended_at: c.ended_at,
        lines: c.lines.into_iter().map(line).collect(),
    }))
}

/// Counts, newest first, a page at a time.
#[utoipa::path(get, path = "/counts", params(ListQuery), security(("token" = [])), responses((status = 200, body = CountPage)))]
pub async fn list(
    State(state): State<AppState>,
    Authenticated(act): Authenticated,
    Query(query): Query<ListQuery>,
) -> Result<Json<CountPage>, ApiProblem> {
    let which = query.state.map(|s| s.parse()).transpose().map_err(|e: UnknownName| Refusal::field("/state", e.to_string()))?;
    let mut conn = state.services.pool.acquire().await?;
    let page = counts::list_counts(&mut conn, &act, which, query.location.as_deref(), query.after.as_deref()).await?;
    let summary = |c: counts::views::CountRow| CountSummary {
        number: c.number,
        location: c.location,
        state: c.state.to_string(),
        lines: c.lines,
        counted: c.counted,
        opened_at: c.opened_at,
    };
    Ok(Json(CountPage { counts: page.rows.into_iter().map(summary).collect(), next: page.next }))
}

/// One count.
#[utoipa::path(get, path = "/counts/{number}", params(("number" = String, Path)), security(("token" = [])),
    responses((status = 200, body = Count), (status = 404, body = Problem)))]
pub async fn read(State(state): State<AppState>, Authenticated(act): Authenticated, Path(number): Path<String>) -> Result<Json<Count>, ApiProblem> {
    answer(&state, &act, &number).await
}

/// Begin a count. Orders flow on meanwhile.
#[utoipa::path(post, path = "/counts", request_body = CountInput, params(("Idempotency-Key" = String, Header)), security(("token" = [])),
    responses((status = 201, body = Count), (status = 422, body = Problem)))]
pub async fn open(
    State(state): State<AppState>,
    Authenticated(act): Authenticated,
    headers: HeaderMap,
    body: Bytes,
) -> Result<(StatusCode, Json<Count>), ApiProblem> {
    let key = key(&act, &headers, "/v1/counts", &body)?;
    let input: CountInput = json(&body)?;
    let new = NewCount { location: input.location, skus: input.skus, note: input.note };
    let number = transact!(state.services.pool, conn => {
        let id = CountId::new(act.now);
        match remember(conn, &key, id.0, act.now).await? {
            Seen::Before(id) => counts::number_of(conn, CountId(id)).await,
            Seen::New => counts::open_count(conn, &act, id, &new).await,
        }
    })?;
    Ok((StatusCode::CREATED, answer(&state, &act, &number).await?))
}

/// Say how many stand there, beside what the books say at this moment.
#[utoipa::path(post, path = "/counts/{number}/lines", request_body = CountedInput, security(("token" = [])),
    params(("number" = String, Path), ("Idempotency-Key" = String, Header)),
    responses((status = 200, body = Count), (status = 409, body = Problem), (status = 422, body = Problem)))]
pub async fn record(
    State(state): State<AppState>,
    Authenticated(act): Authenticated,
    Path(number): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<Count>, ApiProblem> {
    let key = key(&act, &headers, &format!("/v1/counts/{number}/lines"), &body)?;
    let input: CountedInput = json(&body)?;
    let lines = pairs(input.lines);
    transact!(state.services.pool, conn => {
        if let Seen::New = remember(conn, &key, Uuid::nil(), act.now).await? {
            counts::record_count(conn, &act, &number, &lines).await?;
        }
        Ok(())
    })?;
    answer(&state, &act, &number).await
}

/// Take a step with a count: `hand-in` ends the counting, `recount` has differences counted again, `approve` books them, `cancel` calls it off.
/// Orders that counted on units which are not there are routed anew.
#[utoipa::path(post, path = "/counts/{number}/{step}", request_body = OneSku, security(("token" = [])),
    params(("number" = String, Path), ("step" = String, Path), ("Idempotency-Key" = String, Header)),
    responses((status = 200, body = Count), (status = 404, body = Problem), (status = 409, body = Problem), (status = 422, body = Problem)))]
pub async fn step(
    State(state): State<AppState>,
    Authenticated(act): Authenticated,
    Path((number, step)): Path<(String, String)>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<Count>, ApiProblem> {
    let key = key(&act, &headers, &format!("/v1/counts/{number}/{step}"), &body)?;
    let input: OneSku = if body.is_empty() { OneSku::default() } else { json(&body)? };
    if step == "approve" {
        // Each difference is booked once, however often this is sent.
        state.services.approve_count(&act, &number, input.sku.as_deref()).await?;
        return answer(&state, &act, &number).await;
    }
    transact!(state.services.pool, conn => {
        if let Seen::Before(_) = remember(conn, &key, Uuid::nil(), act.now).await? {
            return Ok(());
        }
        match step.as_str() {
            "hand-in" => counts::hand_in_count(conn, &act, &number).await.map(|_| ()),
            "recount" => counts::recount(conn, &act, &number, input.sku.as_deref()).await,
            "cancel" => counts::cancel_count(conn, &act, &number).await,
            _ => Err(Refusal::not_found(format_args!("step {step}: there are hand-in, recount, approve and cancel")).into()),
        }
    })?;
    state.services.changed.notify_waiters();
    answer(&state, &act, &number).await
}
