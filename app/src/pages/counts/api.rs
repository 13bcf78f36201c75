use crate::error::ApiError;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use waybill::inventory::counts::CountState;
use waybill::inventory::counts::views::{CountDetail, CountRow};
use waybill::inventory::views::LocationChoice;
use waybill::page::Page;

/// Counts, newest first; those of whoever works at one location only.
#[server]
pub async fn list_counts(#[server(default)] state: String, #[server(default)] after: String) -> Result<Page<CountRow>, ApiError> {
    let (services, act) = (crate::ctx::services(), crate::ctx::act());
    let state = crate::error::choice("/state", &state)?;
    let mut conn = services.pool.acquire().await?;
    let own = crate::ctx::own_place(&mut conn).await?.map(|place| place.code);
    let after = (!after.is_empty()).then_some(after);
    Ok(waybill::inventory::counts::list_counts(&mut conn, &act, state, own.as_deref(), after.as_deref()).await?)
}

/// Where whoever asks may count.
#[server]
pub async fn count_places() -> Result<Vec<LocationChoice>, ApiError> {
    let (services, act) = (crate::ctx::services(), crate::ctx::act());
    let mut conn = services.pool.acquire().await?;
    match crate::ctx::own_place(&mut conn).await? {
        Some(own) => Ok(vec![own]),
        None => Ok(waybill::inventory::list_locations(&mut conn, &act).await?),
    }
}

/// One count, and what whoever asks may do with it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CountView {
    pub count: CountDetail,
    pub may_count: bool,
    pub may_book: bool,
}

#[server]
pub async fn read_count(number: String) -> Result<CountView, ApiError> {
    use waybill::identity::Permission;
    let (services, act) = (crate::ctx::services(), crate::ctx::act());
    let count = waybill::inventory::counts::read_count(&mut *services.pool.acquire().await?, &act, &number).await?;
    let may = |permission| act.require_location(count.location_id, permission).is_ok();
    let (may_count, may_book) = (may(Permission::CountStock), may(Permission::AdjustStock));
    Ok(CountView { count, may_count, may_book })
}

/// Begins a count and goes to its page. `skus` is what was scanned, one code a line; nothing is everything.
#[server]
pub async fn open_count(location: String, #[server(default)] skus: String, #[server(default)] note: String) -> Result<(), ApiError> {
    use waybill::inventory::counts;
    let (services, act) = (crate::ctx::services(), crate::ctx::act());
    let skus = skus.split_whitespace().map(str::to_owned).collect();
    let new = counts::NewCount { location, skus, note };
    let id = waybill::ids::CountId::new(act.now);
    let number = waybill::transact!(services.pool, conn => counts::open_count(conn, &act, id, &new).await)?;
    services.changed.notify_waiters();
    crate::ctx::redirect(&format!("/stock/counts/{number}"));
    Ok(())
}

/// Keeps what was counted: one code a line, or a code and how many.
#[server]
pub async fn record_count(number: String, #[server(default)] lines: String) -> Result<usize, ApiError> {
    use waybill::inventory::{counts, scans};
    let (services, act) = (crate::ctx::services(), crate::ctx::act());
    let lines = scans::read_scans("/lines", &lines, 0).map_err(waybill::refusal::Refusal::invalid)?;
    waybill::transact!(services.pool, conn => counts::record_count(conn, &act, &number, &lines).await)?;
    services.changed.notify_waiters();
    Ok(lines.len())
}

/// Ends the counting, or calls the count off.
#[server]
pub async fn end_count(number: String, #[server(default)] cancel: Option<String>) -> Result<CountState, ApiError> {
    use waybill::inventory::counts;
    let (services, act) = (crate::ctx::services(), crate::ctx::act());
    let state = waybill::transact!(services.pool, conn => match cancel {
        Some(_) => counts::cancel_count(conn, &act, &number).await.map(|()| CountState::Cancelled),
        None => counts::hand_in_count(conn, &act, &number).await,
    })?;
    services.changed.notify_waiters();
    Ok(state)
}

/// Books what differs, of one SKU or of all. Returns how many orders are routed anew because of it.
#[server]
pub async fn book_count(number: String, #[server(default)] sku: Option<String>) -> Result<usize, ApiError> {
    let (services, act) = (crate::ctx::services(), crate::ctx::act());
    Ok(services.approve_count(&act, &number, sku.as_deref()).await?)
}

/// Has what differs counted again, of one SKU or of all.
#[server]
pub async fn count_again(number: String, #[server(default)] sku: Option<String>) -> Result<(), ApiError> {
    let (services, act) = (crate::ctx::services(), crate::ctx::act());
    waybill::transact!(services.pool, conn => waybill::inventory::counts::recount(conn, &act, &number, sku.as_deref()).await)?;
    services.changed.notify_waiters();
    Ok(())
}
