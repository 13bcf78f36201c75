use super::changes::ChangeResult;
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
    /// When it begins; left out, now.
    from: Option<DateTime<Utc>>,
}

impl UserChangeInput {
    async fn change(&self, conn: &mut sqlx::PgConnection) -> waybill::refusal::Result<UserChange> {
        let location = place(conn, self.location.as_ref()).await?;
        Ok(UserChange { name: self.name.clone(), role: read_role(&self.role)?, location, disabled: self.disabled })
    }
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

/// Change somebody's role or location, or whether they may sign in, from now or a later moment on, and their name at once. Whose change begins now is
/// signed out.
#[utoipa::path(put, path = "/users/{email}", request_body = UserChangeInput, params(("email" = String, Path)), security(("token" = [])),
    responses((status = 200, body = ChangeResult), (status = 404, body = Problem), (status = 422, body = Problem)))]
pub async fn change(
    State(state): State<AppState>,
    Authenticated(act): Authenticated,
    Path(email): Path<String>,
    body: Bytes,
) -> Result<Json<ChangeResult>, ApiProblem> {
    let input: UserChangeInput = json(&body)?;
    let preview = transact!(state.services.pool, conn => {
        let change = input.change(conn).await?;
        let preview = identity::preview_user_change(conn, &act, &email, &change, input.from).await?;
        identity::change_user(conn, &act, &email, &change, input.from).await?;
        Ok(preview)
    })?;
    Ok(Json(preview.into()))
}

/// What a change of somebody would do, without doing it.
#[utoipa::path(post, path = "/users/{email}/preview", request_body = UserChangeInput, security(("token" = [])),
    params(("email" = String, Path), ("Idempotency-Key" = Option<String>, Header)),
    responses((status = 200, body = ChangeResult), (status = 404, body = Problem), (status = 422, body = Problem)))]
pub async fn preview(
    State(state): State<AppState>,
    Authenticated(act): Authenticated,
    Path(email): Path<String>,
    body: Bytes,
) -> Result<Json<ChangeResult>, ApiProblem> {
    let input: UserChangeInput = json(&body)?;
    let mut conn = state.services.pool.acquire().await?;
    let change = input.change(&mut conn).await?;
    Ok(Json(identity::preview_user_change(&mut conn, &act, &email, &change, input.from).await?.into()))
}

/// Take the last change of somebody back: one that is still to come never happens.
#[utoipa::path(post, path = "/users/{email}/undo", security(("token" = [])),
    params(("email" = String, Path), ("Idempotency-Key" = String, Header)),
    responses((status = 204), (status = 404, body = Problem), (status = 409, body = Problem)))]
pub async fn undo(
    State(state): State<AppState>,
    Authenticated(act): Authenticated,
    Path(email): Path<String>,
    headers: HeaderMap,
) -> Result<StatusCode, ApiProblem> {
    let key = key(&act, &headers, &format!("/v1/users/{email}/undo"), &[])?;
    transact!(state.services.pool, conn => {
        if let Seen::New = remember(conn, &key, Uuid::nil(), act.now).await? {
            identity::undo_user_change(conn, &act, &email).await?;
        }
        Ok(())
    })?;
    Ok(StatusCode::NO_CONTENT)
}
