//! Baskets that are kept for a while.

use super::{Services, claiming};
use crate::idempotency::{self, Key, Seen};
use crate::identity::{Act, Permission};
use crate::ids::{BookingId, HoldId};
use crate::orders::{self, Kept, NewHold};
use crate::refusal::Result;
use crate::slots;
use crate::transact;
use chrono::{DateTime, Utc};

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

    /// Keeps a slot while somebody decides, in place of the one that `before` keeps.
    pub async fn book_slot(&self, act: &Act, plan: &str, starts_at: DateTime<Utc>, before: Option<BookingId>) -> Result<slots::Kept> {
        let id = BookingId::new(act.now);
        let kept = transact!(self.pool, conn => {
            let planning = self.planning.get(conn, act.now).await?;
            slots::book_slot(conn, act, &planning.network, id, plan, starts_at, before).await
        })?;
        self.changed.notify_waiters();
        Ok(kept)
    }

    /// Gives a slot back that was kept.
    pub async fn release_booking(&self, act: &Act, booking: BookingId) -> Result<()> {
        act.require(Permission::CaptureOrders)?;
        transact!(self.pool, conn => slots::release_booking(conn, act, booking).await)
    }

    /// The time to decide about a slot is over.
    pub async fn expire_booking(&self, booking: BookingId) -> Result<()> {
        let act = Act::system(self.clock.now());
        transact!(self.pool, conn => slots::expire_booking(conn, &act, booking).await)
    }

    /// Frees what a basket kept whose time is over.
    pub async fn expire_hold(&self, hold: HoldId) -> Result<()> {
        let act = Act::system(self.clock.now());
        transact!(self.pool, conn => orders::expire_hold(conn, &act, hold).await)?;
        self.changed.notify_waiters();
        Ok(())
    }
}
