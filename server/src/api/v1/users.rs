use super::{json, key};
use crate::api::auth::Authenticated;
use crate::api::extract::Path;
use crate::api::problem::{ApiProblem, Problem};
use crate::router::AppState;
use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;
use waybill::idempotency::{Seen, remember};
use waybill::identity::{self, NewUser, Role, UserChange};
use waybill::ids::LocationId;
use waybill::inventory::location_by_code;
use waybill::refusal::{Refusal, UnknownName};
use waybill::transact;

/// Somebody who can, or could, sign in.
#[derive(Debug, Serialize, ToSchema)]
pub struct User {
    email: String,
    name: String,
    /// `customer_service`, `store`, `warehouse`, `planner`, `admin`, `finance` or `executive`.
    role: String,
    /// Code of the location where store and warehouse staff work.
    location: Option<String>,
    disabled: bool,
    last_seen: Option<DateTime<Utc>>,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UserInput {
    email: String,
    name: String,
    role: String,
    location: Option<String>,
    /// At least 10 characters.
    password: String,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UserChangeInput {
    name: String,
    role: String,
    location: Option<String>,
    #[serde(default)]
    disabled: bool,
}

fn read_role(text: &str) -> Result<Role, Refusal> {
    text.parse().map_err(|e: UnknownName| Refusal::field("/role", e.to_string()))
}

async fn place(conn: &mut sqlx::PgConnection, code: Option<&String>) -> waybill::refusal::Result<Option<LocationId>> {
    match code {
        None => Ok(None),
        Some(code) => Ok(Some(location_by_code(conn, code).await?)),
    }
}

/// Everybody who can, or could, sign in.
#[utoipa::path(get, path = "/users", security(("token" = [])), responses((status = 200, body = Vec<User>)))]
pub async fn list(State(state): State<AppState>, Authenticated(act): Authenticated) -> Result<Json<Vec<User>>, ApiProblem> {
    let users = identity::list_users(&mut *state.services.pool.acquire().await?, &act).await?;
    let user = |u: identity::views::UserRow| User {
        email: u.email,
        name: u.name,
        role: u.role.to_string(),
        location: u.location.map(|l| l.0),
        disabled: u.disabled,
        last_seen: u.last_seen,
    };
    Ok(Json(users.into_iter().map(user).collect()))
}

/// Add somebody who can sign in.
#[utoipa::path(post, path = "/users", request_body = UserInput, params(("Idempotency-Key" = String, Header)), security(("token" = [])),
    responses((status = 204), (status = 422, body = Problem)))]
pub async fn add(
    State(state): State<AppState>,
    Authenticated(act): Authenticated,
    headers: HeaderMap,
    body: Bytes,
) -> Result<StatusCode, ApiProblem> {
    let key = key(&act, &headers, "/v1/users", &body)?;
    let input: UserInput = json(&body)?;
    let role = read_role(&input.role)?;
    transact!(state.services.pool, conn => {
        if let Seen::New = remember(conn, &key, Uuid::nil(), act.now).await? {
            let location = place(conn, input.location.as_ref()).await?;
            let new = NewUser { email: input.email.clone(), name: input.name.clone(), role, location, password: input.password.clone() };
            identity::register_user(conn, &act, new).await?;
        }
        Ok(())
    })?;
    Ok(StatusCode::NO_CONTENT)
}

/// Change somebody's name, role or location, or whether they may sign in. Whoever gets another role or location is signed out.
#[utoipa::path(put, path = "/users/{email}", request_body = UserChangeInput, params(("email" = String, Path)), security(("token" = [])),
    responses((status = 204), (status = 404, body = Problem), (status = 422, body = Problem)))]
pub async fn change(
    State(state): State<AppState>,
    Authenticated(act): Authenticated,
    Path(email): Path<String>,
    body: Bytes,
) -> Result<StatusCode, ApiProblem> {
    let input: UserChangeInput = json(&body)?;
    let role = read_role(&input.role)?;
    transact!(state.services.pool, conn => {
        let location = place(conn, input.location.as_ref()).await?;
        let change = UserChange { name: input.name.clone(), role, location, disabled: input.disabled };
        identity::change_user(conn, &act, &email, &change).await
    })?;
    Ok(StatusCode::NO_CONTENT)
}
