//! API tokens: a random secret shown once, of which we keep the hash, with the permissions it carries.

use super::{Act, Actor, Permission, Role};
use crate::ids::{ApiTokenId, LocationId, UserId};
use crate::refusal::{Refusal, RefusalCode, Result};
use crate::secret::{random_token, sha256};
use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use uuid::Uuid;

/// Makes a token. The text returned is the only copy.
pub async fn issue_token(conn: &mut PgConnection, act: &Act, name: &str, permissions: &[Permission]) -> Result<String> {
    act.require(Permission::ManageTokens)?;
    if permissions.is_empty() {
        return Err(Refusal::field("/permissions", "Name at least one permission.").into());
    }
    let token = format!("wb_{}", random_token());
    let names: Vec<String> = permissions.iter().map(Permission::to_string).collect();
    sqlx::query!(
        "insert into api_tokens (token_id, name, token_hash, permissions, created_at) values ($1, $2, $3, $4, $5)",
        ApiTokenId::new(act.now).0,
        name,
        sha256(token.as_bytes()),
        &names,
        act.now
    )
    .execute(conn)
    .await?;
    Ok(token)
}

/// Who a bearer token stands for.
pub async fn authenticate_token(conn: &mut PgConnection, token: &str) -> Result<Actor> {
    let found = sqlx::query!(
        r#"select token_id as "id: ApiTokenId", permissions from api_tokens where token_hash = $1 and revoked_at is null"#,
        sha256(token.as_bytes())
    )
    .fetch_optional(conn)
    .await?
    .ok_or_else(|| Refusal::new(RefusalCode::Unauthenticated, "This API token is unknown or has been revoked."))?;
    Ok(token_actor(found.id, &found.permissions))
}

/// Whoever acted before, as they are now: for work that is done later in their name. Nobody in particular where they may no longer sign in or call.
pub async fn actor_of(conn: &mut PgConnection, at: DateTime<Utc>, kind: &str, id: Uuid) -> Result<Actor> {
    let actor = if kind == "user" {
        let user = sqlx::query!(
            r#"select user_id as "id: UserId", role as "role: Role", location_id as "location: LocationId"
            from user_roles
            where user_id = $1 and valid @> $2::timestamptz and may_sign_in"#,
            id,
            at
        );
        user.fetch_optional(conn).await?.map(|u| Actor::User { id: u.id, role: u.role, location: u.location })
    } else {
        let token =
            sqlx::query!(r#"select token_id as "id: ApiTokenId", permissions from api_tokens where token_id = $1 and revoked_at is null"#, id);
        token.fetch_optional(conn).await?.map(|t| token_actor(t.id, &t.permissions))
    };
    Ok(actor.unwrap_or(Actor::Visitor))
}

fn token_actor(id: ApiTokenId, permissions: &[String]) -> Actor {
    Actor::Token { id, permissions: permissions.iter().filter_map(|p| p.parse().ok()).collect() }
}
