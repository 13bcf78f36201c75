//! Telling other systems: commit what is taken, call them, record their answers.

use super::Services;
use crate::idempotency::{self, Key, Seen};
use crate::identity::Act;
use crate::ids::{DeliveryId, WebhookId};
use crate::refusal::Result;
use crate::transact;
use crate::webhooks::{self, WebhookSettings};

/// Events are read so often before it is looked at what is to be sent.
const MOST_PASSES: u32 = 20;

/// So many calls are made to a webhook at once.
const MOST_AT_ONCE: i64 = 8;

impl Services {
    /// Writes the deliveries that new events call for. Returns the webhooks that something is to be sent to: each by itself, so that one that does not answer
    /// keeps no other waiting.
    pub async fn webhooks_due(&self) -> Result<Vec<WebhookId>> {
        let now = self.clock.now();
        for _ in 0..MOST_PASSES {
            if !transact!(self.pool, conn => webhooks::queue_deliveries(conn, now).await)? {
                break;
            }
        }
        webhooks::webhooks_due(&mut *self.pool.acquire().await?, now).await
    }

    /// Sends a webhook what is due, a few at once. True where there may be more.
    pub async fn deliver(&self, webhook: WebhookId) -> Result<bool> {
        let now = self.clock.now();
        let Some(poster) = &self.poster else { return Ok(false) };
        let taken = transact!(self.pool, conn => webhooks::take_due(conn, webhook, now, MOST_AT_ONCE).await)?;
        let calls = taken.iter().map(|one| async move {
            let answer = poster.post(one.call.clone()).await;
            // What was taken is taken: each is recorded as soon as it is, whatever becomes of the others.
            transact!(self.pool, conn => webhooks::record_answer(conn, self.clock.now(), one, &answer).await)
        });
        let recorded = futures_util::future::join_all(calls).await;
        recorded.into_iter().collect::<Result<Vec<()>>>()?;
        Ok(!taken.is_empty())
    }

    /// Has a delivery sent now. A key that has been seen changes nothing again.
    pub async fn deliver_again(&self, act: &Act, id: DeliveryId, key: Option<&Key>) -> Result<()> {
        transact!(self.pool, conn => match idempotency::remember(conn, key, id.0, act.now).await? {
            Seen::New => webhooks::send_again(conn, act, id).await,
            Seen::Before(_) => Ok(()),
        })?;
        self.changed.notify_waiters();
        Ok(())
    }

    /// Has everything sent now that was given up for a webhook, or waits to be tried again.
    pub async fn deliver_all_again(&self, act: &Act, id: WebhookId) -> Result<()> {
        webhooks::require_webhook(&mut *self.pool.acquire().await?, act, id).await?;
        // What waits first: what is sent again goes before it.
        while transact!(self.pool, conn => webhooks::send_some_now(conn, act.now, id).await)? {}
        while transact!(self.pool, conn => webhooks::send_some_again(conn, act.now, id).await)? {}
        self.changed.notify_waiters();
        Ok(())
    }

    /// Changes a webhook. What waits to be tried again is tried now: whatever was in its way may be no more.
    pub async fn change_webhook(&self, act: &Act, id: WebhookId, version: i32, settings: &WebhookSettings) -> Result<()> {
        transact!(self.pool, conn => webhooks::change_webhook(conn, act, id, version, settings).await)?;
        while transact!(self.pool, conn => webhooks::send_some_now(conn, act.now, id).await)? {}
        self.changed.notify_waiters();
        Ok(())
    }

    /// Drops what other systems were told long ago.
    pub(super) async fn forget_deliveries(&self) -> Result<()> {
        let now = self.clock.now();
        while transact!(self.pool, conn => webhooks::forget_some(conn, now).await)? {}
        Ok(())
    }
}
