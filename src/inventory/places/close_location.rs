//! Closing a location for a while: a holiday, a burst pipe, a stock-take.

use super::change_location::lock_location;
use crate::clock::moment_words;
use crate::events::{self, EventDetails, EventKind, NewEvent, StreamKind};
use crate::identity::{Act, Permission};
use crate::ids::{ClosureId, LocationId};
use crate::inventory::touch_network;
use crate::refusal::{FieldProblem, Refusal, RefusalCode, Result};
use chrono::{DateTime, Utc};
use sqlx::PgConnection;

const LONGEST_REASON: usize = 200;

/// Closes a location, under an id that the caller chose, from a moment (left out: now) until another (left out: until further notice). New orders go elsewhere meanwhile.
pub async fn close_location(
    conn: &mut PgConnection,
    act: &Act,
    closure: ClosureId,
    code: &str,
    from: Option<DateTime<Utc>>,
    until: Option<DateTime<Utc>>,
    reason: &str,
) -> Result<()> {
    let id = note_closure(conn, act, closure, code, from, until, reason).await?;
    tell_closed(conn, act, id, from.unwrap_or(act.now), until, reason.trim()).await
}

/// Closes a location and tells nobody: whoever calls this does, or takes it back.
pub async fn note_closure(
    conn: &mut PgConnection,
    act: &Act,
    closure: ClosureId,
    code: &str,
    from: Option<DateTime<Utc>>,
    until: Option<DateTime<Utc>>,
    reason: &str,
) -> Result<LocationId> {
    act.require(Permission::ManageNetwork)?;
    let id = lock_location(conn, code).await?;
    let reason = reason.trim();
    let from = from.unwrap_or(act.now);
    let mut problems = Vec::new();
    let mut wrong = |field: &str, message: &str| problems.push(FieldProblem { field: field.to_owned(), message: message.to_owned() });
    if reason.is_empty() || reason.chars().count() > LONGEST_REASON {
        wrong("/reason", "Say why it is closed, in at most 200 characters: staff and explanations show it.");
    }
    if from < act.now {
        wrong("/from", "It cannot have been closed before now. Leave the date out for now.");
    }
    if until.is_some_and(|until| until <= from) {
        wrong("/until", "Choose a time after it closes, or leave this empty for until further notice.");
    }
    if !problems.is_empty() {
        return Err(Refusal::invalid(problems).into());
    }
    let overlapping = sqlx::query_scalar!(
        "select reason from location_closures where location_id = $1 and upper_inf(valid) and closed && tstzrange($2, $3)",
        id.0,
        from,
        until
    )
    .fetch_optional(&mut *conn)
    .await?;
    if let Some(other) = overlapping {
        return Err(
            Refusal::field("/from", format!("It is closed in that time already ({other}). Withdraw that first, or choose other dates.")).into()
        );
    }
    sqlx::query!(
        "insert into location_closures (closure_id, location_id, valid, closed, reason)
        values ($6, $1, tstzrange($2, null), tstzrange($3, $4), $5)",
        id.0,
        act.now,
        from,
        until,
        reason,
        closure.0
    )
    .execute(&mut *conn)
    .await?;
    Ok(id)
}

/// Tells everybody that a location is closed.
pub async fn tell_closed(
    conn: &mut PgConnection,
    act: &Act,
    id: LocationId,
    from: DateTime<Utc>,
    until: Option<DateTime<Utc>>,
    reason: &str,
) -> Result<()> {
    let span = match until {
        Some(until) => format!("{reason}, {} to {}", moment_words(from), moment_words(until)),
        None => format!("{reason}, from {} until further notice", moment_words(from)),
    };
    let details = EventDetails { reason: Some(span), ..EventDetails::default() };
    touch_network(conn).await?;
    events::append(conn, act, StreamKind::Network, id.0, vec![NewEvent { kind: EventKind::LocationClosed, details }]).await
}

/// Withdraws a closure: one that is to come never happens, one that has begun ends now. Refused where it is of a disruption, which ends as a whole.
pub async fn withdraw_closure(conn: &mut PgConnection, act: &Act, code: &str, closure: ClosureId) -> Result<()> {
    act.require(Permission::ManageNetwork)?;
    let is_of_disruption =
        sqlx::query_scalar!(r#"select exists (select from disruptions where disruption_id = $1 and upper_inf(valid)) as "is!""#, closure.0)
            .fetch_one(&mut *conn)
            .await?;
    if is_of_disruption {
        return Err(Refusal::new(
            RefusalCode::Conflict,
            "It was closed at the disruption desk. End the disruption there, so that its orders come back.",
        )
        .into());
    }
    reopen_location(conn, act, code, closure).await
}

/// Ends a closure now, or before it begins, whoever closed it.
pub async fn reopen_location(conn: &mut PgConnection, act: &Act, code: &str, closure: ClosureId) -> Result<()> {
    act.require(Permission::ManageNetwork)?;
    let id = lock_location(conn, code).await?;
    // What we knew stays known: an explanation of last week still sees that it was closed then.
    let withdrawn = sqlx::query_scalar!(
        "update location_closures
        set valid = tstzrange(lower(valid), $3)
        where location_id = $1 and closure_id = $2 and upper_inf(valid) and lower(valid) < $3 and (upper_inf(closed) or upper(closed) > $3)
        returning reason",
        id.0,
        closure.0,
        act.now
    )
    .fetch_optional(&mut *conn)
    .await?;
    let Some(reason) = withdrawn else {
        return Err(Refusal::not_found("such closure that is still to end").into());
    };
    let details = EventDetails { reason: Some(reason), ..EventDetails::default() };
    touch_network(conn).await?;
    events::append(conn, act, StreamKind::Network, id.0, vec![NewEvent { kind: EventKind::LocationReopened, details }]).await
}
