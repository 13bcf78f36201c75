//! `waybill bench`: measurements that print their figures, with a named floor beside each.

mod as_of;
mod intake;
mod kept;
mod literature;
mod machine;
mod page;
mod promise;
mod routing;
mod simulation;
mod world;

use crate::config::{Bench, Store};
use anyhow::Result;
use std::time::Duration;

pub async fn run(store: &Store, bench: Bench) -> Result<()> {
    match bench {
        Bench::Intake { url, orders, clients, skus } => intake::run(store, &url, orders, &clients, skus).await,
        Bench::AsOf { moments } => as_of::run(store, moments).await,
        Bench::Promise { url, rate, seconds } => promise::run(store, &url, rate, seconds).await,
        Bench::Routing => routing::run(store).await,
        Bench::Simulation { days } => simulation::run(store, days).await,
        Bench::Literature { data, networks, runs } => literature::run(&data, networks, runs),
        Bench::Kept { method } => kept::run(store, method.as_deref()).await,
        Bench::Page { url, requests } => page::run(store, &url, requests).await,
    }
}

/// Durations in order.
struct Times(Vec<Duration>);

impl Times {
    fn new(mut times: Vec<Duration>) -> Self {
        times.sort();
        Self(times)
    }

    /// The duration that a share of all, 0 to 1, stays below, in milliseconds.
    fn ms(&self, share: f64) -> f64 {
        let index = ((self.0.len() as f64 * share) as usize).min(self.0.len().saturating_sub(1));
        self.0.get(index).copied().unwrap_or_default().as_secs_f64() * 1_000.0
    }
}
