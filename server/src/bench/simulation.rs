//! A history simulated: by what was in force, which has to give each decision again, and by other rules.

use crate::config::Store;
use crate::database::{self, Use};
use anyhow::{Context as _, Result, bail, ensure};
use chrono::{DateTime, TimeDelta, Utc};
use futures_util::TryStreamExt as _;
use sqlx::PgConnection;
use std::fs;
use std::time::{Duration, Instant};
use waybill::identity::Act;
use waybill::ids::{RulesetId, SimulationId};
use waybill::routing::publish_ruleset;
use waybill::routing::rules::{CostPart, Prefer, Rule, Rules, Then, assign, hold};
use waybill::simulation::{self, SimulationState, Source};
use waybill::transact;

/// Simulates so many days until the latest decision. The rules that it is tried with are published and never put in force.
pub async fn run(store: &Store, days: u32) -> Result<()> {
    let database = database::open(store, Use::Command).await?;
    let mut conn = database.pool.acquire().await?;
    let act = Act::system(Utc::now());
    let until: Option<DateTime<Utc>> = sqlx::query_scalar("select max(decided_at) from order_decisions").fetch_one(&mut *conn).await?;
    let Some(until) = until else { bail!("nothing was decided yet: load or import something first") };
    let from = until - TimeDelta::days(days.into());
    let (read, floor) = read_only(&mut conn, from, until).await?;
    println!("reading {read} decisions only: {:.2} s", floor.as_secs_f64());
    let other = RulesetId::new(act.now);
    transact!(database.pool, conn => publish_ruleset(conn, &act, other, "Least cost", &least_cost(), &[]).await)?;
    for (name, source) in [("as it was", Source::AsItWas), ("least cost", Source::Version(other, 1))] {
        let id = SimulationId::new(Utc::now());
        transact!(database.pool, conn => simulation::start_simulation(conn, &act, id, source, from, until).await)?;
        forget_peak()?;
        let begun = Instant::now();
        simulation::run_simulation(&mut conn, Utc::now, id).await?;
        let took = begun.elapsed();
        let peak = peak_megabytes()?;
        let seen = simulation::read_simulation(&mut conn, &act, id).await?;
        ensure!(seen.row.state == SimulationState::Done, "it ended as {}: {:?}", seen.row.state, seen.row.problem);
        let found = seen.findings.context("it found nothing")?;
        ensure!(!matches!(source, Source::AsItWas) || found.alike == found.decisions, "{} of {} decisions are alike", found.alike, found.decisions);
        println!(
            "{name}: {} orders, {} decisions, {} of them alike, {} orders moved: {:.2} s ({:.1} of reading only), at most {peak:.0} MB",
            seen.row.orders,
            found.decisions,
            found.alike,
            found.moved,
            took.as_secs_f64(),
            took.as_secs_f64() / floor.as_secs_f64()
        );
        transact!(database.pool, conn => simulation::delete_simulation(conn, &act, id).await)?;
    }
    drop(conn);
    database.close().await
}

/// Everything at the least cost of carriage and packing.
fn least_cost() -> Rules {
    let part = |by: &str| CostPart { by: by.to_owned(), weight: 100.0 };
    let rule = Rule {
        id: "least-cost".to_owned(),
        name: "Least cost".to_owned(),
        prefer: Prefer::Cheapest(vec![part("shipping"), part("handling")]),
        then: Then { full: assign("unfillable"), partial: assign("backorder"), none: hold("unfillable") },
        ..Rule::default()
    };
    Rules { rules: vec![rule], ..Rules::default() }
}

/// The floor: each decision of the period is read, and nothing is done with it.
async fn read_only(conn: &mut PgConnection, from: DateTime<Utc>, until: DateTime<Utc>) -> Result<(u64, Duration)> {
    let begun = Instant::now();
    let sql = "select record from order_decisions where decided_at > $1 and decided_at <= $2 order by decided_at, order_id, decision_no";
    let mut rows = sqlx::query_scalar::<_, serde_json::Value>(sql).bind(from).bind(until).fetch(conn);
    let mut read = 0;
    while rows.try_next().await?.is_some() {
        read += 1;
    }
    Ok((read, begun.elapsed()))
}

/// Linux forgets how much memory the process has used at most: proc(5), clear_refs.
fn forget_peak() -> Result<()> {
    fs::write("/proc/self/clear_refs", "5").context("resetting the peak of the memory")
}

/// The most memory that was used since, in megabytes: proc(5), `VmHWM`.
fn peak_megabytes() -> Result<f64> {
    let status = fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).context("the peak of the memory is not told")?;
    let kilobytes: f64 = line.trim().trim_end_matches(" kB").parse()?;
    Ok(kilobytes / 1_000.0)
}
