//! Promised against actual.

use super::{PromiseReport, PromiseRow};
use crate::identity::{Act, Permission};
use crate::refusal::{Refusal, Result};
use chrono::NaiveDate;
use sqlx::PgConnection;

/// A report covers at most this many days.
const LONGEST_DAYS: i64 = 800;

/// How the promises of the days from `from` to `until`, both included, in UTC, were kept: of parcels that are there, or should be, and of pickups.
pub async fn promise_report(conn: &mut PgConnection, act: &Act, from: NaiveDate, until: NaiveDate) -> Result<PromiseReport> {
    act.require(Permission::ReadReports)?;
    if !(1..=LONGEST_DAYS).contains(&((until - from).num_days() + 1)) {
        return Err(Refusal::field("/from", format!("Choose a period of 1 to {LONGEST_DAYS} days whose first day is not after its last.")).into());
    }
    let rows = sqlx::query_file!("src/reports/sql/promises.sql", from, until, act.now).fetch_all(conn).await?;
    let mut report = PromiseReport { from, until, all: PromiseRow::default(), locations: Vec::new(), services: Vec::new(), methods: Vec::new() };
    for r in rows {
        let row = PromiseRow {
            name: r.name,
            promised: r.promised,
            kept: r.kept,
            overdue: r.overdue,
            padding_hours: r.padding_hours,
            needed_hours: r.needed_hours,
        };
        match r.slice.as_str() {
            "location" => report.locations.push(row),
            "service" => report.services.push(row),
            "method" => report.methods.push(row),
            _ => report.all = row,
        }
    }
    Ok(report)
}
