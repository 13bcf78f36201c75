//! Watching promises: order by order, each in its own transaction, so that one that cannot be looked at keeps none of the others.

use super::{Services, claiming};
use crate::identity::Act;
use crate::inventory::Network;
use crate::orders;
use crate::refusal::Result;
use crate::transact;
use std::sync::Arc;

/// So many are looked at in one go; the rest at the next.
const MOST: i64 = 200;
/// So many are worked out anew in one transaction.
const CHUNK: i64 = 500;

impl Services {
    /// Looks at the promises that may be in danger. Where the network is another than the one `seen` before, the last moments of all open work are
    /// worked out anew first.
    pub async fn watch_promises(&self, seen: &mut Option<Arc<Network>>) -> Result<()> {
        let act = Act::system(self.clock.now());
        let planning = self.planning.get(&mut *self.pool.acquire().await?, act.now).await?;
        // At the start of a node nobody knows what has changed meanwhile.
        if seen.as_ref().is_none_or(|seen| !Arc::ptr_eq(seen, &planning.network) && **seen != *planning.network) {
            let mut after = None;
            loop {
                after = transact!(self.pool, conn => orders::refresh_milestones(conn, &planning, after, CHUNK).await)?;
                if after.is_none() {
                    break;
                }
            }
        }
        *seen = Some(Arc::clone(&planning.network));
        let late = orders::late_promises(&mut *self.pool.acquire().await?, act.now, MOST).await?;
        let mut trouble = Ok(());
        let mut found = false;
        for (order, no) in late {
            let looked = transact!(self.pool, conn, tries => orders::look_at_promise(conn, &act, &planning, order, no, claiming(tries)).await);
            match looked {
                Ok(was) => found |= was,
                Err(error) => trouble = trouble.and(Err(error)),
            }
        }
        let cleared = transact!(self.pool, conn => orders::clear_alerts(conn, &act).await)?;
        if found || cleared > 0 {
            self.changed.notify_waiters();
        }
        trouble
    }
}
