//! Sending what is queued: taken by one node at a time, sent, and its answer recorded. What a node had in hand that died is sent by another.

use super::DeliveryState;
use super::body::Happening;
use super::queue_deliveries::{let_next_go, lock_orders};
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

/// So many deliveries are changed in one transaction, where many are.
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
    let order = taken.order.as_ref().filter(|_| state != "queued").map(|(order, _)| order.0);
    if let Some(order) = order {
        lock_orders(conn, &[taken.webhook.0], &[order]).await?;
    }
    // A node that was away for longer than it had it in hand may still say that it was taken, and nothing else.
    let recorded = sqlx::query!(
        "update webhook_deliveries
        set state = $2, due_at = $3, status = $4, words = $5, ended_at = case when $2 <> 'queued' then $6::timestamptz end
        where delivery_id = $1 and state = 'queued' and ($2 = 'delivered' or attempts = $7)",
        taken.id.0,
        state,
        now + wait + longer,
        status,
        words,
        now,
        taken.attempts
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
    if let Some(order) = order {
        let_next_go(conn, &[taken.webhook.0], &[order]).await?;
    }
    let told = answer.status.map_or_else(|| words.clone(), |status| format!("It answered {status}."));
    let mut happened = match &taken.order {
        None => vec![(EventKind::WebhookTried, told.clone())],
        Some((_, number)) if state == "failed" => vec![(EventKind::WebhookFailed, format!("{number}: {told}"))],
        Some(_) => Vec::new(),
    };
    if happened.is_empty() && !answer.is_gone() {
        return Ok(());
    }
    // Whoever holds it is the only one who writes of it.
    sqlx::query!("select from webhooks where webhook_id = $1 for no key update", taken.webhook.0).fetch_all(&mut *conn).await?;
    if answer.is_gone() {
        let paused = sqlx::query!(
            "update webhooks
            set paused = true, paused_why = $3, version = version + 1
            where webhook_id = $1 and url = $2 and not paused and removed_at is null",
            taken.webhook.0,
            taken.call.url,
            "It answered that it is gone (410)."
        )
        .execute(&mut *conn)
        .await?;
        happened.extend((paused.rows_affected() > 0).then_some((EventKind::WebhookPaused, told)));
    }
    let event = |(kind, reason)| NewEvent { kind, details: EventDetails { reason: Some(reason), ..EventDetails::default() } };
    events::append(conn, &Act::system(now), StreamKind::Webhook, taken.webhook.0, happened.into_iter().map(event).collect()).await
}

/// Has a delivery sent now that was given up, waits to be tried again, or was lost by the other side.
pub async fn send_again(conn: &mut PgConnection, act: &Act, id: DeliveryId) -> Result<()> {
    act.require(Permission::ManageWebhooks)?;
    let of = sqlx::query!(
        "select d.webhook_id, d.order_id from webhook_deliveries d join webhooks w using (webhook_id) where d.delivery_id = $1 and w.removed_at is null",
        id.0
    );
    let of = of.fetch_optional(&mut *conn).await?.ok_or_else(gone)?;
    if let Some(order) = of.order_id {
        lock_orders(conn, &[of.webhook_id], &[order]).await?;
    }
    let delivery =
        sqlx::query!(r#"select state as "state: DeliveryState", is_next, due_at from webhook_deliveries where delivery_id = $1 for update"#, id.0);
    let delivery = delivery.fetch_optional(&mut *conn).await?.ok_or_else(gone)?;
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
    // A trial has nobody to wait for.
    sqlx::query!(
        "update webhook_deliveries set state = 'queued', attempts = 0, due_at = $2, ended_at = null, is_next = order_id is null where delivery_id = $1",
        id.0,
        act.now
    )
    .execute(&mut *conn)
    .await?;
    match of.order_id {
        Some(order) => let_next_go(conn, &[of.webhook_id], &[order]).await,
        None => Ok(()),
    }
}

fn gone() -> Refusal {
    Refusal::not_found("such delivery")
}

/// Has some of what was given up for a webhook sent now: a few at once, so that nobody waits for it. True where there may be more.
pub async fn send_some_again(conn: &mut PgConnection, now: DateTime<Utc>, webhook: WebhookId) -> Result<bool> {
    let failed = sqlx::query!(
        "select delivery_id, order_id from webhook_deliveries where webhook_id = $1 and state = 'failed' order by created_at desc, delivery_id desc limit $2",
        webhook.0,
        AT_ONCE
    )
    .fetch_all(&mut *conn)
    .await?;
    let ids: Vec<Uuid> = failed.iter().map(|d| d.delivery_id).collect();
    let orders: Vec<Uuid> = failed.iter().filter_map(|d| d.order_id).collect();
    let of_webhook = vec![webhook.0; orders.len()];
    lock_orders(conn, &of_webhook, &orders).await?;
    sqlx::query!(
        "update webhook_deliveries
        set state = 'queued', attempts = 0, due_at = $2, ended_at = null, is_next = order_id is null
        where delivery_id = any ($1) and state = 'failed'",
        &ids,
        now
    )
    .execute(&mut *conn)
    .await?;
    let_next_go(conn, &of_webhook, &orders).await?;
    Ok(failed.len() as i64 == AT_ONCE)
}

/// Some of what waits to be tried again is due. What may be in hand stays so. True where there may be more.
pub async fn send_some_now(conn: &mut PgConnection, now: DateTime<Utc>, webhook: WebhookId) -> Result<bool> {
    let due = sqlx::query!(
        "update webhook_deliveries
        set due_at = $2
        where delivery_id in (
            select delivery_id
            from webhook_deliveries
            where webhook_id = $1 and state = 'queued' and is_next and due_at > $3
            limit $4
            for update skip locked
        )",
        webhook.0,
        now,
        now + LEASE,
        AT_ONCE
    )
    .execute(conn)
    .await?;
    Ok(due.rows_affected() == AT_ONCE.unsigned_abs())
}

/// Drops some of what was delivered long ago, and of what was kept for webhooks that were removed: a few at once, so that nobody waits for it. True where there
/// may be more.
pub async fn forget_some(conn: &mut PgConnection, now: DateTime<Utc>) -> Result<bool> {
    let old = sqlx::query!(
        "delete from webhook_deliveries
        where delivery_id in (
            select d.delivery_id
            from webhooks w
            join webhook_deliveries d using (webhook_id)
            where d.state = 'delivered' and d.ended_at < $1
            limit $2
            for update of d skip locked
        )",
        now - KEPT_FOR,
        AT_ONCE
    )
    .execute(&mut *conn)
    .await?;
    let of_removed = sqlx::query!(
        "delete from webhook_deliveries
        where delivery_id in (
            select d.delivery_id
            from webhooks w
            join webhook_deliveries d using (webhook_id)
            where w.removed_at is not null
            limit $1
            for update of d skip locked
        )",
        AT_ONCE
    )
    .execute(conn)
    .await?;
    Ok(old.rows_affected().max(of_removed.rows_affected()) == AT_ONCE.unsigned_abs())
}
