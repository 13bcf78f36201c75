//! Groups of locations.

use crate::events::{self, Change, EventDetails, EventKind, NewEvent, StreamKind};
use crate::identity::{Act, Permission};
use crate::ids::{LocationGroupId, LocationId};
use crate::inventory::touch_network;
use crate::refusal::{FieldProblem, Refusal, Result};
use sqlx::PgConnection;

const LONGEST_NAME: usize = 60;

/// Says which locations, by code, make up the group of a name, from now on; a name that is not known is a new group. An empty group keeps its name
/// and stands for no location.
pub async fn set_location_group(conn: &mut PgConnection, act: &Act, name: &str, codes: &[String]) -> Result<()> {
    act.require(Permission::ManageNetwork)?;
    let name = name.trim();
    let mut problems = Vec::new();
    let mut wrong = |field: &str, message: String| problems.push(FieldProblem { field: field.to_owned(), message });
    if name.is_empty() || name.chars().count() > LONGEST_NAME {
        wrong("/name", "Give the group a name of at most 60 characters.".to_owned());
    }
    let places =
        sqlx::query!(r#"select location_id as "id: LocationId", code from locations where code = any ($1)"#, codes).fetch_all(&mut *conn).await?;
    for code in codes.iter().filter(|code| places.iter().all(|p| p.code != **code)) {
        wrong("/locations", format!("There is no location {code}. Choose one that there is."));
    }
    if !problems.is_empty() {
        return Err(Refusal::invalid(problems).into());
    }
    let id = sqlx::query_scalar!(
        r#"insert into location_groups (location_group_id, name) values ($1, $2)
        on conflict (name) do update set name = excluded.name
        returning location_group_id as "id: LocationGroupId""#,
        LocationGroupId::new(act.now).0,
        name
    )
    .fetch_one(&mut *conn)
    .await?;
    let ids: Vec<_> = places.iter().map(|p| p.id.0).collect();
    let before = sqlx::query_scalar!(
        "select l.code
        from location_group_members m
        join locations l using (location_id)
        where m.location_group_id = $1 and m.valid @> $2::timestamptz
        order by l.code",
        id.0,
        act.now
    )
    .fetch_all(&mut *conn)
    .await?;
    sqlx::query!(
        "update location_group_members
        set valid = tstzrange(lower(valid), $2)
        where location_group_id = $1 and valid @> $2::timestamptz and location_id <> all ($3)",
        id.0,
        act.now,
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
        act.now,
        &ids
    )
    .execute(&mut *conn)
    .await?;
    touch_network(conn).await?;
    let mut after: Vec<&str> = places.iter().map(|p| p.code.as_str()).collect();
    after.sort_unstable();
    let change = Change { field: name.to_owned(), before: before.join(", "), after: after.join(", ") };
    let details = EventDetails { changes: vec![change], ..EventDetails::default() };
    events::append(conn, act, StreamKind::Network, id.0, vec![NewEvent { kind: EventKind::LocationGroupSet, details }]).await
}
