//! Reading who works here.

use super::change_user::{duty_at, find_user, newest_begin};
use super::views::{UserDetail, UserRow};
use super::{Act, Permission, Role};
use crate::events::{self, EventKind};
use crate::refusal::{Refusal, Result};
use sqlx::PgConnection;

/// Everybody who can, or could, sign in: by name, those who no longer may at the end.
pub async fn list_users(conn: &mut PgConnection, act: &Act) -> Result<Vec<UserRow>> {
    act.require(Permission::ManageUsers)?;
    users(conn, act, None).await
}

/// Everybody, or the one of an e-mail address.
async fn users(conn: &mut PgConnection, act: &Act, email: Option<&str>) -> Result<Vec<UserRow>> {
    let rows = sqlx::query!(
        r#"select u.email, u.name, r.role as "role: Role", l.code as "code?", v.name as "place?", not r.may_sign_in as "disabled!",
            (select max(s.last_seen_at) from sessions s where s.user_id = u.user_id) as last_seen
        from users u
        join user_roles r on r.user_id = u.user_id and r.valid @> $1::timestamptz
        left join locations l on l.location_id = r.location_id
        left join location_versions v on v.location_id = r.location_id and v.valid @> $1::timestamptz
        where $2::text is null or u.email = $2
        order by not r.may_sign_in, u.name, u.email"#,
        act.now,
        email
    )
    .fetch_all(conn)
    .await?;
    Ok(rows
        .into_iter()
        .map(|r| UserRow { email: r.email, name: r.name, role: r.role, location: r.code.zip(r.place), disabled: r.disabled, last_seen: r.last_seen })
        .collect())
}

/// The history of somebody shows its newest so many lines.
const HISTORY: i64 = 30;

/// One of them, with what is to come and what was changed.
pub async fn user_detail(conn: &mut PgConnection, act: &Act, email: &str) -> Result<UserDetail> {
    act.require(Permission::ManageUsers)?;
    let email = email.trim().to_lowercase();
    let id = find_user(conn, &email).await?;
    let user = users(conn, act, Some(&email)).await?.pop().ok_or_else(|| Refusal::not_found(format_args!("user {email}")))?;
    let begun = newest_begin(conn, id).await?;
    let scheduled = match begun.as_slice() {
        [since, before, ..] if *since > act.now => {
            let (earlier, then) = (duty_at(conn, id, *before).await?, duty_at(conn, id, *since).await?);
            Some((*since, earlier.changes_to(&then)))
        }
        _ => None,
    };
    let history = events::tell(conn, id.0, HISTORY).await?;
    let newest = history.iter().find(|e| matches!(e.kind, EventKind::UserChanged | EventKind::UserChangeUndone));
    let can_undo = begun.len() > 1 && newest.is_none_or(|e| e.kind != EventKind::UserChangeUndone);
    Ok(UserDetail { user, scheduled, can_undo, history })
}
