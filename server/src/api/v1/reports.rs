use crate::api::auth::Authenticated;
use crate::api::problem::ApiProblem;
use crate::router::AppState;
use axum::Json;
use axum::extract::{Query, State};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Period {
    from: NaiveDate,
    /// Included.
    until: NaiveDate,
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
    days: Vec<Day>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct Day {
    day: NaiveDate,
    orders: i64,
    revenue_minor: i64,
}

/// Orders, revenue, fill rate and time to ship.
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
        days: report.days.into_iter().map(|d| Day { day: d.day, orders: d.orders, revenue_minor: d.revenue_minor }).collect(),
    }))
}
