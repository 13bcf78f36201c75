//! Signing in and out. Sessions live on the server; the browser holds a random token whose hash we keep.

use super::guesses::{check_guesses, forget_old_guesses, note_wrong_guess};
use super::{Act, Actor, CurrentUser, Role};
use crate::events::{self, EventKind, StreamKind};
use crate::ids::{LocationId, UserId};
use crate::refusal::{Refusal, RefusalCode, Result};
use crate::secret::{random_token, sha256};
use argon2::Argon2;
use argon2::password_hash::PasswordVerifier as _;
use argon2::password_hash::phc::PasswordHash;
use chrono::{DateTime, TimeDelta, Utc};
use sqlx::PgConnection;

/// A session ends after this long whatever happens.
const LONGEST_SESSION: TimeDelta = TimeDelta::days(14);
/// A session that is not used for this long ends.
const IDLE: TimeDelta = TimeDelta::hours(12);

fn wrong() -> Refusal {
    Refusal::field("/password", "The e-mail address or the password is wrong.")
}

/// Checks the password and opens a session. Returns its token, the only time it is seen.
///
/// A wrong password leaves a row behind that must be kept: the caller commits on a refusal, too.
pub async fn sign_in(conn: &mut PgConnection, now: DateTime<Utc>, email: &str, password: &str) -> Result<Result<String, Refusal>> {
    let email = email.trim().to_lowercase();
    if let Err(refusal) = check_guesses(conn, now, &email).await? {
        return Ok(Err(refusal));
    }
    let user = sqlx::query!(
        r#"select u.user_id as "id: UserId", r.role as "role: Role", u.password_hash
        from users u
        join user_roles r on r.user_id = u.user_id and r.valid @> $2::timestamptz and r.may_sign_in
        where u.email = $1"#,
        email,
        now
    )
    .fetch_optional(&mut *conn)
    .await?;
    let (user, hash) = match user {
        Some(user) => (Some((user.id, user.role)), user.password_hash),
        None => (None, DUMMY_HASH.to_owned()),
    };
    let (password, known) = (password.to_owned(), hash.clone());
    let matches = tokio::task::spawn_blocking(move || {
        PasswordHash::new(&hash).is_ok_and(|parsed| Argon2::default().verify_password(password.as_bytes(), &parsed).is_ok())
    })
    .await
    .unwrap_or(false);
    let Some((id, role)) = user.filter(|_| matches) else {
        note_wrong_guess(conn, now, &email).await?;
        return Ok(Err(wrong()));
    };
    // A password that was changed, or somebody who was sent away, while the old one was looked at opens nothing.
    let unchanged = sqlx::query_scalar!(
        r#"select u.password_hash = $2 as "same!"
            from users u
            where u.user_id = $1 and exists (select from user_roles r where r.user_id = u.user_id and r.valid @> $3::timestamptz and r.may_sign_in)
            for update"#,
        id.0,
        known,
        now
    )
    .fetch_optional(&mut *conn)
    .await?;
    if unchanged != Some(true) {
        return Ok(Err(wrong()));
    }
    let token = random_token();
    sqlx::query!(
        "insert into sessions (token_hash, user_id, created_at, last_seen_at, expires_at) values ($1, $2, $3, $3, $4)",
        sha256(token.as_bytes()),
        id.0,
        now,
        now + LONGEST_SESSION
    )
    .execute(&mut *conn)
    .await?;
    sqlx::query!("delete from sign_in_failures where subject = $1", email).execute(&mut *conn).await?;
    let act = Act::new(Actor::User { id, role, location: None }, now);
    events::append(conn, &act, StreamKind::User, id.0, vec![EventKind::SignedIn.into()]).await?;
    Ok(Ok(token))
}

/// So that an unknown e-mail address takes as long as a wrong password.
const DUMMY_HASH: &str = "$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$1nVTbFJTRmS4aSPNf0uxeEtbIx2xm4y7PzA1W+1m1Yg";

/// The user behind a session token, while the session lasts.
pub async fn current_user(conn: &mut PgConnection, now: DateTime<Utc>, token: &str) -> Result<Option<CurrentUser>> {
    let hash = sha256(token.as_bytes());
    let found = sqlx::query!(
        r#"select u.user_id as "user_id: UserId", u.name, u.email, r.role as "role: Role", r.location_id as "location: LocationId",
            l.name as "location_name?", s.last_seen_at
        from sessions s
        join users u using (user_id)
        join user_roles r on r.user_id = u.user_id and r.valid @> $2::timestamptz and r.may_sign_in
        left join location_versions l on l.location_id = r.location_id and l.valid @> $2::timestamptz
        where s.token_hash = $1 and s.expires_at > $2 and s.last_seen_at > $3"#,
        hash,
        now,
        now - IDLE
    )
    .fetch_optional(&mut *conn)
    .await?;
    let Some(user) = found else { return Ok(None) };
    // Written at most once a minute: reading a page should not be a write.
    if user.last_seen_at < now - TimeDelta::minutes(1) {
        sqlx::query!("update sessions set last_seen_at = $2 where token_hash = $1", hash, now).execute(conn).await?;
    }
    Ok(Some(CurrentUser {
        user_id: user.user_id,
        name: user.name,
        email: user.email,
        role: user.role,
        location: user.location,
        location_name: user.location_name,
    }))
}

/// Ends one session.
pub async fn sign_out(conn: &mut PgConnection, token: &str) -> Result<()> {
    sqlx::query!("delete from sessions where token_hash = $1", sha256(token.as_bytes())).execute(conn).await?;
    Ok(())
}

/// Drops sessions that have ended and wrong tries that no longer count.
pub async fn forget_old_sessions(conn: &mut PgConnection, now: DateTime<Utc>) -> Result<()> {
    sqlx::query!("delete from sessions where expires_at <= $1 or last_seen_at <= $2", now, now - IDLE).execute(&mut *conn).await?;
    forget_old_guesses(conn, now).await
}

/// Ends every session of the user who asks.
pub async fn sign_out_everywhere(conn: &mut PgConnection, act: &Act) -> Result<()> {
    let Actor::User { id, .. } = act.actor else {
        return Err(Refusal::new(RefusalCode::Unauthenticated, "Sign in first.").into());
    };
    sqlx::query!("delete from sessions where user_id = $1", id.0).execute(&mut *conn).await?;
    events::append(conn, act, StreamKind::User, id.0, vec![EventKind::SignedOutEverywhere.into()]).await
}
