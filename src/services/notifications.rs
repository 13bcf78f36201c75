//! Sending messages: commit what is taken, call whoever sends mail, record its answer.

use super::Services;
use crate::identity::Act;
use crate::ids::NotificationId;
use crate::notifications::{self, Writing};
use crate::refusal::Result;
use crate::transact;

/// So many messages are sent at once.
const MOST_AT_ONCE: i64 = 20;

impl Services {
    /// Writes the messages that new events call for, and sends what is due. True where there may be more at once.
    pub async fn notify(&self) -> Result<bool> {
        let now = self.clock.now();
        let with = Writing { site: &self.site, key: &self.link_key, planning: &self.planning };
        let read = transact!(self.pool, conn => notifications::queue_notifications(conn, now, with).await)?;
        let sent = self.send_due().await?;
        Ok(read > 0 || sent > 0)
    }

    async fn send_due(&self) -> Result<usize> {
        let now = self.clock.now();
        let Some(mailer) = &self.mailer else {
            transact!(self.pool, conn => notifications::keep_unsent(conn, now).await)?;
            return Ok(0);
        };
        let taken = transact!(self.pool, conn => notifications::take_due(conn, now, MOST_AT_ONCE).await)?;
        let calls = taken.iter().map(|one| mailer.send(one.mail.clone()));
        let outcomes = futures_util::future::join_all(calls).await;
        // What was sent is sent: each is recorded, whatever becomes of the others.
        let mut trouble = Ok(());
        for (one, outcome) in taken.iter().zip(&outcomes) {
            let recorded = transact!(self.pool, conn => notifications::record_outcome(conn, self.clock.now(), one, outcome).await);
            trouble = trouble.and(recorded);
        }
        trouble.map(|()| taken.len())
    }

    /// Has a message sent again that was given up or kept.
    pub async fn send_again(&self, act: &Act, id: NotificationId) -> Result<()> {
        transact!(self.pool, conn => notifications::send_again(conn, act, id).await)?;
        self.changed.notify_waiters();
        Ok(())
    }
}
