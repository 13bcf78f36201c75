//! Something works again.

use super::DisruptionKind;
use crate::events::{self, EventDetails, EventKind, NewEvent, StreamKind};
use crate::identity::{Act, Permission};
use crate::ids::{ClosureId, DisruptionId};
use crate::inventory::{places, touch_network};
use crate::refusal::{Refusal, RefusalCode, Result};
use sqlx::PgConnection;

/// Ends a disruption now. False where its time is over and somebody has ended it before.
pub async fn end_disruption(conn: &mut PgConnection, act: &Act, id: DisruptionId) -> Result<bool> {
    act.require(Permission::ManageNetwork)?;
    let found = sqlx::query!(
        r#"select d.kind as "kind: DisruptionKind", d.reason, l.code as "location?", upper_inf(d.valid) as "is_open!",
            coalesce(d.lasts_until <= $2, false) as "is_over!"
        from disruptions d
        left join locations l using (location_id)
        where d.disruption_id = $1
        for update of d"#,
        id.0,
        act.now
    )
    .fetch_optional(&mut *conn)
    .await?
    .ok_or_else(|| Refusal::not_found("such disruption"))?;
    if !found.is_open {
        return Ok(false);
    }
    sqlx::query!(
        "update disruptions set valid = tstzrange(lower(valid), greatest($2, lower(valid) + interval '1 microsecond')), ended_by = $3 where disruption_id = $1",
        id.0,
        act.now,
        act.actor.user().map(|u| u.0)
    )
    .execute(&mut *conn)
    .await?;
    // One that has reached its end has none that could be withdrawn.
    if let (DisruptionKind::Location, Some(code), false) = (found.kind, &found.location, found.is_over) {
        match places::reopen_location(conn, act, code, ClosureId(id.0)).await {
            Err(error) if error.refusal().is_some_and(|r| r.code == RefusalCode::NotFound) => {}
            outcome => outcome?,
        }
    }
    touch_network(conn).await?;
    let details = EventDetails { reason: Some(found.reason), ..EventDetails::default() };
    events::append(conn, act, StreamKind::Network, id.0, vec![NewEvent { kind: EventKind::DisruptionEnded, details }]).await?;
    Ok(true)
}
