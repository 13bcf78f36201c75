//! Reading webhooks and what was sent to them.

use super::DeliveryState;
use super::body::Happening;
use super::views::{Attempt, DeliveryDetail, DeliveryRow, MOST_COUNTED, WebhookDetail, WebhookRow};
use crate::events::{self, EventDetails, EventKind};
use crate::identity::{Act, Permission};
use crate::ids::{DeliveryId, OrderId, WebhookId};
use crate::page::{Page, read_time_key, time_key};
use crate::refusal::{Refusal, Result};
use sqlx::PgConnection;
use sqlx::types::Json;
use uuid::Uuid;

const PAGE: usize = 50;
/// So many changes of a webhook are shown.
const MOST_CHANGES: i64 = 20;

/// Which deliveries of a webhook are shown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DeliveryFilter {
    pub state: Option<DeliveryState>,
    /// An order's number.
    pub order: Option<String>,
    pub after: Option<String>,
}

/// All webhooks, by name.
pub async fn list_webhooks(conn: &mut PgConnection, act: &Act) -> Result<Vec<WebhookRow>> {
    act.require(Permission::ManageWebhooks)?;
    rows(conn, None).await
}

/// One webhook.
pub async fn read_webhook(conn: &mut PgConnection, act: &Act, id: WebhookId) -> Result<WebhookDetail> {
    act.require(Permission::ManageWebhooks)?;
    let webhook = rows(conn, Some(id)).await?.pop().ok_or_else(|| Refusal::not_found("such webhook"))?;
    Ok(WebhookDetail { webhook, history: events::tell(conn, id.0, MOST_CHANGES).await? })
}

async fn rows(conn: &mut PgConnection, id: Option<WebhookId>) -> Result<Vec<WebhookRow>> {
    let rows = sqlx::query!(
        r#"select w.webhook_id as "id: WebhookId", w.name, w.url, w.kinds, w.paused, w.paused_why, w.version,
            (select count(*) from (select from webhook_deliveries d where d.webhook_id = w.webhook_id and d.state = 'queued' limit $2) d) as "waiting!",
            (select count(*) from (select from webhook_deliveries d where d.webhook_id = w.webhook_id and d.state = 'failed' limit $2) d) as "failed!",
            (select max(d.ended_at) from webhook_deliveries d where d.webhook_id = w.webhook_id and d.state = 'delivered') as last_delivered_at
        from webhooks w
        where w.removed_at is null and ($1::uuid is null or w.webhook_id = $1)
        order by lower(w.name)"#,
        id.map(|id| id.0) as _,
        MOST_COUNTED + 1
    )
    .fetch_all(conn)
    .await?;
    let row = rows.into_iter().map(|r| WebhookRow {
        id: r.id,
        name: r.name,
        url: r.url,
        kinds: r.kinds.iter().filter_map(|kind| kind.parse().ok()).collect(),
        paused: r.paused,
        paused_why: r.paused_why,
        version: r.version,
        waiting: r.waiting,
        failed: r.failed,
        last_delivered_at: r.last_delivered_at,
    });
    Ok(row.collect())
}

/// What was sent, or is to be sent, to a webhook, the newest first, a page at a time.
pub async fn list_deliveries(conn: &mut PgConnection, act: &Act, webhook: WebhookId, filter: &DeliveryFilter) -> Result<Page<DeliveryRow>> {
    act.require(Permission::ManageWebhooks)?;
    let (at, id) = read_time_key::<Uuid>(filter.after.as_deref())?;
    let order = filter.order.as_deref().map(|n| n.trim().to_ascii_uppercase()).filter(|n| !n.is_empty());
    let rows = sqlx::query_as!(
        DeliveryRow,
        r#"select d.delivery_id as "id: DeliveryId", o.number as "order_number?", d.kind as "kind: EventKind", d.state as "state: DeliveryState", d.attempts,
            d.status, d.words, d.created_at, d.due_at, d.ended_at
        from webhook_deliveries d
        left join orders o using (order_id)
        where d.webhook_id = $1
            and ($2::text is null or d.state = $2)
            and ($3::text is null or d.order_id = (select order_id from order_numbers where number = $3))
            and ($4::timestamptz is null or (d.created_at, d.delivery_id) < ($4, $5))
        order by d.created_at desc, d.delivery_id desc
        limit $6"#,
        webhook.0,
        filter.state.map(DeliveryState::as_str),
        order,
        at,
        id,
        PAGE as i64 + 1
    )
    .fetch_all(conn)
    .await?;
    Ok(Page::cut(rows, PAGE, |row: &DeliveryRow| time_key(row.created_at, row.id.0)))
}

/// One delivery, with what is sent and every attempt.
pub async fn read_delivery(conn: &mut PgConnection, act: &Act, id: DeliveryId) -> Result<DeliveryDetail> {
    act.require(Permission::ManageWebhooks)?;
    let row = sqlx::query_as!(
        DeliveryRow,
        r#"select d.delivery_id as "id: DeliveryId", o.number as "order_number?", d.kind as "kind: EventKind", d.state as "state: DeliveryState", d.attempts,
            d.status, d.words, d.created_at, d.due_at, d.ended_at
        from webhook_deliveries d
        left join orders o using (order_id)
        where d.delivery_id = $1"#,
        id.0
    );
    let row = row.fetch_optional(&mut *conn).await?.ok_or_else(|| Refusal::not_found("such delivery"))?;
    let r = sqlx::query!(
        r#"select d.webhook_id as "webhook: WebhookId", w.name, d.order_id as "order: OrderId", d.version, e.actor_kind as "by?",
            coalesce(e.occurred_at, d.created_at) as "at!", e.payload as "details?: Json<EventDetails>"
        from webhook_deliveries d
        join webhooks w using (webhook_id)
        left join events e on e.stream_id = d.order_id and e.version = d.version
        where d.delivery_id = $1 and w.removed_at is null"#,
        id.0
    )
    .fetch_optional(&mut *conn)
    .await?
    .ok_or_else(|| Refusal::not_found("such delivery"))?;
    let attempts =
        sqlx::query_as!(Attempt, "select at, status, words, milliseconds from webhook_attempts where delivery_id = $1 order by at desc", id.0)
            .fetch_all(conn)
            .await?;
    let happening = Happening {
        webhook: &r.name,
        kind: row.kind.map(EventKind::as_str),
        at: r.at,
        order: Happening::of_order(r.order, row.order_number.as_deref(), r.version),
        by: r.by.as_deref(),
        details: r.details.as_ref().map(|details| &details.0),
    };
    Ok(DeliveryDetail { webhook: r.webhook, body: happening.body(), webhook_name: r.name, row, attempts })
}
