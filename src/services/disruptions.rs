//! What is out of order: noted in one transaction, and its orders planned anew one by one, each in its own, so that one that cannot be keeps none of the
//! others.

use super::{Services, claiming};
use crate::idempotency::{self, Key, Seen};
use crate::identity::{Act, Permission};
use crate::ids::DisruptionId;
use crate::inventory::disruptions::{self, NewDisruption};
use crate::inventory::network_at;
use crate::jobs::{self, Job};
use crate::orders::views::DisruptionView;
use crate::orders::{self, Planning};
use crate::refusal::{Error, Result};
use crate::transact;
use std::sync::Arc;

/// So much work is planned anew to see what would become of it; others wait for its orders meanwhile.
pub const MOST_PREVIEWED: i64 = 200;
/// So much is planned anew before the queue gets its turn.
const MOST_IN_A_GO: i64 = 50;
/// Whoever was outrun so often looks at it again later.
const MOST_TRIES: u32 = 4;

impl Services {
    /// What would become of the orders that count on something, were it out of order from now on: it is done, looked at and undone. The counts are of the
    /// first [`MOST_PREVIEWED`]; what is beyond is still to do in them.
    pub async fn preview_disruption(&self, act: &Act, new: &NewDisruption) -> Result<DisruptionView> {
        act.require(Permission::ManageNetwork)?;
        let mut tries = 1;
        loop {
            match self.try_disruption(act, new, tries).await {
                Err(error) if error.is_retryable() && tries < MOST_TRIES => tries += 1,
                outcome => return outcome,
            }
        }
    }

    async fn try_disruption(&self, act: &Act, new: &NewDisruption, tries: u32) -> Result<DisruptionView> {
        let in_force = self.planning.get(&mut *self.pool.acquire().await?, act.now).await?;
        // It is dropped, which rolls it back.
        let mut tried = self.pool.begin().await?;
        let id = DisruptionId::new(act.now);
        disruptions::note_disruption(&mut tried, act, id, new).await?;
        orders::note_disrupted(&mut tried, id).await?;
        let planning = Planning { network: Arc::new(network_at(&mut tried, act.now).await?), ..in_force };
        let disruption = orders::read_disrupting(&mut tried, id).await?;
        let works = orders::disrupted_work(&mut tried, id, &[], 0, MOST_PREVIEWED).await?;
        orders::lock_disrupted(&mut tried, &planning, &works, act.now).await?;
        for work in works {
            orders::replan_disrupted(&mut tried, act, &planning, &disruption, &work, claiming(tries)).await?;
        }
        orders::read_disruption(&mut tried, act, id, None).await
    }

    /// Notes that something is out of order. Its orders are planned anew right after. A key that has been seen changes nothing again.
    pub async fn start_disruption(&self, act: &Act, new: &NewDisruption, key: Option<&Key>) -> Result<DisruptionId> {
        let id = DisruptionId::new(act.now);
        let id = transact!(self.pool, conn => {
            if let Seen::Before(id) = idempotency::remember(conn, key, id.0, act.now).await? {
                return Ok(DisruptionId(id));
            }
            disruptions::start_disruption(conn, act, id, new).await?;
            orders::note_disrupted(conn, id).await?;
            let mut todo = vec![(Job::ReplanDisrupted { disruption_id: id, after: 0 }, act.now)];
            todo.extend(new.until.map(|until| (Job::EndDisruption { disruption_id: id }, until)));
            jobs::enqueue(conn, &todo).await?;
            Ok(id)
        })?;
        self.changed.notify_waiters();
        Ok(id)
    }

    /// Plans orders anew that count on what is out of order, some behind a number; what is left is another job. One that cannot be planned keeps none of the
    /// others.
    pub async fn replan_disrupted(&self, id: DisruptionId, after: i32) -> Result<()> {
        let now = self.clock.now();
        let act = Act::system(now);
        if after == 0 {
            // What was taken in while it was being noted counts on it, too.
            transact!(self.pool, conn => orders::note_disrupted(conn, id).await)?;
        }
        let (disruption, todo, planning) = {
            let mut conn = self.pool.acquire().await?;
            let disruption = orders::read_disrupting(&mut conn, id).await?;
            (disruption, orders::disrupted_work(&mut conn, id, &[], after, MOST_IN_A_GO).await?, self.planning.get(&mut conn, now).await?)
        };
        // What is over has nobody's orders any more.
        if disruption.is_over {
            return Ok(());
        }
        if let Some(last) = todo.last().filter(|_| todo.len() as i64 == MOST_IN_A_GO) {
            let next = Job::ReplanDisrupted { disruption_id: id, after: last.no };
            transact!(self.pool, conn => jobs::enqueue(conn, &[(next.clone(), now)]).await)?;
        }
        let mut trouble: Result<()> = Ok(());
        for work in &todo {
            let planned =
                transact!(self.pool, conn, tries => orders::replan_disrupted(conn, &act, &planning, &disruption, work, claiming(tries)).await);
            if let Err(error) = planned {
                tracing::warn!(%error, order = %work.order, "an order of a disruption could not be planned anew; it is tried again");
                trouble = trouble.and(Err(error));
            }
        }
        self.changed.notify_waiters();
        trouble
    }

    /// Says that something works again, or does so because its time is over. Its orders are looked at right after.
    pub async fn end_disruption(&self, act: &Act, id: DisruptionId) -> Result<()> {
        transact!(self.pool, conn => {
            if !disruptions::end_disruption(conn, act, id).await? {
                return Ok(());
            }
            jobs::forget(conn, &[Job::EndDisruption { disruption_id: id }]).await?;
            let waiting = orders::waiting_work(conn, id).await?;
            let mut todo: Vec<_> = waiting.into_iter().map(|order_id| (Job::RerouteOrder { order_id, since: act.now }, act.now)).collect();
            todo.push((Job::BringBack { disruption_id: id, after: 0 }, act.now));
            jobs::enqueue(conn, &todo).await
        })?;
        self.changed.notify_waiters();
        Ok(())
    }

    /// Undoes what a disruption that is over did to orders: some behind a number; what is left is another job. See [`orders::bring_back`].
    pub async fn bring_back(&self, id: DisruptionId, after: i32) -> Result<()> {
        let now = self.clock.now();
        let act = Act::system(now);
        let (disruption, todo, planning) = {
            let mut conn = self.pool.acquire().await?;
            let disruption = orders::read_disrupting(&mut conn, id).await?;
            let touched = orders::disrupted_work(&mut conn, id, disruption.brings_back_what(), after, MOST_IN_A_GO).await?;
            (disruption, touched, self.planning.get(&mut conn, now).await?)
        };
        if let Some(last) = todo.last().filter(|_| todo.len() as i64 == MOST_IN_A_GO) {
            let next = Job::BringBack { disruption_id: id, after: last.no };
            transact!(self.pool, conn => jobs::enqueue(conn, &[(next.clone(), now)]).await)?;
        }
        let mut trouble: Result<()> = Ok(());
        for work in &todo {
            let looked = transact!(self.pool, conn, tries => orders::bring_back(conn, &act, &planning, &disruption, work, claiming(tries)).await);
            match looked {
                Ok(_) => {}
                // It goes well where it is.
                Err(Error::Refused(refusal)) => tracing::debug!(%refusal.message, order = %work.order, "an order was not brought back"),
                Err(error) => trouble = trouble.and(Err(error)),
            }
        }
        self.changed.notify_waiters();
        trouble
    }
}
