//! Passwords: chosen anew by whoever has one, or made anew for whoever has forgotten theirs.

use super::change_user::{find_user, sign_out_all};
use super::guesses::{check_guesses, note_wrong_guess};
use super::register_user::{check_password, hash_password};
use super::{Act, Permission};
use crate::events::{self, EventKind, StreamKind};
use crate::ids::UserId;
use crate::refusal::{Refusal, RefusalCode, Result};
use crate::secret::random_token;
use argon2::Argon2;
use argon2::password_hash::PasswordVerifier as _;
use argon2::password_hash::phc::PasswordHash;
use sqlx::PgConnection;

/// How long a password is that we choose.
const CHOSEN: usize = 16;

/// A password to be told once.
pub fn new_password() -> String {
    random_token().chars().take(CHOSEN).collect()
}

/// Gives somebody a new password, which is returned, the only time it is seen. Every session of theirs ends.
pub async fn reset_password(conn: &mut PgConnection, act: &Act, email: &str) -> Result<String> {
    act.require(Permission::ManageUsers)?;
    let id = find_user(conn, email).await?;
    let password = new_password();
    set_password(conn, act, id, password.clone()).await?;
    Ok(password)
}

/// Whoever is signed in chooses another password. Their other sessions end with this one: they sign in anew. A wrong guess leaves a row behind that must
/// be kept: the caller commits on a refusal, too.
pub async fn change_password(conn: &mut PgConnection, act: &Act, old: &str, new: &str) -> Result<Result<(), Refusal>> {
    let super::Actor::User { id, .. } = act.actor else {
        return Err(Refusal::new(RefusalCode::Unauthenticated, "Sign in first.").into());
    };
    let subject = format!("password:{id}");
    if let Err(refusal) = check_guesses(conn, act.now, &subject).await? {
        return Ok(Err(refusal));
    }
    let hash = sqlx::query_scalar!("select password_hash from users where user_id = $1 for update", id.0).fetch_one(&mut *conn).await?;
    check_password("/new", new)?;
    let old = old.to_owned();
    let matches = tokio::task::spawn_blocking(move || {
        PasswordHash::new(&hash).is_ok_and(|parsed| Argon2::default().verify_password(old.as_bytes(), &parsed).is_ok())
    })
    .await
    .unwrap_or(false);
    if !matches {
        note_wrong_guess(conn, act.now, &subject).await?;
        return Ok(Err(Refusal::field("/old", "This is not your password.")));
    }
    set_password(conn, act, id, new.to_owned()).await.map(Ok)
}

async fn set_password(conn: &mut PgConnection, act: &Act, id: UserId, password: String) -> Result<()> {
    let hash = hash_password(password).await?;
    sqlx::query!("update users set password_hash = $2 where user_id = $1", id.0, hash).execute(&mut *conn).await?;
    sign_out_all(conn, id).await?;
    events::append(conn, act, StreamKind::User, id.0, vec![EventKind::PasswordSet.into()]).await
}
