//! Reading locations, for those who look after them.

use super::views::{ClosureRow, PlaceDetail, PlaceRow};
use super::{DayHours, LocationSettings, Touches};
use crate::events::{self, EventKind};
use crate::geo::GeoPoint;
use crate::identity::{Act, Permission};
use crate::ids::{ClosureId, LocationId};
use crate::inventory::LocationKind;
use crate::refusal::{Refusal, Result};
use chrono::{DateTime, NaiveTime, Utc};
use sqlx::PgConnection;

/// The history of a location shows its newest so many lines.
const HISTORY: i64 = 50;

/// When a version of a location began, or will.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct NewestVersion {
    pub since: DateTime<Utc>,
}

/// Names what is known of a location: it changes with everything that is done to it.
pub(super) async fn tag_of(conn: &mut PgConnection, id: LocationId) -> Result<String> {
    let version =
        sqlx::query_scalar!(r#"select coalesce(max(version), 0) as "version!" from events where stream_id = $1"#, id.0).fetch_one(conn).await?;
    Ok(version.to_string())
}

pub(super) async fn location_id(conn: &mut PgConnection, code: &str) -> Result<LocationId> {
    sqlx::query_scalar!(r#"select location_id as "id: LocationId" from locations where code = $1"#, code)
        .fetch_optional(conn)
        .await?
        .ok_or_else(|| Refusal::not_found(format_args!("location {code}")).into())
}

/// The last three versions, newest first.
pub(super) async fn newest_versions(conn: &mut PgConnection, id: LocationId) -> Result<Vec<NewestVersion>> {
    let rows = sqlx::query_as!(
        NewestVersion,
        r#"select lower(valid) as "since!" from location_versions where location_id = $1 order by lower(valid) desc limit 3"#,
        id.0
    )
    .fetch_all(conn)
    .await?;
    Ok(rows)
}

/// What is set of a location at a moment.
pub(super) async fn settings_at(conn: &mut PgConnection, id: LocationId, at: DateTime<Utc>) -> Result<LocationSettings> {
    let v = sqlx::query!(
        r#"select name, kind as "kind: LocationKind", street, city, postcode, country, time_zone, ships, offers_pickup, priority, handling_minutes,
            daily_order_capacity, keeps_holidays, tags, attributes, handling_order_minor, handling_unit_minor
        from location_versions
        where location_id = $1 and valid @> $2::timestamptz"#,
        id.0,
        at
    )
    .fetch_optional(&mut *conn)
    .await?
    .ok_or_else(|| Refusal::not_found("such location at that time"))?;
    let rows = sqlx::query!(
        "select weekday, opens, closes, cut_off from location_hours where location_id = $1 and valid @> $2::timestamptz order by weekday",
        id.0,
        at
    )
    .fetch_all(conn)
    .await?;
    let time = |t: NaiveTime| t.format("%H:%M").to_string();
    let hours = rows.into_iter().map(|r| DayHours { weekday: r.weekday, opens: time(r.opens), closes: time(r.closes), cut_off: time(r.cut_off) });
    Ok(LocationSettings {
        name: v.name,
        kind: v.kind,
        street: v.street,
        city: v.city,
        postcode: v.postcode,
        country: v.country,
        time_zone: v.time_zone,
        ships: v.ships,
        offers_pickup: v.offers_pickup,
        priority: v.priority,
        handling_minutes: v.handling_minutes,
        daily_order_capacity: v.daily_order_capacity,
        keeps_holidays: v.keeps_holidays,
        tags: v.tags,
        attributes: v.attributes,
        handling_order_minor: v.handling_order_minor,
        handling_unit_minor: v.handling_unit_minor,
        hours: hours.collect(),
    })
}

/// What is at a location now.
pub(super) async fn touches_of(conn: &mut PgConnection, act: &Act, id: LocationId) -> Result<Touches> {
    let row = sqlx::query_file!("src/inventory/places/sql/touches.sql", id.0, act.now).fetch_one(conn).await?;
    Ok(Touches {
        to_send: row.to_send,
        to_collect: row.to_collect,
        taken_today: row.taken_today,
        reserved_units: row.reserved_units,
        units_on_hand: row.units_on_hand,
    })
}

/// Every location in force, by kind and name.
pub async fn list_places(conn: &mut PgConnection, act: &Act) -> Result<Vec<PlaceRow>> {
    act.require(Permission::ManageNetwork)?;
    let rows = sqlx::query_file!("src/inventory/places/sql/list_places.sql", act.now).fetch_all(conn).await?;
    Ok(rows
        .into_iter()
        .map(|r| PlaceRow {
            code: r.code,
            name: r.name,
            kind: r.kind,
            city: r.city,
            point: GeoPoint { latitude: r.latitude, longitude: r.longitude },
            ships: r.ships,
            offers_pickup: r.offers_pickup,
            daily_order_capacity: r.daily_order_capacity,
            taken_today: r.taken_today,
            open_work: r.open_work,
            closed: r.closed,
        })
        .collect())
}

/// One location, with what is to come and what was.
pub async fn read_place(conn: &mut PgConnection, act: &Act, code: &str) -> Result<PlaceDetail> {
    act.require(Permission::ManageNetwork)?;
    let id = location_id(conn, code).await?;
    let settings = settings_at(conn, id, act.now).await?;
    let versions = newest_versions(conn, id).await?;
    let newest = versions.first().copied().ok_or_else(|| Refusal::not_found(format_args!("location {code}")))?;
    let scheduled = if newest.since > act.now {
        let before = versions.get(1).map_or(act.now, |v| v.since.max(act.now));
        Some((newest.since, settings_at(conn, id, before).await?.changes_to(&settings_at(conn, id, newest.since).await?)))
    } else {
        None
    };
    let all_points = sqlx::query!(
        r#"select city, latitude, longitude, location_id = $1 as "this!" from location_versions where valid @> $2::timestamptz order by 4 desc, city"#,
        id.0,
        act.now
    )
    .fetch_all(&mut *conn)
    .await?;
    let all_points = all_points.into_iter().map(|r| (r.city, GeoPoint { latitude: r.latitude, longitude: r.longitude }, r.this)).collect();
    let closures = sqlx::query_as!(
        ClosureRow,
        r#"select closure_id as "closure_id: ClosureId", lower(closed) as "from!", upper(closed) as until, reason
        from location_closures
        where location_id = $1 and upper_inf(valid) and (upper_inf(closed) or upper(closed) > $2)
        order by lower(closed)"#,
        id.0,
        act.now
    )
    .fetch_all(&mut *conn)
    .await?;
    let touches = touches_of(conn, act, id).await?;
    let closed_now = closures.iter().find(|c| c.from <= act.now).map(|c| c.reason.clone());
    let history = events::tell(conn, id.0, HISTORY).await?;
    Ok(PlaceDetail {
        code: code.to_owned(),
        settings,
        all_points,
        version: tag_of(conn, id).await?,
        scheduled,
        // Undoing twice would only do it again.
        can_undo: versions.len() > 1 && history.iter().find(|e| e.kind.is_of_settings()).is_none_or(|e| e.kind != EventKind::LocationChangeUndone),
        closed_now,
        closures,
        touches,
        history,
    })
}
