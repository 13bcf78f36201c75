//! Calling a count off.

use super::{CountState, lock_count, require_state};
use crate::events::{self, EventKind, StreamKind};
use crate::identity::{Act, Permission};
use crate::refusal::Result;
use sqlx::PgConnection;

/// Ends a count without booking what differs. Nothing that was booked before is taken back.
pub async fn cancel_count(conn: &mut PgConnection, act: &Act, number: &str) -> Result<()> {
    act.require(Permission::CountStock)?;
    let count = lock_count(conn, number).await?;
    act.require_location(count.location, Permission::CountStock)?;
    if count.state != CountState::Review {
        require_state(&count.number, count.state, CountState::Open)?;
    }
    sqlx::query!("update counts set state = $2, ended_at = $3 where count_id = $1", count.id.0, CountState::Cancelled.as_str(), act.now)
        .execute(&mut *conn)
        .await?;
    events::append(conn, act, StreamKind::Count, count.id.0, vec![EventKind::CountCancelled.into()]).await
}
