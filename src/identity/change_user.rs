//! Changing what somebody does, where, and whether they may sign in, from a moment on; looking at a change before it is made, and taking it back.

use super::{Act, Permission, Role};
use crate::clock::moment_words;
use crate::events::{self, Change, ChangePreview, EventDetails, EventKind, NewEvent, StreamKind};
use crate::ids::{LocationId, UserId};
use crate::refusal::{FieldProblem, Refusal, RefusalCode, Result};
use chrono::{DateTime, Utc};
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

/// What somebody does at a moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Duty {
    role: Role,
    location: Option<LocationId>,
    /// Code of the location.
    place: String,
    may_sign_in: bool,
}

impl Duty {
    fn is_admin(&self) -> bool {
        self.role == Role::Admin && self.may_sign_in
    }

    pub(super) fn changes_to(&self, after: &Self) -> Vec<Change> {
        let words = |may: bool| if may { "may" } else { "may not" }.to_owned();
        [
            ("Role", self.role.label().to_owned(), after.role.label().to_owned()),
            ("Location", self.place.clone(), after.place.clone()),
            ("Sign in", words(self.may_sign_in), words(after.may_sign_in)),
        ]
        .into_iter()
        .filter(|c| c.1 != c.2)
        .map(|(field, before, after)| Change { field: field.to_owned(), before, after })
        .collect()
    }
}

/// What a change would do, without doing it. `from` is when it begins; left out, now.
pub async fn preview_user_change(
    conn: &mut PgConnection,
    act: &Act,
    email: &str,
    change: &UserChange,
    from: Option<DateTime<Utc>>,
) -> Result<ChangePreview> {
    act.require(Permission::ManageUsers)?;
    let id = find_user(conn, email).await?;
    let at_once = from.is_none();
    let from = begin(conn, act, id, from).await?;
    let before = duty_at(conn, id, from).await?;
    let after = check(conn, change).await?;
    let sessions = sqlx::query_scalar!(r#"select count(*) as "count!" from sessions where user_id = $1 and expires_at > $2"#, id.0, act.now)
        .fetch_one(&mut *conn)
        .await?;
    let mut consequences = Vec::new();
    let may = |duty: &Duty, permission: Permission| duty.may_sign_in && duty.role.may(permission);
    let named = |gained: bool| {
        let all = Permission::ALL.iter().filter(|p| may(&before, **p) != gained && may(&after, **p) == gained);
        all.map(|p| in_a_sentence(p.label())).collect::<Vec<_>>().join(", ")
    };
    for (words, permissions) in [("They may then", named(true)), ("They may no longer", named(false))] {
        if !permissions.is_empty() {
            consequences.push(format!("{words}: {permissions}."));
        }
    }
    if sessions > 0 && at_once && before != after {
        consequences.push("They are signed in now, and are signed out.".to_owned());
    }
    if let Some(next) = next_change(conn, id, from).await? {
        let words = moment_words(next);
        consequences.push(format!("Another change is planned from {words} on: then everything is as that one says, and this one ends."));
    }
    Ok(ChangePreview { from, changes: before.changes_to(&after), consequences })
}

/// Changes somebody's role or location, or whether they may sign in, from a moment on, and their name at once. Whose change begins now is signed out;
/// whose begins later has the new role with the next thing that they do. There is an admin at every moment.
pub async fn change_user(conn: &mut PgConnection, act: &Act, email: &str, change: &UserChange, from: Option<DateTime<Utc>>) -> Result<()> {
    act.require(Permission::ManageUsers)?;
    let id = lock_user(conn, act, email).await?;
    let at_once = from.is_none();
    let from = begin(conn, act, id, from).await?;
    let after = check(conn, change).await?;
    let before = duty_at(conn, id, from).await?;
    let renamed = sqlx::query!("update users set name = $2 where user_id = $1 and name <> $2", id.0, change.name.trim()).execute(&mut *conn).await?;
    let changes = before.changes_to(&after);
    if changes.is_empty() && renamed.rows_affected() == 0 {
        return Ok(());
    }
    if !changes.is_empty() {
        let until = next_change(conn, id, from).await?;
        end_duty(conn, id, from).await?;
        write_duty(conn, id, &after, from, until).await?;
        if before.is_admin() && !after.is_admin() {
            require_admin(conn, act).await?;
        }
        if at_once {
            sign_out_all(conn, id).await?;
        }
    }
    record(conn, act, id, EventKind::UserChanged, from, changes).await
}

/// Takes the change back that begins last: one that is still to come never happens; else the one in force ends now, and what was before it comes
/// again.
pub async fn undo_user_change(conn: &mut PgConnection, act: &Act, email: &str) -> Result<()> {
    act.require(Permission::ManageUsers)?;
    let id = lock_user(conn, act, email).await?;
    let begun = newest_begin(conn, id).await?;
    let [since, before, ..] = begun.as_slice() else {
        return Err(Refusal::new(RefusalCode::IllegalTransition, "There is no change to undo: it is as it was when they were added.").into());
    };
    let (changed, earlier) = (duty_at(conn, id, *since).await?, duty_at(conn, id, *before).await?);
    if *since > act.now {
        sqlx::query!("delete from user_roles where user_id = $1 and lower(valid) = $2", id.0, since).execute(&mut *conn).await?;
        sqlx::query!("update user_roles set valid = tstzrange(lower(valid), null) where user_id = $1 and upper(valid) = $2", id.0, since)
            .execute(&mut *conn)
            .await?;
    } else {
        end_duty(conn, id, act.now).await?;
        write_duty(conn, id, &earlier, act.now, None).await?;
        sign_out_all(conn, id).await?;
    }
    if changed.is_admin() && !earlier.is_admin() {
        require_admin(conn, act).await?;
    }
    record(conn, act, id, EventKind::UserChangeUndone, act.now, changed.changes_to(&earlier)).await
}

/// A label within a sentence: `Give out API tokens` is `give out API tokens`.
fn in_a_sentence(label: &str) -> String {
    let mut letters = label.chars();
    letters.next().map(|first| first.to_lowercase().chain(letters).collect()).unwrap_or_default()
}

/// When a change begins: not before they were added, whatever the clock of the node says that added them.
async fn begin(conn: &mut PgConnection, act: &Act, id: UserId, from: Option<DateTime<Utc>>) -> Result<DateTime<Utc>> {
    let from = act.begin("/from", from)?;
    let added = sqlx::query_scalar!("select min(lower(valid)) from user_roles where user_id = $1", id.0).fetch_one(conn).await?;
    Ok(added.map_or(from, |added| added.max(from)))
}

/// Everything that is wrong with a change, or what somebody then does.
async fn check(conn: &mut PgConnection, change: &UserChange) -> Result<Duty> {
    let mut problems = Vec::new();
    let mut wrong = |field: &str, message: &str| problems.push(FieldProblem { field: field.to_owned(), message: message.to_owned() });
    if change.name.trim().is_empty() {
        wrong("/name", "Write the person's name.");
    }
    if change.role.works_somewhere() && change.location.is_none() {
        wrong("/location", "Choose the location where this person works.");
    }
    if !problems.is_empty() {
        return Err(Refusal::invalid(problems).into());
    }
    let location = change.location.filter(|_| change.role.works_somewhere());
    let place = match location {
        None => None,
        Some(id) => sqlx::query_scalar!("select code from locations where location_id = $1", id.0).fetch_optional(conn).await?,
    };
    Ok(Duty { role: change.role, location, place: place.unwrap_or_default(), may_sign_in: !change.disabled })
}

/// What somebody does at a moment.
pub(super) async fn duty_at(conn: &mut PgConnection, id: UserId, at: DateTime<Utc>) -> Result<Duty> {
    Ok(sqlx::query_as!(
        Duty,
        r#"select r.role as "role: Role", r.location_id as "location: LocationId", coalesce(l.code, '') as "place!", r.may_sign_in
        from user_roles r
        left join locations l using (location_id)
        where r.user_id = $1 and r.valid @> $2::timestamptz"#,
        id.0,
        at
    )
    .fetch_one(conn)
    .await?)
}

/// When the newest two changes of somebody begin or began, the newest first.
pub(super) async fn newest_begin(conn: &mut PgConnection, id: UserId) -> Result<Vec<DateTime<Utc>>> {
    Ok(sqlx::query_scalar!(r#"select lower(valid) as "since!" from user_roles where user_id = $1 order by lower(valid) desc limit 2"#, id.0)
        .fetch_all(conn)
        .await?)
}

async fn next_change(conn: &mut PgConnection, id: UserId, after: DateTime<Utc>) -> Result<Option<DateTime<Utc>>> {
    Ok(sqlx::query_scalar!("select min(lower(valid)) from user_roles where user_id = $1 and lower(valid) > $2", id.0, after).fetch_one(conn).await?)
}

pub(super) async fn find_user(conn: &mut PgConnection, email: &str) -> Result<UserId> {
    sqlx::query_scalar!(r#"select user_id as "id: UserId" from users where email = $1"#, email.trim().to_lowercase())
        .fetch_optional(conn)
        .await?
        .ok_or_else(|| Refusal::not_found(format_args!("user {email}")).into())
}

/// Locks somebody, and all who are or will be admins: two of them who unmake each other do so one after the other.
async fn lock_user(conn: &mut PgConnection, act: &Act, email: &str) -> Result<UserId> {
    let id = find_user(conn, email).await?;
    sqlx::query!(
        "select from users u
        where u.user_id = $1
            or exists (select from user_roles r where r.user_id = u.user_id and r.role = 'admin' and coalesce(upper(r.valid) > $2, true))
        order by u.user_id
        for update",
        id.0,
        act.now
    )
    .fetch_all(conn)
    .await?;
    Ok(id)
}

/// Ends what is in force at a moment just then; what would have begun at that very moment never does.
async fn end_duty(conn: &mut PgConnection, id: UserId, at: DateTime<Utc>) -> Result<()> {
    sqlx::query!("delete from user_roles where user_id = $1 and lower(valid) = $2", id.0, at).execute(&mut *conn).await?;
    sqlx::query!("update user_roles set valid = tstzrange(lower(valid), $2) where user_id = $1 and valid @> $2::timestamptz", id.0, at)
        .execute(conn)
        .await?;
    Ok(())
}

async fn write_duty(conn: &mut PgConnection, id: UserId, duty: &Duty, from: DateTime<Utc>, until: Option<DateTime<Utc>>) -> Result<()> {
    sqlx::query!(
        "insert into user_roles (user_id, valid, role, location_id, may_sign_in) values ($1, tstzrange($2, $3), $4, $5, $6)",
        id.0,
        from,
        until,
        duty.role.as_str(),
        duty.location.map(|l| l.0),
        duty.may_sign_in
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Refuses where nobody would be an admin at some moment from now on. The caller has written the change, and undoes it.
async fn require_admin(conn: &mut PgConnection, act: &Act) -> Result<()> {
    let none = sqlx::query_scalar!(
        r#"select min(t.at)
        from (
            select $1::timestamptz as at
            union select lower(valid) from user_roles where lower(valid) > $1
            union select upper(valid) from user_roles where upper(valid) > $1
        ) t
        where not exists (select from user_roles r where r.role = 'admin' and r.may_sign_in and r.valid @> t.at)"#,
        act.now
    )
    .fetch_one(conn)
    .await?;
    match none {
        None => Ok(()),
        Some(at) if at <= act.now => Err(Refusal::field("/role", "This is the only admin. Make somebody else one first.").into()),
        Some(at) => {
            let words = moment_words(at);
            Err(Refusal::field("/role", format!("From {words} on nobody would be an admin. Make somebody else one first.")).into())
        }
    }
}

async fn record(conn: &mut PgConnection, act: &Act, id: UserId, kind: EventKind, from: DateTime<Utc>, changes: Vec<Change>) -> Result<()> {
    let details = EventDetails { reason: act.planned(from), changes, ..EventDetails::default() };
    events::append(conn, act, StreamKind::User, id.0, vec![NewEvent { kind, details }]).await
}

pub(super) async fn sign_out_all(conn: &mut PgConnection, id: UserId) -> Result<()> {
    sqlx::query!("delete from sessions where user_id = $1", id.0).execute(conn).await?;
    Ok(())
}
