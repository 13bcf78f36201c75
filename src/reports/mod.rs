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

#[cfg(feature = "postgres")]
mod kpis;
#[cfg(feature = "postgres")]
pub use kpis::{kpi_report, last_day};
