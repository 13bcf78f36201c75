use crate::error::ApiError;
use chrono::{DateTime, Utc};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use waybill::inventory::views::{LocationChoice, MovementRow, StockRow, StockSummary};
use waybill::orders::views::ReadingsTaken;
use waybill::page::Page;

/// SKUs by code, each over all locations. Empty text means no filter.
#[server]
pub async fn list_stock(#[server(default)] search: String, #[server(default)] after: String) -> Result<Page<StockSummary>, ApiError> {
    let (services, act) = (crate::ctx::services(), crate::ctx::act());
    let some = |text: &String| (!text.trim().is_empty()).then(|| text.clone());
    let (search, after) = (some(&search), some(&after));
    let mut conn = services.pool.acquire().await?;
    let planning = services.planning.get(&mut conn, act.now).await?;
    Ok(waybill::inventory::list_stock(&mut conn, &act, &planning.network, search.as_deref(), after.as_deref()).await?)
}

/// One SKU everywhere, and its history.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SkuStock {
    pub code: String,
    pub name: String,
    /// The moment that was asked for; none is now.
    pub at: Option<DateTime<Utc>>,
    pub rows: Vec<StockRow>,
    pub movements: Page<MovementRow>,
    /// Where units may be booked in or out; empty for those who may not.
    pub may_adjust_at: Vec<LocationChoice>,
    /// Where units may be set aside.
    pub may_set_aside_at: Vec<LocationChoice>,
}

/// A SKU's stock by location, now or at a moment (`2026-11-22T10:30`, UTC), and its movements.
#[server]
pub async fn read_stock(sku: String, #[server(default)] at: String, #[server(default)] after: String) -> Result<SkuStock, ApiError> {
    use waybill::identity::Permission;
    use waybill::inventory;
    use waybill::refusal::Refusal;
    let (services, act) = (crate::ctx::services(), crate::ctx::act());
    let at = match at.as_str() {
        "" => None,
        text => {
            let parsed = chrono::NaiveDateTime::parse_from_str(text.get(..16).unwrap_or(text), "%Y-%m-%dT%H:%M");
            Some(parsed.map_err(|_| Refusal::field("/at", "Write a moment as 2026-11-22T10:30."))?.and_utc())
        }
    };
    let network = services.network_of(at).await?;
    let mut conn = services.pool.acquire().await?;
    let name = inventory::sku_name(&mut conn, &act, &sku).await?;
    let rows = inventory::stock_of_sku(&mut conn, &act, &network, &sku, at).await?;
    let movements = inventory::movements_of_sku(&mut conn, &act, &sku, (!after.is_empty()).then_some(after.as_str())).await?;
    let places = inventory::list_locations(&mut conn, &act).await?;
    let at_which = |permission| places.iter().filter(|p| act.require_location(p.location_id, permission).is_ok()).cloned().collect();
    let (may_adjust_at, may_set_aside_at) = (at_which(Permission::AdjustStock), at_which(Permission::MoveStock));
    Ok(SkuStock { code: sku, name, at, rows, movements, may_adjust_at, may_set_aside_at })
}

/// Books units in (positive) or out (negative), with the reason. Returns how many orders are routed anew because of it.
#[server]
pub async fn adjust_stock(
    sku: String,
    location: String,
    #[server(default)] quantity: String,
    reason: waybill::inventory::MovementReason,
) -> Result<usize, ApiError> {
    let (services, act) = (crate::ctx::services(), crate::ctx::act());
    let quantity = crate::error::whole_number("/quantity", &quantity)?;
    Ok(services.adjust_stock(&act, &sku, &location, quantity, reason, None).await?)
}

/// Sets units aside, makes them fit to be sold again, or writes them off: `change` is such as `sellable quarantined`, or `damaged written_off`.
/// Returns how many orders are routed anew because of it.
#[server]
pub async fn change_condition(sku: String, location: String, #[server(default)] quantity: String, change: String) -> Result<usize, ApiError> {
    use waybill::orders::ConditionChange;
    use waybill::refusal::{Refusal, UnknownName};
    let (services, act) = (crate::ctx::services(), crate::ctx::act());
    let quantity = crate::error::whole_number("/quantity", &quantity)?;
    let (from, to) = change.split_once(' ').ok_or_else(|| Refusal::field("/change", "Choose what becomes of them."))?;
    let wrong = |e: UnknownName| Refusal::field("/change", e.to_string());
    let to = if to == "written_off" { None } else { Some(to.parse().map_err(wrong)?) };
    let change = ConditionChange { sku, location, quantity, from: from.parse().map_err(wrong)?, to };
    Ok(services.change_condition(&act, &change, None).await?)
}

/// Where whoever asks may say what stands there.
#[server]
pub async fn reading_places() -> Result<Vec<LocationChoice>, ApiError> {
    use waybill::identity::Permission;
    let (services, act) = (crate::ctx::services(), crate::ctx::act());
    let places = waybill::inventory::list_locations(&mut *services.pool.acquire().await?, &act).await?;
    Ok(places.into_iter().filter(|p| act.require_location(p.location_id, Permission::AdjustStock).is_ok()).collect())
}

/// Brings the books of a location in line with a list of what stands there: `lines` has a code and how many on each line. `as_of` is in the
/// location's own time; empty is now.
#[server]
pub async fn report_readings(
    #[server(default)] location: String,
    #[server(default)] as_of: String,
    #[server(default)] lines: String,
) -> Result<ReadingsTaken, ApiError> {
    use waybill::refusal::Refusal;
    let (services, act) = (crate::ctx::services(), crate::ctx::act());
    let lines = waybill::inventory::scans::read_scans("/lines", &lines, 0).map_err(Refusal::invalid)?;
    let network = services.network_of(None).await?;
    let place = network.locations.iter().find(|place| place.code == location);
    let place = place.ok_or_else(|| Refusal::field("/location", "Choose where these stand."))?;
    let as_of = waybill::inventory::places::local_moment("/as_of", &as_of, &place.calendar.zone.to_string())?.unwrap_or(act.now);
    Ok(services.apply_readings(&act, &waybill::orders::Readings { location, as_of, lines }).await?)
}
