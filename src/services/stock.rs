//! Stock, where what becomes of it may take units from orders.

use super::{Services, spare};
use crate::catalog;
use crate::idempotency::{self, Key, Seen};
use crate::identity::Act;
use crate::inventory::{self, MovementReason, Network};
use crate::orders::views::ReadingsTaken;
use crate::orders::{self, ConditionChange, Readings};
use crate::refusal::{Error, Result};
use crate::transact;
use chrono::{DateTime, Utc};
use std::sync::Arc;

impl Services {
    /// Books units of a SKU in (positive) or out (negative) at a location. Returns how many orders lose units by it: they are routed anew.
    /// A key that has been seen changes nothing again.
    pub async fn adjust_stock(
        &self,
        act: &Act,
        sku: &str,
        location: &str,
        quantity: i32,
        reason: MovementReason,
        key: Option<&Key>,
    ) -> Result<usize> {
        let losers = transact!(self.pool, conn, tries => {
            if let Seen::Before(_) = idempotency::remember(conn, key, uuid::Uuid::nil(), act.now).await? {
                return Ok(Vec::new());
            }
            orders::correct_stock(conn, act, sku, location, quantity, reason, spare(tries)).await
        })?;
        self.changed.notify_waiters();
        Ok(losers.len())
    }

    /// Sets units aside, makes them fit to be sold again, or writes them off. Returns how many orders lose units by it. A key that has been seen
    /// changes nothing again.
    pub async fn change_condition(&self, act: &Act, change: &ConditionChange, key: Option<&Key>) -> Result<usize> {
        let losers = transact!(self.pool, conn, tries => {
            if let Seen::Before(_) = idempotency::remember(conn, key, uuid::Uuid::nil(), act.now).await? {
                return Ok(Vec::new());
            }
            orders::change_condition(conn, act, change, spare(tries)).await
        })?;
        self.changed.notify_waiters();
        Ok(losers.len())
    }

    /// Books what a count has found: of one SKU, by code, or all that is left. Each difference is its own transaction: one that cannot be booked
    /// keeps none of the others, and the first trouble is told in the end. Returns how many orders lose units by it.
    pub async fn approve_count(&self, act: &Act, number: &str, sku: Option<&str>) -> Result<usize> {
        let number = number.trim().to_ascii_uppercase();
        let skus = match sku {
            Some(sku) => vec![sku.to_owned()],
            None => orders::open_differences(&mut *self.pool.acquire().await?, act, &number).await?,
        };
        let (mut trouble, mut losers) = (Ok(()), 0);
        for sku in skus {
            let booked = transact!(self.pool, conn, tries => orders::approve_difference(conn, act, &number, &sku, spare(tries)).await);
            match booked {
                Ok(orders) => losers += orders.len(),
                Err(error) => trouble = trouble.and(Err(error)),
            }
        }
        self.changed.notify_waiters();
        trouble.map(|()| losers)
    }

    /// Brings the books of a location in line with what another system reports. The same report again changes nothing again.
    pub async fn apply_readings(&self, act: &Act, readings: &Readings) -> Result<ReadingsTaken> {
        let as_of = readings.as_of;
        let (location, lines) = orders::check_readings(&mut *self.pool.acquire().await?, act, readings).await?;
        let (mut taken, shrinking) = transact!(self.pool, conn => orders::apply_harmless(conn, act, location, as_of, &lines).await)?;
        for reading in shrinking {
            let applied = transact!(self.pool, conn, tries => orders::apply_shrinking(conn, act, location, as_of, reading, spare(tries)).await);
            match applied {
                Ok(one) => {
                    taken.corrected += one.corrected;
                    taken.stale.extend(one.stale);
                    taken.rerouted += one.rerouted;
                }
                Err(Error::Refused(_)) => {
                    taken.not_taken.extend(catalog::codes_of(&mut *self.pool.acquire().await?, &[reading.sku]).await?);
                }
                Err(error) => return Err(error),
            }
        }
        self.changed.notify_waiters();
        Ok(taken)
    }

    /// The network as it is, or as it was at a moment of the past.
    pub async fn network_of(&self, at: Option<DateTime<Utc>>) -> Result<Arc<Network>> {
        let mut conn = self.pool.acquire().await?;
        match at {
            None => Ok(self.planning.get(&mut conn, self.clock.now()).await?.network),
            Some(at) => Ok(Arc::new(inventory::network_at(&mut conn, at).await?)),
        }
    }

    /// Measures what is sold in a day, once a day.
    pub async fn measure_demand(&self) -> Result<()> {
        let now = self.clock.now();
        transact!(self.pool, conn => inventory::measure_demand(conn, now).await)
    }

    /// Closes the months that are over.
    pub async fn close_months(&self) -> Result<()> {
        let now = self.clock.now();
        while transact!(self.pool, conn => inventory::close_month(conn, now).await)? {}
        Ok(())
    }
}
