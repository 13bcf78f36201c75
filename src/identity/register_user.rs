//! Adds a person who can sign in.

use super::{Act, Permission, Role};
use crate::events::{self, EventDetails, EventKind, NewEvent, StreamKind};
use crate::ids::{LocationId, UserId};
use crate::refusal::{FieldProblem, Refusal, Result};
use argon2::Argon2;
use argon2::password_hash::PasswordHasher as _;
use sqlx::PgConnection;

/// Who is to be added.
#[derive(Clone, Debug)]
pub struct NewUser {
    pub email: String,
    pub name: String,
    pub role: Role,
    /// Where store and warehouse staff work.
    pub location: Option<LocationId>,
    pub password: String,
}

/// NIST SP 800-63B: length is what counts.
const SHORTEST_PASSWORD: usize = 10;

/// Registers a user, or refuses with a problem for each field.
pub async fn register_user(conn: &mut PgConnection, act: &Act, new: NewUser) -> Result<UserId> {
    act.require(Permission::ManageUsers)?;
    let email = new.email.trim().to_lowercase();
    let mut problems = Vec::new();
    let mut problem = |field: &str, message: &str| problems.push(FieldProblem { field: field.to_owned(), message: message.to_owned() });
    if !email.contains('@') {
        problem("/email", "Enter an e-mail address, such as name@example.com.");
    }
    if let Err(refusal) = check_password("/password", &new.password) {
        problem("/password", &refusal.message);
    }
    if new.name.trim().is_empty() {
        problem("/name", "Write the person's name.");
    }
    if new.role.works_somewhere() && new.location.is_none() {
        problem("/location", "Choose the location where this person works.");
    }
    if !problems.is_empty() {
        return Err(Refusal::invalid(problems).into());
    }
    let hash = hash_password(new.password).await?;
    let id = UserId::new(act.now);
    let added = sqlx::query!(
        "insert into users (user_id, email, name, password_hash, created_at) values ($1, $2, $3, $4, $5) on conflict (email) do nothing",
        id.0,
        email,
        new.name.trim(),
        hash,
        act.now
    )
    .execute(&mut *conn)
    .await?;
    if added.rows_affected() == 0 {
        return Err(Refusal::field("/email", "Somebody with this e-mail address is registered already.").into());
    }
    sqlx::query!(
        "insert into user_roles (user_id, valid, role, location_id, may_sign_in) values ($1, tstzrange($2, null), $3, $4, true)",
        id.0,
        act.now,
        new.role.as_str(),
        new.location.map(|l| l.0)
    )
    .execute(&mut *conn)
    .await?;
    let details = EventDetails { reason: Some(new.role.label().to_owned()), ..EventDetails::default() };
    events::append(conn, act, StreamKind::User, id.0, vec![NewEvent { kind: EventKind::UserRegistered, details }]).await?;
    Ok(id)
}

/// Refuses a password that is too short.
pub(super) fn check_password(field: &str, password: &str) -> Result<(), Refusal> {
    if password.chars().count() < SHORTEST_PASSWORD { Err(Refusal::field(field, "Choose a password of at least 10 characters.")) } else { Ok(()) }
}

/// Hashing is meant to be slow: not on the thread that serves others.
pub(super) async fn hash_password(password: String) -> Result<String> {
    tokio::task::spawn_blocking(move || Argon2::default().hash_password(password.as_bytes()).map(|h| h.to_string()))
        .await
        .ok()
        .and_then(|hashed| hashed.ok())
        .ok_or_else(|| Refusal::field("/password", "This password cannot be used: choose another.").into())
}
