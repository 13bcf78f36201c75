//! Documents to print, send or take away: PDF on A4 with real barcodes, tables, and pictures.

mod purchase_order;
mod sheet;

use axum::body::Bytes;
use axum::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse as _, Response};
use tokio::sync::Semaphore;
use waybill::catalog::{self, Picture};
use waybill::identity::Act;
use waybill::ids::FileImportId;
use waybill::integrations::files::{self, TableFormat, TableKind};
use waybill::purchasing;
use waybill::refusal::{Refusal, Result};
use waybill::services::Services;

/// A purchase order, as its supplier gets it; without prices for those who may not see them.
pub async fn purchase_order_of(services: &Services, act: &Act, number: &str) -> Result<Response> {
    let order = purchasing::read_purchase_order(&mut *services.pool.acquire().await?, act, number).await?;
    Ok(pdf(&order.number, purchase_order::draw(&order)))
}

/// A whole table.
pub async fn table_of(services: &Services, act: &Act, kind: TableKind, format: TableFormat) -> Result<Response> {
    let bytes = files::export_table(&mut *services.pool.acquire().await?, act, kind, format).await?;
    Ok(table(&kind.to_string(), format, bytes))
}

/// The rows of an import that could not be taken in.
pub async fn bad_rows_of(services: &Services, act: &Act, id: FileImportId) -> Result<Response> {
    let bytes = files::bad_rows(&mut *services.pool.acquire().await?, act, id).await?;
    Ok(table("bad-rows", TableFormat::Csv, bytes))
}

/// So many pictures are worked on at a time: each takes some hundred megabytes while it is.
static PICTURES: Semaphore = Semaphore::const_new(2);

/// A picture, ready to be kept. It is worked on where it keeps nobody waiting.
pub async fn picture_of(file: Bytes) -> Result<Picture> {
    let _turn = PICTURES.acquire().await;
    let read = tokio::task::spawn_blocking(move || catalog::read_picture(&file)).await;
    Ok(read.map_err(|_| Refusal::field("/file", "This picture cannot be read. Save it as another JPEG or PNG, and try again."))??)
}

/// The answer with a table, to be kept as a file.
fn table(name: &str, format: TableFormat, bytes: Vec<u8>) -> Response {
    let kind = match format {
        TableFormat::Csv => "text/csv; charset=utf-8",
        TableFormat::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    };
    let headers = [
        (CONTENT_TYPE, kind.to_owned()),
        (CONTENT_DISPOSITION, format!("attachment; filename=\"{name}.{format}\"")),
        (CACHE_CONTROL, "private, no-store".to_owned()),
    ];
    (headers, bytes).into_response()
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
