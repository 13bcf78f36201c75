//! Baskets that are kept for a while.

use super::{Services, claiming};
use crate::idempotency::{self, Key, Seen};
use crate::identity::Act;
use crate::ids::HoldId;
use crate::orders::{self, Kept, NewHold};
use crate::refusal::Result;
use crate::transact;

impl Services {
    /// Keeps a basket's units for a while, in place of those that `before` kept. A key that has been seen is answered with what it did.
    pub async fn hold_basket(&self, act: &Act, new: &NewHold, before: Option<HoldId>, key: Option<&Key>) -> Result<Option<Kept>> {
        let kept = transact!(self.pool, conn, tries => {
            let planning = self.planning.get(conn, act.now).await?;
            let id = HoldId::new(act.now);
            if let Seen::Before(id) = idempotency::remember(conn, key, id.0, act.now).await? {
                return orders::replay_hold(conn, act, &planning, HoldId(id)).await;
            }
            orders::hold_basket(conn, act, &planning, id, before, new, claiming(tries)).await
        })?;
        self.changed.notify_waiters();
        Ok(kept)
    }

    /// Keeps a basket longer.
    pub async fn extend_hold(&self, act: &Act, hold: HoldId) -> Result<Kept> {
        transact!(self.pool, conn => {
            let planning = self.planning.get(conn, act.now).await?;
            orders::extend_hold(conn, act, &planning, hold).await
        })
    }

    /// Frees what a basket kept.
    pub async fn release_hold(&self, act: &Act, hold: HoldId) -> Result<()> {
        transact!(self.pool, conn => orders::release_hold(conn, act, hold).await)?;
        self.changed.notify_waiters();
        Ok(())
    }

    /// Frees what a basket kept whose time is over.
    pub async fn expire_hold(&self, hold: HoldId) -> Result<()> {
        let act = Act::system(self.clock.now());
        transact!(self.pool, conn => orders::expire_hold(conn, &act, hold).await)?;
        self.changed.notify_waiters();
        Ok(())
    }
}
