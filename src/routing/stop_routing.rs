//! The emergency stop: orders are taken on, but nothing of them is given to locations until somebody lets it go on.

use crate::events::{self, EventDetails, EventKind, NewEvent, StreamKind};
use crate::identity::{Act, Permission};
use crate::ids::OrderId;
use crate::jobs::{self, Job};
use crate::refusal::{Refusal, RefusalCode, Result};
use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use uuid::Uuid;

/// Stops it. What locations work on already goes on; orders keep their stock and wait as planned.
pub async fn stop_routing(conn: &mut PgConnection, act: &Act, reason: &str) -> Result<()> {
    act.require(Permission::ManageRouting)?;
    let reason = reason.trim();
    if reason.is_empty() || reason.chars().count() > 200 {
        return Err(Refusal::field("/reason", "Say why, in at most 200 characters: everybody sees it.").into());
    }
    let stopped = sqlx::query!(
        "update network_state set stopped_at = $1, stopped_by = $2, stopped_reason = $3 where stopped_at is null",
        act.now,
        act.actor.user().map(|u| u.0),
        reason
    )
    .execute(&mut *conn)
    .await?;
    if stopped.rows_affected() == 0 {
        return Err(Refusal::new(RefusalCode::IllegalTransition, "Routing is stopped already.").into());
    }
    record(conn, act, EventKind::RoutingStopped, reason).await
}

/// Lets it go on: what waited is given to its locations as it was planned.
pub async fn resume_routing(conn: &mut PgConnection, act: &Act) -> Result<()> {
    act.require(Permission::ManageRouting)?;
    let resumed = sqlx::query!("update network_state set stopped_at = null, stopped_by = null, stopped_reason = null where stopped_at is not null")
        .execute(&mut *conn)
        .await?;
    if resumed.rows_affected() == 0 {
        return Err(Refusal::new(RefusalCode::IllegalTransition, "Routing is not stopped.").into());
    }
    let waiting = sqlx::query_scalar!(r#"select distinct order_id as "id: OrderId" from fulfilment_orders where state = 'planned'"#)
        .fetch_all(&mut *conn)
        .await?;
    let jobs: Vec<(Job, DateTime<Utc>)> = waiting.into_iter().map(|order_id| (Job::ReleaseOrder { order_id }, act.now)).collect();
    jobs::enqueue(conn, &jobs).await?;
    record(conn, act, EventKind::RoutingResumed, "").await
}

async fn record(conn: &mut PgConnection, act: &Act, kind: EventKind, reason: &str) -> Result<()> {
    let details = EventDetails { reason: Some(reason.to_owned()).filter(|r| !r.is_empty()), ..EventDetails::default() };
    events::append(conn, act, StreamKind::Network, Uuid::nil(), vec![NewEvent { kind, details }]).await
}
