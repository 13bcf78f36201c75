use crate::error::ApiError;
use leptos::prelude::*;
use waybill::reports::KpiReport;

/// The KPIs of a period (dates as 2026-11-22); left out, the 30 days up to the last order.
#[server]
pub async fn kpis(#[server(default)] from: String, #[server(default)] until: String) -> Result<KpiReport, ApiError> {
    use waybill::refusal::Refusal;
    let (services, act) = (crate::ctx::services(), crate::ctx::act());
    let day = |text: &str, otherwise: chrono::NaiveDate, field: &str| match text {
        "" => Ok(otherwise),
        text => text.parse().map_err(|_| Refusal::field(field, "Write a date as 2026-11-22.")),
    };
    let mut conn = services.pool.acquire().await?;
    let until = day(&until, waybill::reports::last_day(&mut conn, &act).await?, "/until")?;
    let from = day(&from, until - chrono::TimeDelta::days(29), "/from")?;
    Ok(waybill::reports::kpi_report(&mut conn, &act, from, until).await?)
}
