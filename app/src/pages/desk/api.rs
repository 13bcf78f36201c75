use crate::error::ApiError;
use leptos::prelude::*;
use waybill::ids::OrderId;
use waybill::orders::views::{OrderDetail, OrderHistory, OrderRow};
use waybill::page::Page;
use waybill::returns::ReturnState;

/// Orders, newest first. Empty text means no filter.
#[server]
pub async fn list_orders(
    #[server(default)] search: String,
    #[server(default)] status: String,
    #[server(default)] channel: String,
    #[server(default)] after: String,
) -> Result<Page<OrderRow>, ApiError> {
    let some = |text: String| (!text.trim().is_empty()).then(|| text.trim().to_owned());
    let status = crate::error::choice("/status", &status)?;
    let filter = waybill::orders::OrderFilter { search: some(search), status, channel: some(channel), after: some(after) };
    let (services, act) = (crate::ctx::services(), crate::ctx::act());
    Ok(waybill::orders::list_orders(&mut *services.pool.acquire().await?, &act, &filter).await?)
}

/// One order by number or id, and how it came to be as it is.
#[server]
pub async fn read_order(reference: String) -> Result<(OrderDetail, OrderHistory, Vec<(String, ReturnState)>), ApiError> {
    let (services, act) = (crate::ctx::services(), crate::ctx::act());
    let mut conn = services.pool.acquire().await?;
    let id = waybill::orders::find_order_id(&mut conn, &act, &reference).await?;
    let order = waybill::orders::order_detail(&mut conn, &act, &services.link_key, id).await?;
    let history = waybill::orders::order_history(&mut conn, &act, id).await?;
    Ok((order, history, waybill::returns::returns_of_order(&mut conn, &act, id).await?))
}

/// Cancels what is left of an order.
#[server]
pub async fn cancel_order(order_id: OrderId, reason: String) -> Result<(), ApiError> {
    let (services, act) = (crate::ctx::services(), crate::ctx::act());
    Ok(services.cancel_order(&act, order_id, &reason, None).await?)
}
