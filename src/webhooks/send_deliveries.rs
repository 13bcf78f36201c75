//! Sending what is queued: taken by one node at a time, sent, and its answer recorded. What a node had in hand that died is sent by another.

use super::DeliveryState;
use super::body::Happening;
use super::queue_deliveries::let_next_go;
use crate::events::{self, EventDetails, EventKind, NewEvent, StreamKind};
use crate::identity::{Act, Permission};
use crate::ids::{DeliveryId, OrderId, WebhookId};
use crate::refusal::{Refusal, RefusalCode, Result};
use chrono::{DateTime, TimeDelta, Utc};
use sqlx::PgConnection;
use sqlx::types::Json;
use standardwebhooks::Webhook;
use std::future::Future;
use std::pin::Pin;
use uuid::Uuid;

/// A call to another system, signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    pub url: String,
    /// `webhook-id`: the same each time it is sent.
    pub id: String,
    /// `webhook-timestamp`: seconds since 1970.
    pub timestamp: i64,
    /// `webhook-signature`: of each secret that counts, with spaces between them.
    pub signature: String,
    /// JSON.
    pub body: String,
}

/// What a call came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// HTTP; none where there was no answer.
    pub status: Option<u16>,
    /// The beginning of the answer, or why there was none.
    pub words: String,
    pub took: TimeDelta,
}

impl Answer {
    fn is_taken(&self) -> bool {
        self.status.is_some_and(|status| (200..300).contains(&status))
    }

    /// The other side says that there is nothing any more, and wants no further calls.
    fn is_gone(&self) -> bool {
        self.status == Some(410)
    }
}

/// A call that is being made.
pub type PosterCall<'a> = Pin<Box<dyn Future<Output = Answer> + Send + 'a>>;

/// Whoever makes the calls.
pub trait Poster: Send + Sync {
    /// Makes a call. It may be asked twice for the same one, whose id is the same then.
    fn post(&self, call: Call) -> PosterCall<'_>;
}

/// A delivery in hand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Taken {
    pub id: DeliveryId,
    pub webhook: WebhookId,
    /// With its number; none of a trial.
    pub order: Option<(OrderId, String)>,
    pub call: Call,
    /// How often it was taken, this time included.
    pub attempts: i32,
}

/// Whoever takes a delivery has so long to send it.
const LEASE: TimeDelta = TimeDelta::seconds(60);

/// How long is waited after each attempt: about three days in all, as the specification advises. After the last it waits for somebody.
const WAITS: [TimeDelta; 9] = [
    TimeDelta::seconds(5),
    TimeDelta::minutes(5),
    TimeDelta::minutes(30),
    TimeDelta::hours(2),
    TimeDelta::hours(5),
    TimeDelta::hours(10),
    TimeDelta::hours(14),
    TimeDelta::hours(20),
    TimeDelta::hours(24),
];

/// What was delivered is shown for so long.
const KEPT_FOR: TimeDelta = TimeDelta::days(30);

/// So many deliveries are dropped in one transaction.
const AT_ONCE: i64 = 2_000;

/// Characters that are kept of an answer.
const MOST_WORDS: usize = 500;

/// The webhooks that something is to be sent to.
pub async fn webhooks_due(conn: &mut PgConnection, now: DateTime<Utc>) -> Result<Vec<WebhookId>> {
    Ok(sqlx::query_scalar!(
        r#"select w.webhook_id as "id: WebhookId"
        from webhooks w
        where w.removed_at is null and not w.paused
            and exists (select from webhook_deliveries d where d.webhook_id = w.webhook_id and d.state = 'queued' and d.is_next and d.due_at <= $1)"#,
        now
    )
    .fetch_all(conn)
    .await?)
}

/// Takes deliveries of a webhook that are due, at most so many; of each order the next only.
pub async fn take_due(conn: &mut PgConnection, webhook: WebhookId, now: DateTime<Utc>, most: i64) -> Result<Vec<Taken>> {
    let rows = sqlx::query_file!("src/webhooks/sql/take_due.sql", webhook.0, now, now + LEASE, most).fetch_all(conn).await?;
    let taken = rows.into_iter().map(|r| {
        let happening = Happening {
            webhook: &r.name,
            kind: r.kind.as_deref(),
            at: r.occurred_at,
            order: Happening::of_order(r.order, r.number.as_deref(), r.version),
            by: r.actor_kind.as_deref(),
            details: r.payload.as_ref().map(|details| &details.0),
        };
        let (body, id, timestamp) = (happening.body(), r.delivery_id.to_string(), now.timestamp());
        let signatures: Vec<String> = r.secrets.iter().filter_map(|secret| signature(secret, &id, timestamp, &body)).collect();
        let call = Call { url: r.url, id, timestamp, signature: signatures.join(" "), body };
        Taken { id: DeliveryId(r.delivery_id), webhook: WebhookId(r.webhook_id), order: r.order.zip(r.number), call, attempts: r.attempts }
    });
    Ok(taken.collect())
}

fn signature(secret: &[u8], id: &str, timestamp: i64, body: &str) -> Option<String> {
    Webhook::from_bytes(secret.to_vec()).and_then(|webhook| webhook.sign(id, timestamp, body.as_bytes())).ok()
}

/// Says what became of a delivery that was taken: it is done, tried again later, or given up.
pub async fn record_answer(conn: &mut PgConnection, now: DateTime<Utc>, taken: &Taken, answer: &Answer) -> Result<()> {
    let words: String = answer.words.chars().filter(|c| !c.is_control() || *c == '\n').take(MOST_WORDS).collect();
    let status = answer.status.map(i32::from);
    // A trial is sent once: whoever sent it looks at what comes of it.
    let wait = usize::try_from(taken.attempts - 1).ok().and_then(|at| WAITS.get(at)).filter(|_| taken.order.is_some());
    let state = match (answer.is_taken(), wait) {
        (true, _) => "delivered",
        (false, Some(_)) => "queued",
        (false, None) => "failed",
    };
    // Up to a tenth longer, each its own: what failed together does not come again together.
    let wait = wait.copied().unwrap_or_default();
    let longer = wait / 10 * i32::from(taken.id.0.as_bytes()[15]) / 255;
    let recorded = sqlx::query!(
        "update webhook_deliveries
        set state = $2, due_at = $3, status = $4, words = $5, ended_at = case when $2 <> 'queued' then $6::timestamptz end
        where delivery_id = $1 and state = 'queued'",
        taken.id.0,
        state,
        now + wait + longer,
        status,
        words,
        now
    )
    .execute(&mut *conn)
    .await?;
    if recorded.rows_affected() == 0 {
        // The webhook was removed meanwhile, or another node has had an answer.
        return Ok(());
    }
    sqlx::query!(
        "insert into webhook_attempts (delivery_id, at, status, words, milliseconds) values ($1, $2, $3, $4, $5) on conflict do nothing",
        taken.id.0,
        now,
        status,
        words,
        i32::try_from(answer.took.num_milliseconds()).unwrap_or(i32::MAX)
    )
    .execute(&mut *conn)
    .await?;
    if let Some((order, _)) = taken.order.as_ref().filter(|_| state != "queued") {
        let_next_go(conn, &[taken.webhook.0], &[order.0]).await?;
    }
    let told = answer.status.map_or_else(|| words.clone(), |status| format!("It answered {status}."));
    let mut happened = match &taken.order {
        None => vec![(EventKind::WebhookTried, told.clone())],
        Some((_, number)) if state == "failed" => vec![(EventKind::WebhookFailed, format!("{number}: {told}"))],
        Some(_) => Vec::new(),
    };
    if answer.is_gone() {
        happened.push((EventKind::WebhookPaused, told));
    }
    if happened.is_empty() {
        return Ok(());
    }
    // Whoever holds it is the only one who writes of it.
    sqlx::query!(
        "update webhooks
        set paused = paused or $2, paused_why = case when $2 then $3 else paused_why end, version = version + $2::integer
        where webhook_id = $1",
        taken.webhook.0,
        answer.is_gone(),
        "It answered that it is gone (410)."
    )
    .execute(&mut *conn)
    .await?;
    let event = |(kind, reason)| NewEvent { kind, details: EventDetails { reason: Some(reason), ..EventDetails::default() } };
    events::append(conn, &Act::system(now), StreamKind::Webhook, taken.webhook.0, happened.into_iter().map(event).collect()).await
}

/// Has a delivery sent now that was given up, waits to be tried again, or was lost by the other side.
pub async fn send_again(conn: &mut PgConnection, act: &Act, id: DeliveryId) -> Result<()> {
    act.require(Permission::ManageWebhooks)?;
    let delivery = sqlx::query!(
        r#"select d.webhook_id, d.order_id, d.state as "state: DeliveryState", d.is_next, d.due_at
        from webhook_deliveries d
        join webhooks w using (webhook_id)
        where d.delivery_id = $1 and w.removed_at is null
        for update of d"#,
        id.0
    )
    .fetch_optional(&mut *conn)
    .await?
    .ok_or_else(|| Refusal::not_found("such delivery"))?;
    if delivery.state == DeliveryState::Queued {
        let words = match (delivery.is_next, delivery.due_at > act.now + LEASE) {
            (true, true) => None,
            (true, false) => Some("It is about to be sent, or being sent."),
            (false, _) => Some("What happened to this order before is sent first. Send that again."),
        };
        if let Some(words) = words {
            return Err(Refusal::new(RefusalCode::IllegalTransition, words).into());
        }
    }
    sqlx::query!(
        "update webhook_deliveries
        set state = 'queued', attempts = 0, due_at = $2, ended_at = null, is_next = order_id is null or is_next and state = 'queued'
        where delivery_id = $1",
        id.0,
        act.now
    )
    .execute(&mut *conn)
    .await?;
    match delivery.order_id {
        Some(order) => let_next_go(conn, &[delivery.webhook_id], &[order]).await,
        None => Ok(()),
    }
}

/// Has everything sent now that was given up for a webhook, or waits to be tried again.
pub async fn send_all_again(conn: &mut PgConnection, act: &Act, webhook: WebhookId) -> Result<()> {
    act.require(Permission::ManageWebhooks)?;
    let is_known =
        sqlx::query_scalar!(r#"select exists (select from webhooks where webhook_id = $1 and removed_at is null) as "is_known!""#, webhook.0);
    if !is_known.fetch_one(&mut *conn).await? {
        return Err(Refusal::not_found("such webhook").into());
    }
    let again = sqlx::query_scalar!(
        "update webhook_deliveries
        set state = 'queued', attempts = 0, due_at = $2, ended_at = null, is_next = order_id is null
        where webhook_id = $1 and state = 'failed'
        returning order_id",
        webhook.0,
        act.now
    )
    .fetch_all(&mut *conn)
    .await?;
    let orders: Vec<Uuid> = again.into_iter().flatten().collect();
    let_next_go(conn, &vec![webhook.0; orders.len()], &orders).await?;
    send_waiting_now(conn, act.now, webhook).await
}

/// What waits to be tried again is due. What may be in hand stays so.
pub(super) async fn send_waiting_now(conn: &mut PgConnection, now: DateTime<Utc>, webhook: WebhookId) -> Result<()> {
    sqlx::query!(
        "update webhook_deliveries set due_at = $2 where webhook_id = $1 and state = 'queued' and is_next and due_at > $3",
        webhook.0,
        now,
        now + LEASE
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Drops some of what was delivered long ago, and of what was kept for webhooks that were removed: a few at once, so that nobody waits for it. Returns how many.
pub async fn forget_some(conn: &mut PgConnection, now: DateTime<Utc>) -> Result<u64> {
    let forgotten = sqlx::query!(
        "delete from webhook_deliveries
        where delivery_id in (
            select d.delivery_id
            from webhooks w
            join webhook_deliveries d using (webhook_id)
            where w.removed_at is not null or d.state = 'delivered' and d.ended_at < $1
            limit $2
        )",
        now - KEPT_FOR,
        AT_ONCE
    )
    .execute(conn)
    .await?;
    Ok(forgotten.rows_affected())
}
