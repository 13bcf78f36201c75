//! Simulations, which run for longer than a request.

use super::Services;
use crate::ids::SimulationId;
use crate::refusal::Result;
use crate::simulation;

impl Services {
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
