//! Trying rules: on orders of the past, which takes longer than a request, and on one that nobody has placed.

use super::Services;
use crate::identity::Act;
use crate::ids::SimulationId;
use crate::orders::views::TriedOrder;
use crate::orders::{self, NewOrder, Planning};
use crate::refusal::Result;
use crate::simulation::{self, Source};
use std::sync::Arc;

impl Services {
    /// What would become of an order that nobody has placed, by the rules in force or by others. Nothing is reserved.
    pub async fn try_order(&self, act: &Act, source: Source, new: &NewOrder) -> Result<TriedOrder> {
        let mut conn = self.pool.acquire().await?;
        let in_force = self.planning.get(&mut conn, act.now).await?;
        let planning = match simulation::ready_rules(&mut conn, act, source).await? {
            Some(ruleset) => Planning { ruleset: Arc::new(ruleset), ..in_force },
            None => in_force,
        };
        orders::try_order(&mut conn, act, &planning, new).await
    }

    /// Runs a simulation that was asked for. It reads and reckons for up to minutes: not on a thread that others wait for.
    pub async fn run_simulation(&self, id: SimulationId) -> Result<()> {
        let mut conn = self.pool.acquire().await?;
        let ran = simulation::run_simulation(&mut conn, || self.clock.now(), id).await;
        if let Err(error) = ran {
            tracing::error!(%error, simulation = %id, "a simulation could not be finished");
            simulation::fail_simulation(&mut conn, self.clock.now(), id, "Something went wrong on the way. Start it again.").await?;
        }
        self.changed.notify_waiters();
        Ok(())
    }
}
