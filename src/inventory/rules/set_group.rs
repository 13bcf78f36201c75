//! Groups of locations: who is in them from a moment on, what that touches, and taking it back.

use crate::clock::moment_words;
use crate::events::{self, Change, ChangePreview, EventDetails, EventKind, NewEvent, StreamKind};
use crate::identity::{Act, Permission};
use crate::ids::{LocationGroupId, LocationId};
use crate::inventory::touch_network;
use crate::refusal::{FieldProblem, Refusal, RefusalCode, Result};
use chrono::{DateTime, Utc};
use sqlx::PgConnection;

const LONGEST_NAME: usize = 60;

/// Locations that are to make up a group: their ids, and their codes in order.
struct Members {
    ids: Vec<LocationId>,
    codes: Vec<String>,
}

/// What a change of a group would do, without doing it. `from` is when it begins; left out, now.
pub async fn preview_location_group(
    conn: &mut PgConnection,
    act: &Act,
    name: &str,
    codes: &[String],
    from: Option<DateTime<Utc>>,
) -> Result<ChangePreview> {
    act.require(Permission::ManageNetwork)?;
    let from = act.begin("/from", from)?;
    let after = check(conn, name, codes).await?;
    let id = sqlx::query_scalar!(r#"select location_group_id as "id: LocationGroupId" from location_groups where name = $1"#, name.trim())
        .fetch_optional(&mut *conn)
        .await?;
    let (before, rules) = match id {
        None => (Vec::new(), 0),
        Some(id) => {
            let rules = sqlx::query_scalar!(
                r#"select count(*) as "count!" from stock_rules where location_group_id = $1 and valid @> $2::timestamptz"#,
                id.0,
                from
            )
            .fetch_one(&mut *conn)
            .await?;
            (members_at(conn, id, from).await?, rules)
        }
    };
    let moved: Vec<&String> = before.iter().filter(|c| !after.codes.contains(c)).chain(after.codes.iter().filter(|c| !before.contains(c))).collect();
    let mut consequences = Vec::new();
    if id.is_none() {
        consequences.push("It is a new group: no rule is for it yet.".to_owned());
    } else if rules > 0 && !moved.is_empty() {
        let count = if rules == 1 { "One stock rule is".to_owned() } else { format!("{rules} stock rules are") };
        let places = moved.iter().map(|c| c.as_str()).collect::<Vec<_>>().join(", ");
        consequences.push(format!("{count} for this group: what is offered changes at {places}."));
    }
    let changes = change_of(name.trim(), &before, &after.codes);
    Ok(ChangePreview { from, changes: changes.into_iter().collect(), consequences })
}

/// Says which locations, by code, make up the group of a name, from a moment on; a name that is not known is a new group. An empty group keeps its name
/// and stands for no location. Refused where a later change is planned already.
pub async fn set_location_group(conn: &mut PgConnection, act: &Act, name: &str, codes: &[String], from: Option<DateTime<Utc>>) -> Result<()> {
    act.require(Permission::ManageNetwork)?;
    let from = act.begin("/from", from)?;
    let after = check(conn, name, codes).await?;
    let name = name.trim();
    let id = sqlx::query_scalar!(
        r#"insert into location_groups (location_group_id, name) values ($1, $2)
        on conflict (name) do update set name = excluded.name
        returning location_group_id as "id: LocationGroupId""#,
        LocationGroupId::new(act.now).0,
        name
    )
    .fetch_one(&mut *conn)
    .await?;
    if let Some(planned) = last_boundary(conn, id).await?.filter(|at| *at > from) {
        let words = moment_words(planned);
        return Err(
            Refusal::new(RefusalCode::Conflict, format!("Another change of this group is planned from {words} on. Call it off first.")).into()
        );
    }
    let before = members_at(conn, id, from).await?;
    make_up(conn, id, &after.ids, from).await?;
    record(conn, act, id, EventKind::LocationGroupSet, from, change_of(name, &before, &after.codes)).await
}

/// Takes the last change of a group back: one that is still to come never happens; else who was in it before is in it again from now on.
pub async fn undo_location_group(conn: &mut PgConnection, act: &Act, name: &str) -> Result<()> {
    act.require(Permission::ManageNetwork)?;
    let id = sqlx::query_scalar!(r#"select location_group_id as "id: LocationGroupId" from location_groups where name = $1 for update"#, name.trim())
        .fetch_optional(&mut *conn)
        .await?
        .ok_or_else(|| Refusal::not_found(format_args!("group {name}")))?;
    let Some(since) = last_boundary(conn, id).await? else {
        return Err(Refusal::new(RefusalCode::IllegalTransition, "There is no change to undo: nobody was ever in this group.").into());
    };
    let changed = members_at(conn, id, since).await?;
    let before = sqlx::query!(
        r#"select m.location_id as "id: LocationId", l.code
        from location_group_members m
        join locations l using (location_id)
        where m.location_group_id = $1 and (upper(m.valid) = $2 or (lower(m.valid) < $2 and m.valid @> $2::timestamptz))
        order by l.code"#,
        id.0,
        since
    )
    .fetch_all(&mut *conn)
    .await?;
    if since > act.now {
        sqlx::query!("delete from location_group_members where location_group_id = $1 and lower(valid) = $2", id.0, since)
            .execute(&mut *conn)
            .await?;
        sqlx::query!(
            "update location_group_members set valid = tstzrange(lower(valid), null) where location_group_id = $1 and upper(valid) = $2",
            id.0,
            since
        )
        .execute(&mut *conn)
        .await?;
    } else {
        make_up(conn, id, &before.iter().map(|m| m.id).collect::<Vec<_>>(), act.now).await?;
    }
    let codes: Vec<String> = before.into_iter().map(|m| m.code).collect();
    record(conn, act, id, EventKind::LocationGroupUndone, act.now, change_of(name.trim(), &changed, &codes)).await
}

async fn check(conn: &mut PgConnection, name: &str, codes: &[String]) -> Result<Members> {
    let mut problems = Vec::new();
    let mut wrong = |field: &str, message: String| problems.push(FieldProblem { field: field.to_owned(), message });
    let name = name.trim();
    if name.is_empty() || name.chars().count() > LONGEST_NAME {
        wrong("/name", "Give the group a name of at most 60 characters.".to_owned());
    }
    let places = sqlx::query!(r#"select location_id as "id: LocationId", code from locations where code = any ($1) order by code"#, codes)
        .fetch_all(conn)
        .await?;
    for code in codes.iter().filter(|code| places.iter().all(|p| p.code != **code)) {
        wrong("/locations", format!("There is no location {code}. Choose one that there is."));
    }
    if !problems.is_empty() {
        return Err(Refusal::invalid(problems).into());
    }
    Ok(Members { ids: places.iter().map(|p| p.id).collect(), codes: places.into_iter().map(|p| p.code).collect() })
}

fn change_of(name: &str, before: &[String], after: &[String]) -> Option<Change> {
    (before != after).then(|| Change { field: name.to_owned(), before: before.join(", "), after: after.join(", ") })
}

/// Codes of who is in a group at a moment, in order.
async fn members_at(conn: &mut PgConnection, id: LocationGroupId, at: DateTime<Utc>) -> Result<Vec<String>> {
    Ok(sqlx::query_scalar!(
        "select l.code
        from location_group_members m
        join locations l using (location_id)
        where m.location_group_id = $1 and m.valid @> $2::timestamptz
        order by l.code",
        id.0,
        at
    )
    .fetch_all(conn)
    .await?)
}

/// When somebody last came to a group or left it, or will.
async fn last_boundary(conn: &mut PgConnection, id: LocationGroupId) -> Result<Option<DateTime<Utc>>> {
    Ok(sqlx::query_scalar!("select greatest(max(lower(valid)), max(upper(valid))) from location_group_members where location_group_id = $1", id.0)
        .fetch_one(conn)
        .await?)
}

/// From a moment on, these locations make up the group. The caller has locked it.
async fn make_up(conn: &mut PgConnection, id: LocationGroupId, members: &[LocationId], from: DateTime<Utc>) -> Result<()> {
    let ids: Vec<_> = members.iter().map(|m| m.0).collect();
    // What would have begun at that very moment never does.
    sqlx::query!(
        "delete from location_group_members where location_group_id = $1 and lower(valid) = $2 and location_id <> all ($3)",
        id.0,
        from,
        &ids
    )
    .execute(&mut *conn)
    .await?;
    sqlx::query!(
        "update location_group_members
        set valid = tstzrange(lower(valid), $2)
        where location_group_id = $1 and valid @> $2::timestamptz and location_id <> all ($3)",
        id.0,
        from,
        &ids
    )
    .execute(&mut *conn)
    .await?;
    sqlx::query!(
        "insert into location_group_members (location_group_id, location_id, valid)
        select $1, location_id, tstzrange($2, null)
        from unnest($3::uuid[]) as w (location_id)
        where not exists (
            select from location_group_members m where m.location_group_id = $1 and m.location_id = w.location_id and m.valid @> $2::timestamptz
        )",
        id.0,
        from,
        &ids
    )
    .execute(conn)
    .await?;
    Ok(())
}

async fn record(conn: &mut PgConnection, act: &Act, id: LocationGroupId, kind: EventKind, from: DateTime<Utc>, change: Option<Change>) -> Result<()> {
    touch_network(conn).await?;
    let details = EventDetails { reason: act.planned(from), changes: change.into_iter().collect(), ..EventDetails::default() };
    events::append(conn, act, StreamKind::Network, id.0, vec![NewEvent { kind, details }]).await
}
