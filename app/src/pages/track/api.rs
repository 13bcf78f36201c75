use crate::error::ApiError;
use leptos::prelude::*;
use waybill::orders::views::TrackingView;

/// Finds an order by its number and the e-mail address or postcode it was placed with, and goes to its page.
#[server]
pub async fn look_up(number: String, proof: String) -> Result<(), ApiError> {
    let services = crate::ctx::services();
    let now = services.clock.now();
    // A refusal is committed, too: it leaves a failed attempt behind.
    let outcome = waybill::transact!(services.pool, conn => waybill::orders::look_up_order(conn, now, &number, &proof).await)?;
    crate::ctx::redirect(&waybill::orders::tracking_link(&services.link_key, outcome?));
    Ok(())
}

/// The order behind a signed link.
#[server]
pub async fn tracked(token: String) -> Result<TrackingView, ApiError> {
    let services = crate::ctx::services();
    let act = customer(&services, &token)?;
    let waybill::identity::Actor::Customer(order) = act.actor else { return Err(ApiError::Internal) };
    Ok(waybill::orders::track_order(&mut *services.pool.acquire().await?, &act, &services.planning, order).await?)
}

/// The customer calls the order off.
#[server]
pub async fn cancel_tracked(token: String) -> Result<(), ApiError> {
    let services = crate::ctx::services();
    let act = customer(&services, &token)?;
    let waybill::identity::Actor::Customer(order) = act.actor else { return Err(ApiError::Internal) };
    services.cancel_order(&act, order, "The customer changed their mind.", None).await?;
    crate::ctx::redirect(&waybill::orders::tracking_link(&services.link_key, order));
    Ok(())
}

/// The customer waits for what is missing, does without it, or has what was `offered` in its place, SKU by SKU.
#[server]
pub async fn answer_tracked(token: String, answer: waybill::orders::WaitingAnswer, #[server(default)] offered: Vec<String>) -> Result<(), ApiError> {
    let services = crate::ctx::services();
    let act = customer(&services, &token)?;
    let waybill::identity::Actor::Customer(order) = act.actor else { return Err(ApiError::Internal) };
    services.answer_waiting(&act, order, answer, &offered, None).await?;
    crate::ctx::redirect(&waybill::orders::tracking_link(&services.link_key, order));
    Ok(())
}

#[cfg(feature = "ssr")]
fn customer(services: &waybill::services::Services, token: &str) -> Result<waybill::identity::Act, ApiError> {
    let order = waybill::orders::open_tracking_link(&services.link_key, token)
        .ok_or_else(|| waybill::refusal::Refusal::not_found("order behind this link"))?;
    Ok(services.act(waybill::identity::Actor::Customer(order)))
}
