//! Having things counted again.

use super::{CountState, lock_count, require_state};
use crate::events::{self, EventKind, StreamKind};
use crate::identity::{Act, Permission};
use crate::refusal::{Refusal, Result};
use sqlx::PgConnection;

/// Opens a count again for one SKU, by code, whose figure is thrown away; for all differences not yet booked where it is left out.
pub async fn recount(conn: &mut PgConnection, act: &Act, number: &str, sku: Option<&str>) -> Result<()> {
    act.require(Permission::AdjustStock)?;
    let count = lock_count(conn, number).await?;
    act.require_location(count.location, Permission::AdjustStock)?;
    require_state(&count.number, count.state, CountState::Review)?;
    let opened = sqlx::query!(
        "update count_lines
        set counted = null, book = null, in_picking = null, counted_at = null, counted_by = null
        where count_id = $1 and booked_at is null and counted <> book
            and ($2::text is null or sku_id = (select sku_id from skus where code = $2))",
        count.id.0,
        sku
    )
    .execute(&mut *conn)
    .await?;
    if opened.rows_affected() == 0 {
        return Err(Refusal::field("/sku", "There is no open difference of this SKU in the count.").into());
    }
    sqlx::query!("update counts set state = $2 where count_id = $1", count.id.0, CountState::Open.as_str()).execute(&mut *conn).await?;
    events::append(conn, act, StreamKind::Count, count.id.0, vec![EventKind::CountReopened.into()]).await
}
