//! Handing in: what was counted is compared with the books.

use super::{CountState, Counting, lock_count, require_state};
use crate::events::{self, EventKind, StreamKind};
use crate::identity::{Act, Permission};
use crate::refusal::{Refusal, Result};
use sqlx::PgConnection;

/// Ends the counting. What was not counted stays as it is in the books; where nothing differs the count is done at once.
pub async fn hand_in_count(conn: &mut PgConnection, act: &Act, number: &str) -> Result<CountState> {
    act.require(Permission::CountStock)?;
    let count = lock_count(conn, number).await?;
    act.require_location(count.location, Permission::CountStock)?;
    require_state(&count.number, count.state, CountState::Open)?;
    let counted =
        sqlx::query_scalar!(r#"select count(counted) as "n!" from count_lines where count_id = $1"#, count.id.0).fetch_one(&mut *conn).await?;
    if counted == 0 {
        return Err(Refusal::field("/lines", "Nothing has been counted yet. Count something, or call the count off.").into());
    }
    sqlx::query!("update counts set state = $2 where count_id = $1", count.id.0, CountState::Review.as_str()).execute(&mut *conn).await?;
    events::append(conn, act, StreamKind::Count, count.id.0, vec![EventKind::CountHandedIn.into()]).await?;
    close_if_settled(conn, act, &count).await
}

/// Closes a count that was handed in once no difference is left to be booked.
pub(crate) async fn close_if_settled(conn: &mut PgConnection, act: &Act, count: &Counting) -> Result<CountState> {
    let closed = sqlx::query!(
        "update counts
        set state = 'closed', ended_at = $2
        where count_id = $1 and state = 'review'
            and not exists (select from count_lines where count_lines.count_id = $1 and counted <> book and booked_at is null)",
        count.id.0,
        act.now
    )
    .execute(&mut *conn)
    .await?;
    if closed.rows_affected() == 0 {
        return Ok(CountState::Review);
    }
    events::append(conn, act, StreamKind::Count, count.id.0, vec![EventKind::CountClosed.into()]).await?;
    Ok(CountState::Closed)
}
