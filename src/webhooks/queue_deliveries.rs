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

/// The first webhook begins with what happens from now on.
pub(super) async fn start_from_now(conn: &mut PgConnection) -> Result<()> {
    let cursor = events::horizon(conn).await?;
    sqlx::query!(
        "insert into event_readers (reader, horizon, position) values ($1, $2, $3) on conflict do nothing",
        READER,
        cursor.horizon,
        cursor.position
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Writes the deliveries of the next events. One node does it at a time; another finds nothing to do. Returns how many events were read.
pub async fn queue_deliveries(conn: &mut PgConnection, now: DateTime<Utc>) -> Result<usize> {
    let cursor = sqlx::query!("select horizon, position from event_readers where reader = $1 for update skip locked", READER)
        .fetch_optional(&mut *conn)
        .await?;
    let Some(cursor) = cursor.map(|c| Cursor { horizon: c.horizon, position: c.position }) else { return Ok(0) };
    let read = events::read_after(conn, None, cursor, BATCH).await?;
    let Some((last, _)) = read.last() else { return Ok(0) };
    sqlx::query!("update event_readers set horizon = $2, position = $3 where reader = $1", READER, last.horizon, last.position)
        .execute(&mut *conn)
        .await?;
    let webhooks = sqlx::query!("select webhook_id, kinds, created_at from webhooks where removed_at is null").fetch_all(&mut *conn).await?;
    let (mut ids, mut asking, mut orders, mut versions, mut kinds) = (Vec::new(), Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for (_, event) in read.iter().filter(|(_, e)| e.stream_kind == StreamKind::Order && e.kind.is_for_systems()) {
        let asks = |asked: &[String]| asked.is_empty() || asked.iter().any(|kind| kind == event.kind.as_str());
        for webhook in webhooks.iter().filter(|w| w.created_at <= event.occurred_at && asks(&w.kinds)) {
            ids.push(DeliveryId::new(now).0);
            asking.push(webhook.webhook_id);
            orders.push(event.stream_id);
            versions.push(event.version);
            kinds.push(event.kind.to_string());
        }
    }
    queue(conn, now, &ids, &asking, &orders, &versions, &kinds).await?;
    Ok(read.len())
}

async fn queue(
    conn: &mut PgConnection,
    now: DateTime<Utc>,
    ids: &[Uuid],
    webhooks: &[Uuid],
    orders: &[Uuid],
    versions: &[i32],
    kinds: &[String],
) -> Result<()> {
    if ids.is_empty() {
        return Ok(());
    }
    sqlx::query!(
        "insert into webhook_deliveries (delivery_id, webhook_id, order_id, version, kind, state, due_at, created_at)
        select id, webhook, order_id, version, kind, 'queued', $6, $6
        from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::integer[], $5::text[]) as d (id, webhook, order_id, version, kind)
        on conflict on constraint webhook_deliveries_once do nothing",
        ids,
        webhooks,
        orders,
        versions,
        kinds,
        now
    )
    .execute(conn)
    .await?;
    Ok(())
}
