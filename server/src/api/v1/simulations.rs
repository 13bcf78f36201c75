use super::routing::named;
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
use waybill::ids::SimulationId;
use waybill::page::Page;
use waybill::refusal::Refusal;
use waybill::simulation;
use waybill::simulation::views::{Findings, MoveRow, SimulationRow};
use waybill::transact;

/// A past period routed again by other rules.
#[derive(Debug, Serialize, ToSchema)]
pub struct Simulation {
    id: Uuid,
    /// Null where what was in force is simulated.
    ruleset: Option<Uuid>,
    /// Null of a draft.
    version: Option<i32>,
    name: String,
    from: DateTime<Utc>,
    until: DateTime<Utc>,
    /// `waiting`, `running`, `done`, `cancelled` or `failed`.
    state: String,
    orders: i32,
    orders_done: i32,
    problem: Option<String>,
    asked_at: DateTime<Utc>,
    ended_at: Option<DateTime<Utc>>,
    /// What was found; only of one that is done and is read by itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    findings: Option<Findings>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct Simulations {
    /// The newest first.
    simulations: Vec<Simulation>,
}

/// An order that would have gone elsewhere, as it was and as it would have been.
#[derive(Debug, Serialize, ToSchema)]
pub struct Moves {
    #[schema(value_type = Vec<Object>)]
    orders: Vec<MoveRow>,
    /// Send it as `after` for the next page; null on the last.
    next: Option<String>,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SimulationInput {
    /// With `version`; both left out, and the draft: what was in force, which gives the decisions that were made.
    ruleset: Option<Uuid>,
    version: Option<i32>,
    /// Rules that are being worked on, as they are now.
    draft: Option<Uuid>,
    /// Orders placed after it.
    from: DateTime<Utc>,
    /// Left out: until now.
    until: Option<DateTime<Utc>>,
}

#[derive(Debug, Deserialize, IntoParams)]
pub struct MovesQuery {
    after: Option<String>,
}

fn simulation(row: SimulationRow, findings: Option<Findings>) -> Simulation {
    Simulation {
        id: row.id.0,
        ruleset: row.ruleset.map(|r| r.0),
        version: row.version,
        name: row.name,
        from: row.from,
        until: row.until,
        state: row.state.to_string(),
        orders: row.orders,
        orders_done: row.orders_done,
        problem: row.problem,
        asked_at: row.asked_at,
        ended_at: row.ended_at,
        findings,
    }
}

fn known(id: &str) -> Result<SimulationId, Refusal> {
    id.parse().map_err(|_| Refusal::not_found("such simulation"))
}

/// The latest simulations.
#[utoipa::path(get, path = "/simulations", security(("token" = [])), responses((status = 200, body = Simulations)))]
pub async fn list(State(state): State<AppState>, Authenticated(act): Authenticated) -> Result<Json<Simulations>, ApiProblem> {
    let rows = simulation::list_simulations(&mut *state.services.pool.acquire().await?, &act, None, None, 100).await?;
    Ok(Json(Simulations { simulations: rows.into_iter().map(|row| simulation(row, None)).collect() }))
}

/// Ask for a past period's orders to be routed again by a version. Live stock is not touched.
#[utoipa::path(post, path = "/simulations", request_body = SimulationInput, security(("token" = [])), params(("Idempotency-Key" = String, Header)),
    responses((status = 202, body = Simulation), (status = 404, body = Problem), (status = 422, body = Problem)))]
pub async fn start(
    State(state): State<AppState>,
    Authenticated(act): Authenticated,
    headers: HeaderMap,
    body: Bytes,
) -> Result<(StatusCode, Json<Simulation>), ApiProblem> {
    let key = key(&act, &headers, "/v1/simulations", &body)?;
    let input: SimulationInput = json(&body)?;
    let source = named(input.draft, input.ruleset, input.version)?;
    let new = SimulationId::new(act.now);
    let id = transact!(state.services.pool, conn => {
        match remember(conn, &key, new.0, act.now).await? {
            Seen::Before(id) => Ok(SimulationId(id)),
            Seen::New => simulation::start_simulation(conn, &act, new, source, input.from, input.until.unwrap_or(act.now)).await.map(|()| new),
        }
    })?;
    state.services.changed.notify_waiters();
    let view = simulation::read_simulation(&mut *state.services.pool.acquire().await?, &act, id).await?;
    Ok((StatusCode::ACCEPTED, Json(simulation(view.row, view.findings))))
}

/// A simulation, how far it is and what it found.
#[utoipa::path(get, path = "/simulations/{simulation}", params(("simulation" = String, Path)), security(("token" = [])),
    responses((status = 200, body = Simulation), (status = 404, body = Problem)))]
pub async fn read(State(state): State<AppState>, Authenticated(act): Authenticated, Path(id): Path<String>) -> Result<Json<Simulation>, ApiProblem> {
    let view = simulation::read_simulation(&mut *state.services.pool.acquire().await?, &act, known(&id)?).await?;
    Ok(Json(simulation(view.row, view.findings)))
}

/// Orders that would have gone elsewhere.
#[utoipa::path(get, path = "/simulations/{simulation}/orders", params(("simulation" = String, Path), MovesQuery), security(("token" = [])),
    responses((status = 200, body = Moves), (status = 404, body = Problem)))]
pub async fn moves(
    State(state): State<AppState>,
    Authenticated(act): Authenticated,
    Path(id): Path<String>,
    Query(query): Query<MovesQuery>,
) -> Result<Json<Moves>, ApiProblem> {
    let mut conn = state.services.pool.acquire().await?;
    let Page { rows, next } = simulation::list_moves(&mut conn, &act, known(&id)?, query.after.as_deref()).await?;
    Ok(Json(Moves { orders: rows, next }))
}

/// Call a simulation off that is not over. It stays, without what it would have found.
#[utoipa::path(post, path = "/simulations/{simulation}/cancel", params(("simulation" = String, Path), ("Idempotency-Key" = String, Header)),
    security(("token" = [])), responses((status = 200, body = Simulation), (status = 404, body = Problem), (status = 409, body = Problem)))]
pub async fn cancel(
    State(state): State<AppState>,
    Authenticated(act): Authenticated,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Json<Simulation>, ApiProblem> {
    let key = key(&act, &headers, &format!("/v1/simulations/{id}/cancel"), &[])?;
    let simulation = known(&id)?;
    transact!(state.services.pool, conn => match remember(conn, &key, simulation.0, act.now).await? {
        Seen::New => simulation::cancel_simulation(conn, &act, simulation).await,
        Seen::Before(_) => Ok(()),
    })?;
    read(State(state), Authenticated(act), Path(id)).await
}

/// Throw a simulation away, with what it found; one that is not over ends.
#[utoipa::path(delete, path = "/simulations/{simulation}", params(("simulation" = String, Path)), security(("token" = [])),
    responses((status = 204), (status = 404, body = Problem)))]
pub async fn delete(State(state): State<AppState>, Authenticated(act): Authenticated, Path(id): Path<String>) -> Result<StatusCode, ApiProblem> {
    let id = known(&id)?;
    transact!(state.services.pool, conn => simulation::delete_simulation(conn, &act, id).await)?;
    Ok(StatusCode::NO_CONTENT)
}
