use crate::error::ApiError;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use waybill::inventory::views::LocationChoice;
use waybill::page::Page;
use waybill::returns::ReturnState;
use waybill::returns::views::{ReturnDetail, ReturnRow, Returnable};

/// Returns, newest first; those of whoever works at one location only.
#[server]
pub async fn list_returns(#[server(default)] state: String, #[server(default)] after: String) -> Result<Page<ReturnRow>, ApiError> {
    let (services, act) = (crate::ctx::services(), crate::ctx::act());
    let state = crate::error::choice("/state", &state)?;
    let mut conn = services.pool.acquire().await?;
    let own = crate::ctx::own_place(&mut conn).await?.map(|place| place.code);
    let after = (!after.is_empty()).then_some(after);
    Ok(waybill::returns::list_returns(&mut conn, &act, state, own.as_deref(), after.as_deref()).await?)
}

/// What of an order can come back, and where to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReturnChoices {
    pub places: Vec<LocationChoice>,
    pub things: Vec<Returnable>,
}

#[server]
pub async fn read_returnable(order: String) -> Result<ReturnChoices, ApiError> {
    let (services, act) = (crate::ctx::services(), crate::ctx::act());
    let mut conn = services.pool.acquire().await?;
    let mut places = waybill::inventory::list_locations(&mut conn, &act).await?;
    if let Some(own) = crate::ctx::caller().user.and_then(|user| user.location) {
        places.retain(|place| place.location_id == own);
    }
    let things = waybill::returns::returnable(&mut conn, &act, &order).await?;
    Ok(ReturnChoices { places, things })
}

/// One return, and what whoever asks may do with it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReturnView {
    pub returned: ReturnDetail,
    pub may_receive: bool,
    pub may_cancel: bool,
    pub may_see_order: bool,
}

#[server]
pub async fn read_return(number: String) -> Result<ReturnView, ApiError> {
    use waybill::identity::Permission;
    let (services, act) = (crate::ctx::services(), crate::ctx::act());
    let returned = waybill::returns::read_return(&mut *services.pool.acquire().await?, &act, &number).await?;
    let open = returned.state == ReturnState::Approved;
    let begun = returned.lines.iter().any(|l| l.received > 0);
    let may = |permission| open && act.require_location(returned.location_id, permission).is_ok();
    let (may_receive, may_cancel) = (may(Permission::MoveStock), !begun && may(Permission::ManageReturns));
    Ok(ReturnView { returned, may_receive, may_cancel, may_see_order: act.actor.may(Permission::ReadOrders) })
}

/// Units of something that comes back, as a form sends them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct BackLine {
    pub sku: String,
    /// Empty is none.
    pub units: String,
}

/// Agrees to take things back and goes to the return's page.
#[server]
pub async fn open_return(
    order: String,
    location: String,
    reason: String,
    #[server(default)] lines: Vec<BackLine>,
    #[server(default)] note: String,
) -> Result<(), ApiError> {
    let (services, act) = (crate::ctx::services(), crate::ctx::act());
    let mut wanted = Vec::new();
    for line in lines.into_iter().filter(|l| !matches!(l.units.trim(), "" | "0")) {
        wanted.push((line.sku, crate::error::whole_number("/lines", &line.units)?));
    }
    let new = waybill::returns::NewReturn { order, location, reason, note, lines: wanted };
    let id = waybill::ids::ReturnId::new(act.now);
    let number = waybill::transact!(services.pool, conn => waybill::returns::open_return(conn, &act, id, &new).await)?;
    services.changed.notify_waiters();
    crate::ctx::redirect(&format!("/stock/returns/{number}"));
    Ok(())
}

/// Takes in what has come back.
#[server]
pub async fn receive_return(
    number: String,
    condition: String,
    #[server(default)] lines: String,
    #[server(default)] everything: String,
    #[server(default)] close: Option<String>,
) -> Result<ReturnState, ApiError> {
    use waybill::inventory::{receipts::Receipt, scans};
    use waybill::refusal::{Refusal, UnknownName};
    let (services, act) = (crate::ctx::services(), crate::ctx::act());
    let condition = condition.parse().map_err(|e: UnknownName| Refusal::field("/condition", e.to_string()))?;
    let lines = scans::read_scans("/lines", &lines, 1).map_err(Refusal::invalid)?;
    let receipt = Receipt { lines, everything: !everything.is_empty(), close: close.is_some() };
    let come = waybill::returns::ReturnReceipt { receipt, condition };
    let state = waybill::transact!(services.pool, conn => waybill::returns::receive_return(conn, &act, &number, &come).await)?;
    services.changed.notify_waiters();
    Ok(state)
}

/// Calls a return off of which nothing has come.
#[server]
pub async fn cancel_return(number: String) -> Result<(), ApiError> {
    let (services, act) = (crate::ctx::services(), crate::ctx::act());
    waybill::transact!(services.pool, conn => waybill::returns::cancel_return(conn, &act, &number).await)?;
    services.changed.notify_waiters();
    Ok(())
}
