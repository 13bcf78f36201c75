//! Changing what is set of a location from a moment on, looking at a change before it is made, and taking it back.

use super::LocationSettings;
use super::check::{Hours, check};
use super::list::{NewestVersion, newest_versions, settings_at, tag_of, touches_of};
use crate::clock::moment_words;
use crate::events::{self, Change, ChangePreview, EventDetails, EventKind, NewEvent, StreamKind};
use crate::geo::GeoPoint;
use crate::identity::{Act, Permission};
use crate::ids::LocationId;
use crate::inventory::touch_network;
use crate::refusal::{Refusal, RefusalCode, Result};
use crate::tags::{clean_fields, clean_tags};
use chrono::{DateTime, Utc};
use sqlx::PgConnection;

/// Opens a new location under a code that nobody has.
pub async fn open_location(conn: &mut PgConnection, act: &Act, code: &str, settings: &LocationSettings) -> Result<LocationId> {
    act.require(Permission::ManageNetwork)?;
    let code = code.trim().to_ascii_uppercase();
    let fits = (2..=20).contains(&code.len()) && code.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'-');
    if !fits {
        return Err(Refusal::field("/code", "A code has 2 to 20 capital letters, digits and hyphens, such as ST-LDS.").into());
    }
    let (point, hours) = check(settings)?;
    let id = LocationId::new(act.now);
    let taken =
        sqlx::query!("insert into locations (location_id, code) values ($1, $2) on conflict do nothing", id.0, code).execute(&mut *conn).await?;
    if taken.rows_affected() == 0 {
        return Err(Refusal::field("/code", format!("There is a location {code} already. Choose another code.")).into());
    }
    write_version(conn, act, id, settings, point, &hours, act.now, None).await?;
    let opened =
        NewEvent { kind: EventKind::LocationOpened, details: EventDetails { location: Some(settings.name.clone()), ..EventDetails::default() } };
    touch_network(conn).await?;
    events::append(conn, act, StreamKind::Network, id.0, vec![opened]).await?;
    Ok(id)
}

/// What a change would do, without doing it. `from` is when it begins; left out, now.
pub async fn preview_change(
    conn: &mut PgConnection,
    act: &Act,
    code: &str,
    after: &LocationSettings,
    from: Option<DateTime<Utc>>,
) -> Result<ChangePreview> {
    act.require(Permission::ManageNetwork)?;
    check(after)?;
    let from = act.begin("/from", from)?;
    let id = super::list::location_id(conn, code).await?;
    let before = settings_at(conn, id, from).await?;
    let touches = touches_of(conn, act, id).await?;
    let mut consequences = touches.consequences(&before, after);
    if let Some(next) = next_version(conn, id, from).await? {
        let words = moment_words(next);
        consequences.push(format!("Another change is planned from {words} on: then everything is as that one says, and this one ends. Call it off and plan it anew to keep both."));
    }
    Ok(ChangePreview { from, changes: before.changes_to(after), consequences })
}

/// Changes a location from a moment on; until then everything stays as it is. `read` is the version that the change was made on, where its
/// maker knows: somebody else's change since then is not overwritten.
pub async fn change_location(
    conn: &mut PgConnection,
    act: &Act,
    code: &str,
    after: &LocationSettings,
    from: Option<DateTime<Utc>>,
    read: Option<&str>,
) -> Result<Vec<Change>> {
    act.require(Permission::ManageNetwork)?;
    let (point, hours) = check(after)?;
    let from = act.begin("/from", from)?;
    let id = lock_location(conn, code).await?;
    if let Some(read) = read
        && tag_of(conn, id).await? != read
    {
        return Err(Refusal::new(
            RefusalCode::Conflict,
            "Somebody else has changed this location meanwhile. Look at it again, then make your change.",
        )
        .into());
    }
    let before = settings_at(conn, id, from).await?;
    let changes = before.changes_to(after);
    if changes.is_empty() {
        return Err(Refusal::new(RefusalCode::Invalid, "Nothing is different. Change something first.").into());
    }
    let until = next_version(conn, id, from).await?;
    end_version(conn, id, from).await?;
    write_version(conn, act, id, after, point, &hours, from, until).await?;
    record(conn, act, id, EventKind::LocationChanged, &after.name, from, changes.clone()).await?;
    Ok(changes)
}

/// Takes the change back that begins last: one that is still to come never happens; else the one in force ends now, and what was before it comes
/// again.
pub async fn undo_change(conn: &mut PgConnection, act: &Act, code: &str) -> Result<Vec<Change>> {
    act.require(Permission::ManageNetwork)?;
    let id = lock_location(conn, code).await?;
    let versions = newest_versions(conn, id).await?;
    let [NewestVersion { since, .. }, before, ..] = versions.as_slice() else {
        return Err(Refusal::new(RefusalCode::IllegalTransition, "There is no change to undo: it is as it was opened.").into());
    };
    let (changed, earlier) = (settings_at(conn, id, *since).await?, settings_at(conn, id, before.since).await?);
    let changes = changed.changes_to(&earlier);
    if *since > act.now {
        sqlx::query!("delete from location_versions where location_id = $1 and lower(valid) = $2", id.0, since).execute(&mut *conn).await?;
        sqlx::query!("delete from location_hours where location_id = $1 and lower(valid) = $2", id.0, since).execute(&mut *conn).await?;
        for table in [Table::Versions, Table::Hours] {
            reopen(conn, table, id, *since).await?;
        }
    } else {
        let (point, hours) = check(&earlier)?;
        end_version(conn, id, act.now).await?;
        write_version(conn, act, id, &earlier, point, &hours, act.now, None).await?;
    }
    record(conn, act, id, EventKind::LocationChangeUndone, &earlier.name, act.now, changes.clone()).await?;
    Ok(changes)
}

/// When the next version after a moment begins.
async fn next_version(conn: &mut PgConnection, id: LocationId, after: DateTime<Utc>) -> Result<Option<DateTime<Utc>>> {
    Ok(sqlx::query_scalar!("select min(lower(valid)) from location_versions where location_id = $1 and lower(valid) > $2", id.0, after)
        .fetch_one(conn)
        .await?)
}

enum Table {
    Versions,
    Hours,
}

/// What ended where an undone change began goes on.
async fn reopen(conn: &mut PgConnection, table: Table, id: LocationId, since: DateTime<Utc>) -> Result<()> {
    match table {
        Table::Versions => {
            sqlx::query!(
                "update location_versions set valid = tstzrange(lower(valid), null) where location_id = $1 and upper(valid) = $2",
                id.0,
                since
            )
            .execute(conn)
            .await?
        }
        Table::Hours => {
            sqlx::query!("update location_hours set valid = tstzrange(lower(valid), null) where location_id = $1 and upper(valid) = $2", id.0, since)
                .execute(conn)
                .await?
        }
    };
    Ok(())
}

pub(super) async fn lock_location(conn: &mut PgConnection, code: &str) -> Result<LocationId> {
    sqlx::query_scalar!(r#"select location_id as "id: LocationId" from locations where code = $1 for update"#, code)
        .fetch_optional(conn)
        .await?
        .ok_or_else(|| Refusal::not_found(format_args!("location {code}")).into())
}

/// Ends what is in force at a moment just then; what would have begun at that very moment never does.
async fn end_version(conn: &mut PgConnection, id: LocationId, at: DateTime<Utc>) -> Result<()> {
    sqlx::query!("delete from location_versions where location_id = $1 and lower(valid) = $2", id.0, at).execute(&mut *conn).await?;
    sqlx::query!("update location_versions set valid = tstzrange(lower(valid), $2) where location_id = $1 and valid @> $2::timestamptz", id.0, at)
        .execute(&mut *conn)
        .await?;
    sqlx::query!("delete from location_hours where location_id = $1 and lower(valid) = $2", id.0, at).execute(&mut *conn).await?;
    sqlx::query!("update location_hours set valid = tstzrange(lower(valid), $2) where location_id = $1 and valid @> $2::timestamptz", id.0, at)
        .execute(conn)
        .await?;
    Ok(())
}

async fn write_version(
    conn: &mut PgConnection,
    act: &Act,
    id: LocationId,
    settings: &LocationSettings,
    point: GeoPoint,
    hours: &[Hours],
    from: DateTime<Utc>,
    until: Option<DateTime<Utc>>,
) -> Result<()> {
    let clean = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    sqlx::query!(
        "insert into location_versions (location_id, valid, name, kind, street, city, postcode, country, latitude, longitude, time_zone, ships,
            offers_pickup, priority, handling_minutes, daily_order_capacity,
            keeps_holidays, planned_at, tags, attributes, handling_order_minor, handling_unit_minor)
        values ($1, tstzrange($2, $3), $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23)",
        id.0,
        from,
        until,
        clean(&settings.name),
        settings.kind.as_str(),
        clean(&settings.street),
        clean(&settings.city),
        clean(&settings.postcode).to_uppercase(),
        settings.country,
        point.latitude,
        point.longitude,
        settings.time_zone,
        settings.ships,
        settings.offers_pickup,
        settings.priority,
        settings.handling_minutes,
        settings.daily_order_capacity,
        settings.keeps_holidays,
        act.now,
        &clean_tags(&settings.tags).unwrap_or_default(),
        &clean_fields(&settings.attributes).unwrap_or_default(),
        settings.handling_order_minor,
        settings.handling_unit_minor
    )
    .execute(&mut *conn)
    .await?;
    sqlx::query!(
        "insert into location_hours (location_id, valid, weekday, opens, closes, cut_off)
        select $1, tstzrange($2, $3), * from unnest($4::smallint[], $5::time[], $6::time[], $7::time[])",
        id.0,
        from,
        until,
        &hours.iter().map(|h| h.weekday).collect::<Vec<_>>(),
        &hours.iter().map(|h| h.opens).collect::<Vec<_>>(),
        &hours.iter().map(|h| h.closes).collect::<Vec<_>>(),
        &hours.iter().map(|h| h.cut_off).collect::<Vec<_>>()
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// The audit's line, and word to every node that the network is another.
async fn record(
    conn: &mut PgConnection,
    act: &Act,
    id: LocationId,
    kind: EventKind,
    name: &str,
    from: DateTime<Utc>,
    changes: Vec<Change>,
) -> Result<()> {
    touch_network(conn).await?;
    let details = EventDetails { location: Some(name.to_owned()), reason: act.planned(from), changes, ..EventDetails::default() };
    events::append(conn, act, StreamKind::Network, id.0, vec![NewEvent { kind, details }]).await
}
