//! Reading transfers.

use super::TransferState;
use super::views::{TransferDetail, TransferLineView, TransferRow};
use crate::identity::{Act, Permission};
use crate::ids::{LocationId, TransferId};
use crate::page::{Page, read_time_key, time_key};
use crate::refusal::{Refusal, Result};
use sqlx::PgConnection;
use uuid::Uuid;

const PAGE: usize = 50;

/// Transfers, newest first, a page at a time; `state` and `location` (a code, at either end) narrow them.
pub async fn list_transfers(
    conn: &mut PgConnection,
    act: &Act,
    state: Option<TransferState>,
    location: Option<&str>,
    after: Option<&str>,
) -> Result<Page<TransferRow>> {
    act.require(Permission::ReadStock)?;
    let (at, id) = read_time_key::<Uuid>(after)?;
    let rows = sqlx::query_file!(
        "src/inventory/transfers/sql/list_transfers.sql",
        state.map(TransferState::as_str),
        location,
        at,
        id,
        PAGE as i64 + 1,
        act.now
    )
    .fetch_all(conn)
    .await?;
    let page = Page::cut(rows, PAGE, |r| time_key(r.sent_at, r.transfer_id));
    let rows = page.rows.into_iter().map(|r| TransferRow {
        number: r.number,
        from: r.from,
        to: r.to,
        state: r.state,
        sent: r.sent,
        received: r.received,
        sent_at: r.sent_at,
    });
    Ok(Page { rows: rows.collect(), next: page.next })
}

/// One transfer by its number.
pub async fn read_transfer(conn: &mut PgConnection, act: &Act, number: &str) -> Result<TransferDetail> {
    act.require(Permission::ReadStock)?;
    let t = sqlx::query!(
        r#"select t.transfer_id, t.number, t.state as "state: TransferState", t.note, t.sent_at, t.ended_at, f.name as "from", o.name as "to",
            t.to_location_id as "to_id: LocationId"
        from transfers t
        join location_versions f on f.location_id = t.from_location_id and f.valid @> $2::timestamptz
        join location_versions o on o.location_id = t.to_location_id and o.valid @> $2::timestamptz
        where t.number = $1"#,
        number.trim().to_ascii_uppercase(),
        act.now
    )
    .fetch_optional(&mut *conn)
    .await?
    .ok_or_else(|| Refusal::not_found(format_args!("transfer {number}")))?;
    let lines = sqlx::query_as!(
        TransferLineView,
        "select s.code as sku, s.name, l.sent, l.received, l.lost from transfer_lines l join skus s using (sku_id) where l.transfer_id = $1 order by s.code",
        t.transfer_id
    )
    .fetch_all(conn)
    .await?;
    Ok(TransferDetail {
        number: t.number,
        from: t.from,
        to: t.to,
        to_id: t.to_id,
        state: t.state,
        note: t.note,
        sent_at: t.sent_at,
        ended_at: t.ended_at,
        lines,
    })
}

/// The number of a transfer.
pub async fn number_of(conn: &mut PgConnection, id: TransferId) -> Result<String> {
    sqlx::query_scalar!("select number from transfers where transfer_id = $1", id.0)
        .fetch_optional(conn)
        .await?
        .ok_or_else(|| Refusal::not_found("such transfer").into())
}
