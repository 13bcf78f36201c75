//! Sending what is queued: taken by one node at a time, sent, and its answer recorded. What a node had in hand that died is sent by another.

use super::body::Happening;
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
    /// None of a trial.
    pub order_number: Option<String>,
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

/// Characters that are kept of an answer.
const MOST_WORDS: usize = 500;

/// Takes deliveries that are due, of each webhook at most so many, so that one that does not answer keeps nobody else waiting. Of each order the next only.
pub async fn take_due(conn: &mut PgConnection, now: DateTime<Utc>, most: i64) -> Result<Vec<Taken>> {
    let rows = sqlx::query_file!("src/webhooks/sql/take_due.sql", now, now + LEASE, most).fetch_all(conn).await?;
    let taken = rows.into_iter().map(|r| {
        let happening = Happening {
            webhook: &r.name,
            kind: &r.kind,
            at: r.occurred_at,
            order: Happening::of_order(r.order_id.map(OrderId), r.number.as_deref(), r.version),
            by: r.actor_kind.as_deref(),
            details: r.payload.as_ref().map(|details| &details.0),
        };
        let body = happening.body();
        let (id, timestamp) = (r.delivery_id.to_string(), now.timestamp());
        let former = r.former_secret.filter(|_| r.former_until.is_some_and(|until| until > now));
        let secrets = std::iter::once(r.secret).chain(former);
        let signatures: Vec<String> = secrets.filter_map(|secret| signature(&secret, &id, timestamp, &body)).collect();
        let call = Call { url: r.url, id, timestamp, signature: signatures.join(" "), body };
        Taken { id: DeliveryId(r.delivery_id), webhook: WebhookId(r.webhook_id), order_number: r.number, call, attempts: r.attempts }
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
    let wait = usize::try_from(taken.attempts - 1).ok().and_then(|at| WAITS.get(at));
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
    let told = answer.status.map_or_else(|| words.clone(), |status| format!("It answered {status}."));
    let about = taken.order_number.as_ref().map_or_else(String::new, |number| format!("{number}: "));
    let mut happened = Vec::new();
    if taken.order_number.is_none() {
        happened.push((EventKind::WebhookTried, told.clone()));
    }
    if state == "failed" {
        happened.push((EventKind::WebhookFailed, format!("{about}{told}")));
    }
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

/// Has a delivery sent again that was given up, or that the other side has lost.
pub async fn send_again(conn: &mut PgConnection, act: &Act, id: DeliveryId) -> Result<()> {
    act.require(Permission::ManageWebhooks)?;
    let state =
        sqlx::query_scalar!("select state from webhook_deliveries where delivery_id = $1 for update", id.0).fetch_optional(&mut *conn).await?;
    match state.as_deref() {
        None => return Err(Refusal::not_found("such delivery").into()),
        Some("queued") => return Err(Refusal::new(RefusalCode::IllegalTransition, "It is to be sent already.").into()),
        Some(_) => {}
    }
    sqlx::query!("update webhook_deliveries set state = 'queued', attempts = 0, due_at = $2, ended_at = null where delivery_id = $1", id.0, act.now)
        .execute(conn)
        .await?;
    Ok(())
}

/// Has everything sent again that was given up for a webhook.
pub async fn send_failed_again(conn: &mut PgConnection, act: &Act, webhook: WebhookId) -> Result<()> {
    act.require(Permission::ManageWebhooks)?;
    let is_known =
        sqlx::query_scalar!(r#"select exists (select from webhooks where webhook_id = $1 and removed_at is null) as "is_known!""#, webhook.0);
    if !is_known.fetch_one(&mut *conn).await? {
        return Err(Refusal::not_found("such webhook").into());
    }
    sqlx::query!(
        "update webhook_deliveries
        set state = 'queued', attempts = 0, due_at = $2, ended_at = null
        where webhook_id = $1 and state = 'failed'",
        webhook.0,
        act.now
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Drops what was delivered long ago.
pub async fn forget_delivered(conn: &mut PgConnection, now: DateTime<Utc>) -> Result<()> {
    sqlx::query!("delete from webhook_deliveries where state = 'delivered' and ended_at < $1", now - KEPT_FOR).execute(conn).await?;
    Ok(())
}
