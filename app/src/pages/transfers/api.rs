use crate::error::ApiError;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use waybill::inventory::transfers::TransferState;
use waybill::inventory::transfers::views::{TransferDetail, TransferRow};
use waybill::inventory::views::LocationChoice;
use waybill::page::Page;

/// Transfers, newest first; those of whoever works at one location only.
#[server]
pub async fn list_transfers(#[server(default)] state: String, #[server(default)] after: String) -> Result<Page<TransferRow>, ApiError> {
    let (services, act) = (crate::ctx::services(), crate::ctx::act());
    let state = crate::error::choice("/state", &state)?;
    let mut conn = services.pool.acquire().await?;
    let own = crate::ctx::own_place(&mut conn).await?.map(|place| place.code);
    let after = (!after.is_empty()).then_some(after);
    Ok(waybill::inventory::transfers::list_transfers(&mut conn, &act, state, own.as_deref(), after.as_deref()).await?)
}

/// Where whoever asks may send from, and where to.
#[server]
pub async fn transfer_places() -> Result<(Vec<LocationChoice>, Vec<LocationChoice>), ApiError> {
    let (services, act) = (crate::ctx::services(), crate::ctx::act());
    let places = waybill::inventory::list_locations(&mut *services.pool.acquire().await?, &act).await?;
    let own = crate::ctx::caller().user.and_then(|user| user.location);
    let from = places.iter().filter(|p| own.is_none_or(|own| own == p.location_id)).cloned().collect();
    let to = places.into_iter().filter(|p| own.is_none_or(|own| own != p.location_id)).collect();
    Ok((from, to))
}

/// One transfer, and whether whoever asks may receive it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TransferView {
    pub transfer: TransferDetail,
    pub may_receive: bool,
}

#[server]
pub async fn read_transfer(number: String) -> Result<TransferView, ApiError> {
    use waybill::identity::Permission;
    let (services, act) = (crate::ctx::services(), crate::ctx::act());
    let transfer = waybill::inventory::transfers::read_transfer(&mut *services.pool.acquire().await?, &act, &number).await?;
    let may_receive = transfer.state == TransferState::Sent && act.require_location(transfer.to_id, Permission::MoveStock).is_ok();
    Ok(TransferView { transfer, may_receive })
}

/// Sends goods and goes to the transfer's page. `lines` is what was scanned, one code a line.
#[server]
pub async fn send_transfer(from: String, to: String, lines: String, #[server(default)] note: String) -> Result<(), ApiError> {
    use waybill::inventory::{scans, transfers};
    let (services, act) = (crate::ctx::services(), crate::ctx::act());
    let lines = scans::read_scans("/lines", &lines, 1).map_err(waybill::refusal::Refusal::invalid)?;
    let new = transfers::NewTransfer { from, to, note, lines };
    let id = waybill::ids::TransferId::new(act.now);
    let number = waybill::transact!(services.pool, conn => transfers::send_transfer(conn, &act, id, &new).await)?;
    services.changed.notify_waiters();
    crate::ctx::redirect(&format!("/stock/transfers/{number}"));
    Ok(())
}

/// Takes in what has come.
#[server]
pub async fn receive_transfer(
    number: String,
    #[server(default)] lines: String,
    #[server(default)] everything: String,
    #[server(default)] close: Option<String>,
) -> Result<TransferState, ApiError> {
    use waybill::inventory::{receipts::Receipt, scans, transfers};
    let (services, act) = (crate::ctx::services(), crate::ctx::act());
    let lines = scans::read_scans("/lines", &lines, 1).map_err(waybill::refusal::Refusal::invalid)?;
    let receipt = Receipt { lines, everything: !everything.is_empty(), close: close.is_some() };
    let state = waybill::transact!(services.pool, conn => transfers::receive_transfer(conn, &act, &number, &receipt).await)?;
    services.changed.notify_waiters();
    Ok(state)
}
