//! Orders, revenue, fill rate and time to ship, by day, channel and location.

use super::{DayRow, KpiReport, KpiTotals, LocationRow, SliceRow};
use crate::identity::{Act, Permission};
use crate::money::{Currency, Money};
use crate::refusal::{Refusal, Result};
use chrono::{NaiveDate, TimeDelta};
use sqlx::PgConnection;

/// A report covers at most this many days.
const LONGEST_DAYS: i64 = 800;

/// The KPIs of the days from `from` to `until`, both included, in UTC. Revenue is the total of orders placed and not cancelled, in the
/// currency that most orders of the period are in; what others come to is told apart, never added.
pub async fn kpi_report(conn: &mut PgConnection, act: &Act, from: NaiveDate, until: NaiveDate) -> Result<KpiReport> {
    act.require(Permission::ReadReports)?;
    let days = (until - from).num_days() + 1;
    if !(1..=LONGEST_DAYS).contains(&days) {
        return Err(Refusal::field("/from", format!("Choose a period of 1 to {LONGEST_DAYS} days whose first day is not after its last.")).into());
    }
    let mut currencies = sqlx::query_file!("src/reports/sql/kpi_currencies.sql", from, until)
        .fetch_all(&mut *conn)
        .await?
        .into_iter()
        .filter_map(|r| Some(Money::new(r.revenue_minor, Currency::from_code(&r.currency)?)));
    let currency = currencies.next().map_or(Currency::GBP, |most| most.currency);
    let other_currencies = currencies.collect();
    let totals = totals(conn, from, until, currency).await?;
    let before = self::totals(conn, from - TimeDelta::days(days), from - TimeDelta::days(1), currency).await?;
    let day_rows = sqlx::query_file_as!(DayRow, "src/reports/sql/kpi_days.sql", from, until, currency.code()).fetch_all(&mut *conn).await?;
    let channels = sqlx::query_file_as!(SliceRow, "src/reports/sql/kpi_channels.sql", from, until, currency.code()).fetch_all(&mut *conn).await?;
    let locations = sqlx::query_file_as!(LocationRow, "src/reports/sql/kpi_locations.sql", from, until, act.now).fetch_all(conn).await?;
    Ok(KpiReport { from, until, totals, other_currencies, before, days: day_rows, channels, locations })
}

/// The last day with an order; today where there is none.
pub async fn last_day(conn: &mut PgConnection, act: &Act) -> Result<NaiveDate> {
    act.require(Permission::ReadReports)?;
    let newest = sqlx::query_scalar!("select max(placed_at) from orders").fetch_one(conn).await?;
    Ok(newest.unwrap_or(act.now).date_naive())
}

async fn totals(conn: &mut PgConnection, from: NaiveDate, until: NaiveDate, currency: Currency) -> Result<KpiTotals> {
    let row = sqlx::query_file!("src/reports/sql/kpi_totals.sql", from, until, currency.code()).fetch_one(conn).await?;
    Ok(KpiTotals {
        orders: row.orders,
        revenue: Money::new(row.revenue_minor, currency),
        units: row.units,
        cancelled_orders: row.cancelled_orders,
        fill_rate: row.fill_rate,
        hours_to_ship: row.hours_to_ship,
    })
}
