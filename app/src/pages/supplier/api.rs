use crate::error::ApiError;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use waybill::fulfilment::{FulfilmentState, RejectReason};
use waybill::identity::Act;
use waybill::purchasing::views::PurchaseDetail;
use waybill::services::Services;

/// A purchase order as its supplier sees it, with the state of the work where it sends the goods to the customer itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderForSupplier {
    pub order: PurchaseDetail,
    pub work: Option<FulfilmentState>,
    /// It is not to be sent yet.
    pub is_held: bool,
}

/// The purchase order behind a signed link.
#[server]
pub async fn supplier_order(token: String) -> Result<OrderForSupplier, ApiError> {
    let services = crate::ctx::services();
    let (act, number) = supplier(&services, &token).await?;
    let mut conn = services.pool.acquire().await?;
    let order = waybill::purchasing::read_purchase_order(&mut conn, &act, &number).await?;
    let work = match order.order_number {
        None => None,
        Some(_) => Some(waybill::purchasing::supplier_work(&mut conn, &act, &number).await?),
    };
    Ok(OrderForSupplier { order, work: work.map(|work| work.state), is_held: work.is_some_and(|work| work.is_held) })
}

/// One line of what the supplier confirms: our code, and how many come, as a form sends it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConfirmedLine {
    pub sku: String,
    #[serde(default)]
    pub units: String,
}

/// The supplier says what comes, and when.
#[server]
pub async fn supplier_confirms(
    token: String,
    #[server(default)] expected_on: String,
    #[server(default)] lines: Vec<ConfirmedLine>,
) -> Result<(), ApiError> {
    let services = crate::ctx::services();
    let (act, number) = supplier(&services, &token).await?;
    let confirmed = async {
        let mut said = Vec::new();
        for line in lines {
            said.push((line.sku, crate::error::whole_number("/lines", &line.units)?));
        }
        let confirmation = waybill::purchasing::Confirmation { expected_on: crate::error::day("/expected_on", &expected_on)?, lines: said };
        waybill::transact!(services.pool, conn => waybill::purchasing::confirm_order(conn, &act, &number, &confirmation).await)
    };
    let outcome = confirmed.await;
    services.changed.notify_waiters();
    back(&token, outcome)
}

/// The supplier has sent it to our customer.
#[server]
pub async fn supplier_ships(token: String, #[server(default)] tracking_number: String, #[server(default)] carrier: String) -> Result<(), ApiError> {
    let services = crate::ctx::services();
    let (act, number) = supplier(&services, &token).await?;
    back(&token, services.supplier_ships(&act, &number, &tracking_number, &carrier).await)
}

/// The supplier cannot send it.
#[server]
pub async fn supplier_declines(token: String, reason: RejectReason) -> Result<(), ApiError> {
    let services = crate::ctx::services();
    let (act, number) = supplier(&services, &token).await?;
    back(&token, services.supplier_declines(&act, &number, reason).await)
}

/// Goes back to the page, with what was wrong: a browser does not say where it came from on a page whose address is a key.
fn back(token: &str, outcome: waybill::refusal::Result<()>) -> Result<(), ApiError> {
    let page = format!("/supplier/o/{token}");
    match outcome {
        Ok(()) => crate::ctx::redirect(&page),
        Err(error) => match error.refusal() {
            Some(refusal) => crate::ctx::redirect(&format!("{page}?problem={}", crate::ui::encode(&refusal.everything()))),
            None => return Err(error.into()),
        },
    }
    Ok(())
}

async fn supplier(services: &Services, token: &str) -> Result<(Act, String), ApiError> {
    let opened = waybill::purchasing::open_supplier_link(&mut *services.pool.acquire().await?, &services.link_key, token).await?;
    let (actor, number) = opened.ok_or_else(|| waybill::refusal::Refusal::not_found("purchase order behind this link"))?;
    Ok((services.act(actor), number))
}
