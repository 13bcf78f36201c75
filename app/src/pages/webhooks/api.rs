use crate::error::ApiError;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use waybill::page::Page;
use waybill::webhooks::views::{DeliveryDetail, DeliveryRow, WebhookDetail, WebhookRow};

#[cfg(feature = "ssr")]
fn webhook(id: &str) -> Result<waybill::ids::WebhookId, ApiError> {
    Ok(id.parse().map_err(|_| waybill::refusal::Refusal::not_found("such webhook"))?)
}

#[cfg(feature = "ssr")]
fn delivery(id: &str) -> Result<waybill::ids::DeliveryId, ApiError> {
    Ok(id.parse().map_err(|_| waybill::refusal::Refusal::not_found("such delivery"))?)
}

/// All webhooks, by name.
#[server]
pub async fn list_webhooks() -> Result<Vec<WebhookRow>, ApiError> {
    let (services, act) = (crate::ctx::services(), crate::ctx::act());
    Ok(waybill::webhooks::list_webhooks(&mut *services.pool.acquire().await?, &act).await?)
}

/// The form of a webhook, as it is typed.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct WebhookForm {
    pub name: String,
    pub url: String,
    /// Ticked boxes are sent, others are not. None ticked: everything.
    pub kinds: Vec<String>,
    pub paused: Option<String>,
}

#[cfg(feature = "ssr")]
impl WebhookForm {
    fn settings(self) -> waybill::webhooks::WebhookSettings {
        let kinds = self.kinds.iter().filter_map(|kind| kind.parse().ok()).collect();
        waybill::webhooks::WebhookSettings { name: self.name, url: self.url, kinds, paused: self.paused.is_some() }
    }
}

/// A webhook that was added, with what its calls are signed with.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Added {
    pub id: String,
    pub name: String,
    pub secret: String,
}

/// Has another system told what happens from now on.
#[server]
pub async fn add_webhook(#[server(default)] form: WebhookForm) -> Result<Added, ApiError> {
    let (services, act) = (crate::ctx::services(), crate::ctx::act());
    let settings = form.settings();
    let id = waybill::ids::WebhookId::new(act.now);
    let secret = waybill::transact!(services.pool, conn => waybill::webhooks::add_webhook(conn, &act, id, &settings).await)?;
    Ok(Added { id: id.to_string(), name: settings.name.trim().to_owned(), secret })
}

/// One webhook.
#[server]
pub async fn read_webhook(id: String) -> Result<WebhookDetail, ApiError> {
    let (services, act) = (crate::ctx::services(), crate::ctx::act());
    Ok(waybill::webhooks::read_webhook(&mut *services.pool.acquire().await?, &act, webhook(&id)?).await?)
}

/// Changes a webhook.
#[server]
pub async fn change_webhook(id: String, version: i32, #[server(default)] form: WebhookForm) -> Result<(), ApiError> {
    let (services, act) = (crate::ctx::services(), crate::ctx::act());
    let (id, settings) = (webhook(&id)?, form.settings());
    Ok(services.change_webhook(&act, id, version, &settings).await?)
}

/// Has calls signed with another secret, which is returned.
#[server]
pub async fn renew_secret(id: String) -> Result<String, ApiError> {
    let (services, act) = (crate::ctx::services(), crate::ctx::act());
    let id = webhook(&id)?;
    Ok(waybill::transact!(services.pool, conn => waybill::webhooks::renew_secret(conn, &act, id).await)?)
}

/// Tells a system nothing more.
#[server]
pub async fn remove_webhook(id: String) -> Result<(), ApiError> {
    let (services, act) = (crate::ctx::services(), crate::ctx::act());
    let id = webhook(&id)?;
    waybill::transact!(services.pool, conn => waybill::webhooks::remove_webhook(conn, &act, id).await)?;
    leptos_axum::redirect("/admin/webhooks");
    Ok(())
}

/// Sends a webhook something that is about no order.
#[server]
pub async fn try_webhook(id: String) -> Result<(), ApiError> {
    let (services, act) = (crate::ctx::services(), crate::ctx::act());
    let (id, new) = (webhook(&id)?, waybill::ids::DeliveryId::new(act.now));
    waybill::transact!(services.pool, conn => waybill::webhooks::try_webhook(conn, &act, id, new).await)?;
    services.changed.notify_waiters();
    Ok(())
}

/// What was sent, or is to be sent, to a webhook, the newest first.
#[server]
pub async fn list_deliveries(
    id: String,
    #[server(default)] state: String,
    #[server(default)] order: String,
    #[server(default)] after: String,
) -> Result<Page<DeliveryRow>, ApiError> {
    let (services, act) = (crate::ctx::services(), crate::ctx::act());
    let state = crate::error::choice("/state", &state)?;
    let some = |text: String| (!text.trim().is_empty()).then_some(text);
    let filter = waybill::webhooks::DeliveryFilter { state, order: some(order), after: some(after) };
    Ok(waybill::webhooks::list_deliveries(&mut *services.pool.acquire().await?, &act, webhook(&id)?, &filter).await?)
}

/// One delivery, with what is sent and every attempt.
#[server]
pub async fn read_delivery(id: String) -> Result<DeliveryDetail, ApiError> {
    let (services, act) = (crate::ctx::services(), crate::ctx::act());
    Ok(waybill::webhooks::read_delivery(&mut *services.pool.acquire().await?, &act, delivery(&id)?).await?)
}

/// Has a delivery sent again.
#[server]
pub async fn deliver_again(id: String) -> Result<(), ApiError> {
    let (services, act) = (crate::ctx::services(), crate::ctx::act());
    Ok(services.deliver_again(&act, delivery(&id)?, None).await?)
}

/// Has everything sent again that was given up for a webhook.
#[server]
pub async fn deliver_all_again(id: String) -> Result<(), ApiError> {
    let (services, act) = (crate::ctx::services(), crate::ctx::act());
    Ok(services.deliver_all_again(&act, webhook(&id)?).await?)
}
