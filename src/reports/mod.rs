//! Numbers about what happened. Reads any area's tables, writes none.

use crate::money::Money;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

/// The first KPI page.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct KpiReport {
    pub from: NaiveDate,
    pub until: NaiveDate,
    pub totals: KpiTotals,
    /// Revenue in currencies other than that of the totals; it is in no other number of the report.
    pub other_currencies: Vec<Money>,
    /// The same length of time just before, to compare with.
    pub before: KpiTotals,
    /// One per day, without gaps.
    pub days: Vec<DayRow>,
    pub channels: Vec<SliceRow>,
    pub locations: Vec<LocationRow>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct KpiTotals {
    pub orders: i64,
    pub revenue: Money,
    pub units: i64,
    pub cancelled_orders: i64,
    /// Units fulfilled of those ordered and not cancelled by the customer, of orders that are finished; 0 to 1.
    pub fill_rate: Option<f64>,
    /// Median hours from placing an order to its first parcel leaving (or being collected).
    pub hours_to_ship: Option<f64>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DayRow {
    pub day: NaiveDate,
    pub orders: i64,
    pub revenue_minor: i64,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SliceRow {
    pub name: String,
    pub orders: i64,
    pub revenue_minor: i64,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LocationRow {
    pub name: String,
    pub parcels: i64,
    pub units: i64,
    pub hours_to_ship: Option<f64>,
}

/// Promised against actual, for parcels and pickups that were promised for the days of a period.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PromiseReport {
    pub from: NaiveDate,
    pub until: NaiveDate,
    pub all: PromiseRow,
    pub locations: Vec<PromiseRow>,
    pub services: Vec<PromiseRow>,
    pub methods: Vec<PromiseRow>,
}

/// How promises were kept. What was promised first is what counts, whatever was told later.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct PromiseRow {
    pub name: String,
    pub promised: i64,
    /// There by when it was promised.
    pub kept: i64,
    /// Not there yet, though it should be.
    pub overdue: i64,
    /// Mean hours that were promised on top of what was expected.
    pub padding_hours: Option<f64>,
    /// Hours on top that would have kept half of them, 90, 95 and 99 in a hundred; of those that are there.
    pub needed_hours: Option<Vec<f64>>,
}

impl PromiseRow {
    /// Share kept, 0 to 1; none where nothing was promised.
    pub fn share(&self) -> Option<f64> {
        (self.promised > 0).then(|| self.kept as f64 / self.promised as f64)
    }
}

/// The percentiles of [`PromiseRow::needed_hours`].
pub const NEEDED_PERCENTILES: [u8; 4] = [50, 90, 95, 99];

#[cfg(feature = "postgres")]
mod kpis;
#[cfg(feature = "postgres")]
mod promises;
#[cfg(feature = "postgres")]
pub use kpis::{kpi_report, last_day};
#[cfg(feature = "postgres")]
pub use promises::promise_report;
