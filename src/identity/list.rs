//! Reading who works here.

use super::views::UserRow;
use super::{Act, Permission, Role};
use crate::refusal::Result;
use sqlx::PgConnection;

/// Everybody who can, or could, sign in: by name, those who no longer may at the end.
pub async fn list_users(conn: &mut PgConnection, act: &Act) -> Result<Vec<UserRow>> {
    act.require(Permission::ManageUsers)?;
    let rows = sqlx::query!(
        r#"select u.email, u.name, u.role as "role: Role", l.code as "code?", v.name as "place?", u.disabled_at is not null as "disabled!",
            (select max(s.last_seen_at) from sessions s where s.user_id = u.user_id) as last_seen
        from users u
        left join locations l using (location_id)
        left join location_versions v on v.location_id = u.location_id and v.valid @> $1::timestamptz
        order by u.disabled_at is not null, u.name, u.email"#,
        act.now
    )
    .fetch_all(conn)
    .await?;
    Ok(rows
        .into_iter()
        .map(|r| UserRow { email: r.email, name: r.name, role: r.role, location: r.code.zip(r.place), disabled: r.disabled, last_seen: r.last_seen })
        .collect())
}
