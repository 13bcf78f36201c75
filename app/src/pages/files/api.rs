use crate::error::ApiError;
use leptos::prelude::*;
use waybill::integrations::files::views::{ImportDetail, ImportRow};
use waybill::page::Page;

/// What was brought, newest first.
#[server]
pub async fn list_imports(#[server(default)] after: String) -> Result<Page<ImportRow>, ApiError> {
    let (services, act) = (crate::ctx::services(), crate::ctx::act());
    let after = (!after.is_empty()).then_some(after);
    Ok(waybill::integrations::files::list_imports(&mut *services.pool.acquire().await?, &act, after.as_deref()).await?)
}

#[server]
pub async fn read_import(id: String) -> Result<ImportDetail, ApiError> {
    let (services, act) = (crate::ctx::services(), crate::ctx::act());
    Ok(waybill::integrations::files::read_import(&mut *services.pool.acquire().await?, &act, known(&id)?).await?)
}

/// Says which column is which, in the order of the kind's columns (−1 is none), and has the rows looked at.
#[server]
pub async fn map_import(id: String, #[server(default)] mapping: Vec<i32>) -> Result<(), ApiError> {
    let (services, act) = (crate::ctx::services(), crate::ctx::act());
    let id = known(&id)?;
    waybill::transact!(services.pool, conn => waybill::integrations::files::map_import(conn, &act, id, &mapping).await)?;
    services.changed.notify_waiters();
    Ok(())
}

/// Takes the rows in; those that are bad are left out only if that is said.
#[server]
pub async fn apply_import(id: String, #[server(default)] leave_out_bad: bool) -> Result<(), ApiError> {
    let (services, act) = (crate::ctx::services(), crate::ctx::act());
    let id = known(&id)?;
    waybill::transact!(services.pool, conn => waybill::integrations::files::apply_import(conn, &act, id, leave_out_bad).await)?;
    services.changed.notify_waiters();
    Ok(())
}

#[cfg(feature = "ssr")]
fn known(id: &str) -> Result<waybill::ids::FileImportId, ApiError> {
    Ok(id.parse().map_err(|_| waybill::refusal::Refusal::not_found("such import"))?)
}
