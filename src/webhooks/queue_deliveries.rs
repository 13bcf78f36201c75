//! From events to deliveries: each event of an order gets one for every webhook that asks for it.

use crate::events::{self, Cursor, StreamKind};
use crate::ids::DeliveryId;
use crate::refusal::Result;
use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use uuid::Uuid;

/// The reader's name.
const READER: &str = "webhooks";
/// Events that are read in one go: whoever reads events waits for the oldest transaction, so this one is short.
const BATCH: i64 = 200;

/// Where the log of events is now. The first webhook has it read from there.
pub(super) async fn start_from_now(conn: &mut PgConnection) -> Result<Cursor> {
    let cursor = events::horizon(conn).await?;
    sqlx::query!(
        "insert into event_readers (reader, horizon, position) values ($1, $2, $3) on conflict do nothing",
        READER,
        cursor.horizon,
        cursor.position
    )
    .execute(conn)
    .await?;
    Ok(cursor)
}

/// Deliveries about to be written, column by column.
#[derive(Debug, Default)]
struct New {
    ids: Vec<Uuid>,
    webhooks: Vec<Uuid>,
    orders: Vec<Uuid>,
    versions: Vec<i32>,
    kinds: Vec<String>,
}

/// Writes the deliveries of the next events. One node does it at a time; another finds nothing to do. True where there are more.
pub async fn queue_deliveries(conn: &mut PgConnection, now: DateTime<Utc>) -> Result<bool> {
    let cursor = sqlx::query!("select horizon, position from event_readers where reader = $1 for update skip locked", READER)
        .fetch_optional(&mut *conn)
        .await?;
    let Some(cursor) = cursor.map(|c| Cursor { horizon: c.horizon, position: c.position }) else { return Ok(false) };
    let read = events::read_after(conn, None, cursor, BATCH).await?;
    let Some((last, _)) = read.last() else { return Ok(false) };
    sqlx::query!("update event_readers set horizon = $2, position = $3 where reader = $1", READER, last.horizon, last.position)
        .execute(&mut *conn)
        .await?;
    let webhooks = sqlx::query!("select webhook_id, kinds, horizon, position from webhooks where removed_at is null").fetch_all(&mut *conn).await?;
    let mut new = New::default();
    for (at, event) in read.iter().filter(|(_, e)| e.stream_kind == StreamKind::Order && e.kind.is_for_systems()) {
        let asks = |asked: &[String]| asked.is_empty() || asked.iter().any(|kind| kind == event.kind.as_str());
        let is_news = |horizon: i64, position: i64| (at.horizon, at.position) > (horizon, position);
        for webhook in webhooks.iter().filter(|w| is_news(w.horizon, w.position) && asks(&w.kinds)) {
            new.ids.push(DeliveryId::new(now).0);
            new.webhooks.push(webhook.webhook_id);
            new.orders.push(event.stream_id);
            new.versions.push(event.version);
            new.kinds.push(event.kind.to_string());
        }
    }
    queue(conn, now, &new).await?;
    Ok(read.len() as i64 >= BATCH)
}

async fn queue(conn: &mut PgConnection, now: DateTime<Utc>, new: &New) -> Result<()> {
    if new.ids.is_empty() {
        return Ok(());
    }
    lock_orders(conn, &new.webhooks, &new.orders).await?;
    sqlx::query!(
        "insert into webhook_deliveries (delivery_id, webhook_id, order_id, version, kind, state, is_next, due_at, created_at)
        select id, webhook, order_id, version, kind, 'queued', false, $6, $6
        from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::integer[], $5::text[]) as d (id, webhook, order_id, version, kind)
        on conflict on constraint webhook_deliveries_once do nothing",
        &new.ids,
        &new.webhooks,
        &new.orders,
        &new.versions,
        &new.kinds,
        now
    )
    .execute(&mut *conn)
    .await?;
    let_next_go(conn, &new.webhooks, &new.orders).await
}

/// Locks all deliveries of some orders, each with a webhook. Whoever says which of an order is the next holds them: what another ends, adds or has sent again at
/// that very moment is seen by the one or by the other.
pub(super) async fn lock_orders(conn: &mut PgConnection, webhooks: &[Uuid], orders: &[Uuid]) -> Result<()> {
    sqlx::query!(
        "select from webhook_deliveries
        where (webhook_id, order_id) in (select * from unnest($1::uuid[], $2::uuid[]))
        order by webhook_id, order_id, version
        for update",
        webhooks,
        orders
    )
    .fetch_all(conn)
    .await?;
    Ok(())
}

/// Of some orders, each with a webhook, the first delivery that is to be sent is the next. The caller has locked them.
pub(super) async fn let_next_go(conn: &mut PgConnection, webhooks: &[Uuid], orders: &[Uuid]) -> Result<()> {
    sqlx::query_file!("src/webhooks/sql/let_next_go.sql", webhooks, orders).execute(conn).await?;
    Ok(())
}
