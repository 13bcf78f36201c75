use crate::api::auth::Authenticated;
use crate::api::extract::Query;
use crate::api::problem::ApiProblem;
use crate::router::AppState;
use axum::Json;
use axum::extract::State;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Period {
    pub(super) from: NaiveDate,
    /// Included.
    pub(super) until: NaiveDate,
}

/// The numbers of a period.
#[derive(Debug, Serialize, ToSchema)]
pub struct Kpis {
    orders: i64,
    cancelled_orders: i64,
    units: i64,
    currency: String,
    revenue_minor: i64,
    /// Of finished orders: units sent or collected of those ordered, 0 to 1.
    fill_rate: Option<f64>,
    /// Median hours from placing to the first parcel leaving.
    hours_to_ship: Option<f64>,
    /// Revenue in other currencies; it is in no other number here.
    other_currencies: Vec<Revenue>,
    days: Vec<KpiDay>,
    channels: Vec<KpiChannel>,
    locations: Vec<KpiLocation>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct Revenue {
    currency: String,
    revenue_minor: i64,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct KpiChannel {
    name: String,
    orders: i64,
    revenue_minor: i64,
}

/// What left a location in the period.
#[derive(Debug, Serialize, ToSchema)]
pub struct KpiLocation {
    name: String,
    parcels: i64,
    units: i64,
    /// Median hours from release to the parcel leaving.
    hours_to_ship: Option<f64>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct KpiDay {
    day: NaiveDate,
    orders: i64,
    revenue_minor: i64,
}

/// Orders, revenue, fill rate and time to ship, by day, channel and location.
#[utoipa::path(get, path = "/kpis", params(Period), security(("token" = [])), responses((status = 200, body = Kpis)))]
pub async fn kpis(State(state): State<AppState>, Authenticated(act): Authenticated, Query(period): Query<Period>) -> Result<Json<Kpis>, ApiProblem> {
    let report = waybill::reports::kpi_report(&mut *state.services.pool.acquire().await?, &act, period.from, period.until).await?;
    Ok(Json(Kpis {
        orders: report.totals.orders,
        cancelled_orders: report.totals.cancelled_orders,
        units: report.totals.units,
        currency: report.totals.revenue.currency.code().to_owned(),
        revenue_minor: report.totals.revenue.minor,
        fill_rate: report.totals.fill_rate,
        hours_to_ship: report.totals.hours_to_ship,
        other_currencies: report
            .other_currencies
            .into_iter()
            .map(|m| Revenue { currency: m.currency.code().to_owned(), revenue_minor: m.minor })
            .collect(),
        channels: report.channels.into_iter().map(|c| KpiChannel { name: c.name, orders: c.orders, revenue_minor: c.revenue_minor }).collect(),
        locations: report
            .locations
            .into_iter()
            .map(|l| KpiLocation { name: l.name, parcels: l.parcels, units: l.units, hours_to_ship: l.hours_to_ship })
            .collect(),
        days: report.days.into_iter().map(|d| KpiDay { day: d.day, orders: d.orders, revenue_minor: d.revenue_minor }).collect(),
    }))
}
