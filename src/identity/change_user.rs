//! Looking after those who can sign in: what they do, where, whether they still may, and a new password where one was forgotten.

use super::guesses::{check_guesses, note_wrong_guess};
use super::register_user::{check_password, hash_password};
use super::{Act, Permission, Role};
use crate::events::{self, Change, EventDetails, EventKind, NewEvent, StreamKind};
use crate::ids::{LocationId, UserId};
use crate::refusal::{FieldProblem, Refusal, RefusalCode, Result};
use crate::secret::random_token;
use argon2::Argon2;
use argon2::password_hash::PasswordVerifier as _;
use argon2::password_hash::phc::PasswordHash;
use sqlx::PgConnection;

/// What is to be known of somebody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserChange {
    pub name: String,
    pub role: Role,
    /// Where store and warehouse staff work.
    pub location: Option<LocationId>,
    /// May no longer sign in.
    pub disabled: bool,
}

/// How long a password is that we choose.
const CHOSEN: usize = 16;

/// A password to be told once.
pub fn new_password() -> String {
    random_token().chars().take(CHOSEN).collect()
}

/// Changes somebody's name, role or location, or whether they may sign in. Whoever may do less from now on is signed out. The last admin stays one.
pub async fn change_user(conn: &mut PgConnection, act: &Act, email: &str, change: &UserChange) -> Result<()> {
    act.require(Permission::ManageUsers)?;
    // Two admins who unmake each other do so one after the other.
    sqlx::query!("select from users where role = 'admin' order by user_id for update").fetch_all(&mut *conn).await?;
    let before = sqlx::query!(
        r#"select u.user_id as "id: UserId", u.name, u.role as "role: Role", u.location_id as "location: LocationId", l.code as "place?",
            u.disabled_at is not null as "disabled!",
            not exists (select from users o where o.role = 'admin' and o.disabled_at is null and o.user_id <> u.user_id) as "alone!"
        from users u
        left join locations l using (location_id)
        where u.email = $1
        for update of u"#,
        email.trim().to_lowercase()
    )
    .fetch_optional(&mut *conn)
    .await?
    .ok_or_else(|| Refusal::not_found(format_args!("user {email}")))?;
    let mut problems = Vec::new();
    let mut wrong = |field: &str, message: &str| problems.push(FieldProblem { field: field.to_owned(), message: message.to_owned() });
    if change.name.trim().is_empty() {
        wrong("/name", "Write the person's name.");
    }
    if change.role.works_somewhere() && change.location.is_none() {
        wrong("/location", "Choose the location where this person works.");
    }
    let stays_admin = change.role == Role::Admin && !change.disabled;
    if before.role == Role::Admin && !before.disabled && before.alone && !stays_admin {
        wrong("/role", "This is the only admin. Make somebody else one first.");
    }
    if !problems.is_empty() {
        return Err(Refusal::invalid(problems).into());
    }
    let location = change.location.filter(|_| change.role.works_somewhere());
    let place = match location {
        None => None,
        Some(id) => sqlx::query_scalar!("select code from locations where location_id = $1", id.0).fetch_optional(&mut *conn).await?,
    };
    sqlx::query!(
        "update users set name = $2, role = $3, location_id = $4, disabled_at = case when $5 then coalesce(disabled_at, $6) end where user_id = $1",
        before.id.0,
        change.name.trim(),
        change.role.as_str(),
        location.map(|l| l.0),
        change.disabled,
        act.now
    )
    .execute(&mut *conn)
    .await?;
    let words = |disabled: bool| if disabled { "may not" } else { "may" }.to_owned();
    let changes: Vec<Change> = [
        ("Role", before.role.label().to_owned(), change.role.label().to_owned()),
        ("Location", before.place.unwrap_or_default(), place.unwrap_or_default()),
        ("Sign in", words(before.disabled), words(change.disabled)),
    ]
    .into_iter()
    .filter(|c| c.1 != c.2)
    .map(|(field, before, after)| Change { field: field.to_owned(), before, after })
    .collect();
    if changes.is_empty() && before.name == change.name.trim() {
        return Ok(());
    }
    if !changes.is_empty() {
        sign_out_all(conn, before.id).await?;
    }
    let details = EventDetails { changes, ..EventDetails::default() };
    events::append(conn, act, StreamKind::User, before.id.0, vec![NewEvent { kind: EventKind::UserChanged, details }]).await
}

/// Gives somebody a new password, which is returned, the only time it is seen. Every session of theirs ends.
pub async fn reset_password(conn: &mut PgConnection, act: &Act, email: &str) -> Result<String> {
    act.require(Permission::ManageUsers)?;
    let id = sqlx::query_scalar!(r#"select user_id as "id: UserId" from users where email = $1 for update"#, email.trim().to_lowercase())
        .fetch_optional(&mut *conn)
        .await?
        .ok_or_else(|| Refusal::not_found(format_args!("user {email}")))?;
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

async fn sign_out_all(conn: &mut PgConnection, id: UserId) -> Result<()> {
    sqlx::query!("delete from sessions where user_id = $1", id.0).execute(conn).await?;
    Ok(())
}
