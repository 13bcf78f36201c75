//! Documents to print or send: PDF, A4, with real barcodes.

mod purchase_order;
mod sheet;

use axum::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse as _, Response};
use waybill::identity::Act;
use waybill::purchasing;
use waybill::refusal::Result;
use waybill::services::Services;

/// A purchase order, as its supplier gets it; without prices for those who may not see them.
pub async fn purchase_order_of(services: &Services, act: &Act, number: &str) -> Result<Response> {
    let order = purchasing::read_purchase_order(&mut *services.pool.acquire().await?, act, number).await?;
    Ok(pdf(&order.number, purchase_order::draw(&order)))
}

/// The answer with a document, shown in the browser under its name.
fn pdf(name: &str, bytes: Vec<u8>) -> Response {
    let headers = [
        (CONTENT_TYPE, "application/pdf".to_owned()),
        (CONTENT_DISPOSITION, format!("inline; filename=\"{name}.pdf\"")),
        (CACHE_CONTROL, "private, no-store".to_owned()),
    ];
    (headers, bytes).into_response()
}
