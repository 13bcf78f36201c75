//! What a measurement costs the machine: processor time, as Linux counts it, and statements, as Postgres counts them.

use anyhow::{Context as _, Result};
use std::fs;

/// Counters at one moment.
#[derive(Clone, Copy, Debug)]
pub struct Reading {
    /// Processor time of everything on the machine, in clock ticks.
    machine: u64,
    /// That of the database's processes.
    postgres: u64,
    /// Statements of every client so far; none without `pg_stat_statements`.
    statements: Option<i64>,
}

/// Between two readings.
#[derive(Clone, Copy, Debug)]
pub struct Cost(Reading);

/// Linux counts in hundredths of a second on every machine that Rust runs on.
const MS_PER_TICK: f64 = 10.0;

impl Reading {
    pub async fn take(conn: &mut sqlx::PgConnection) -> Result<Self> {
        let backend: i32 = sqlx::query_scalar("select pg_backend_pid()").fetch_one(&mut *conn).await?;
        let statements = match sqlx::query("create extension if not exists pg_stat_statements").execute(&mut *conn).await {
            Ok(_) => sqlx::query_scalar(
                "select sum(calls)::bigint from pg_stat_statements where dbid = (select oid from pg_database where datname = current_database())",
            )
            .fetch_one(&mut *conn)
            .await
            .ok(),
            Err(_) => None,
        };
        let machine = fs::read_to_string("/proc/stat").context("reading the machine's counters")?;
        // user, nice, system; then idle and waiting, which are nobody's; then interrupts.
        let busy = machine.lines().next().unwrap_or_default().split_whitespace().skip(1).enumerate().filter(|(i, _)| matches!(i, 0..=2 | 5 | 6));
        let machine = busy.filter_map(|(_, ticks)| ticks.parse::<u64>().ok()).sum();
        let postmaster = stat(backend).map(|s| s.parent).unwrap_or_default();
        let processes = fs::read_dir("/proc")?.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok());
        // A postmaster's own count includes its children that have ended.
        let postgres = processes.filter_map(stat).filter(|s| s.parent == postmaster || s.pid == postmaster).map(|s| s.ticks).sum();
        Ok(Self { machine, postgres, statements })
    }

    pub fn since(&self, before: &Self) -> Cost {
        Cost(Self {
            machine: self.machine - before.machine,
            postgres: self.postgres.saturating_sub(before.postgres),
            statements: self.statements.zip(before.statements).map(|(now, then)| now - then),
        })
    }
}

impl Cost {
    pub const LEGEND: &str = "statements and milliseconds of processor time are per order, those of all CPU with the load's own";

    pub fn machine_ms(&self, things: usize) -> f64 {
        self.0.machine as f64 * MS_PER_TICK / things as f64
    }

    pub fn postgres_ms(&self, things: usize) -> f64 {
        self.0.postgres as f64 * MS_PER_TICK / things as f64
    }

    /// None is said with a dash.
    pub fn statements(&self, things: usize) -> String {
        self.0.statements.map_or_else(|| "–".to_owned(), |n| format!("{:.1}", n as f64 / things as f64))
    }
}

struct Stat {
    pid: i32,
    parent: i32,
    ticks: u64,
}

/// proc(5): the fields after the command's name, which is in parentheses and may hold anything.
fn stat(pid: i32) -> Option<Stat> {
    let text = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let fields: Vec<&str> = text.rsplit_once(')')?.1.split_whitespace().collect();
    let number = |at: usize| fields.get(at)?.parse::<u64>().ok();
    Some(Stat { pid, parent: fields.get(1)?.parse().ok()?, ticks: number(11)? + number(12)? + number(13)? + number(14)? })
}
