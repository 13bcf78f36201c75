use crate::error::ApiError;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use waybill::inventory::views::LocationChoice;
use waybill::page::Page;
use waybill::purchasing::views::{PurchaseDetail, PurchaseRow, ReorderRow, SupplierDetail, SupplierRow};

/// Reorder points and how they stand, with what a new one can be for; choices are empty for those who may not set any.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ReorderView {
    pub page: Page<ReorderRow>,
    pub may_buy: bool,
    pub locations: Vec<LocationChoice>,
    pub suppliers: Vec<SupplierRow>,
}

#[server]
pub async fn list_reorder_points(#[server(default)] all: bool, #[server(default)] after: String) -> Result<ReorderView, ApiError> {
    use waybill::identity::Permission;
    let (services, act) = (crate::ctx::services(), crate::ctx::act());
    let mut conn = services.pool.acquire().await?;
    let page = waybill::purchasing::list_reorder_points(&mut conn, &act, !all, (!after.is_empty()).then_some(after.as_str())).await?;
    let may_buy = act.actor.may(Permission::ManagePurchasing);
    let (mut locations, mut suppliers) = (Vec::new(), Vec::new());
    if may_buy {
        locations = waybill::inventory::list_locations(&mut conn, &act).await?;
        suppliers = waybill::purchasing::list_suppliers(&mut conn, &act).await?;
    }
    Ok(ReorderView { page, may_buy, locations, suppliers })
}

#[server]
pub async fn set_reorder_point(
    sku: String,
    #[server(default)] location: String,
    #[server(default)] point: String,
    #[server(default)] up_to: String,
    #[server(default)] supplier: String,
) -> Result<(), ApiError> {
    let (services, act) = (crate::ctx::services(), crate::ctx::act());
    let point = crate::error::whole_number("/point", &point)?;
    let up_to = crate::error::whole_number("/up_to", &up_to)?;
    let new = waybill::purchasing::ReorderPoint { sku, location, point, up_to, supplier };
    waybill::transact!(services.pool, conn => waybill::purchasing::set_reorder_point(conn, &act, &new).await)?;
    services.changed.notify_waiters();
    Ok(())
}

#[server]
pub async fn remove_reorder_point(sku: String, location: String) -> Result<(), ApiError> {
    let (services, act) = (crate::ctx::services(), crate::ctx::act());
    waybill::transact!(services.pool, conn => waybill::purchasing::remove_reorder_point(conn, &act, &sku, &location).await)?;
    services.changed.notify_waiters();
    Ok(())
}

/// Drafts what is ticked, each a SKU and the code of its location with a `~` between them, and goes to what was drafted.
#[server]
pub async fn draft_suggested(#[server(default)] lines: Vec<String>) -> Result<(), ApiError> {
    use waybill::refusal::Refusal;
    let (services, act) = (crate::ctx::services(), crate::ctx::act());
    let wanted: Vec<(String, String)> =
        lines.iter().filter_map(|l| l.rsplit_once('~')).map(|(sku, location)| (sku.to_owned(), location.to_owned())).collect();
    if wanted.is_empty() {
        return Err(Refusal::field("/lines", "Tick what is to be ordered.").into());
    }
    let first = waybill::ids::PurchaseOrderId::new(act.now);
    let numbers = waybill::transact!(services.pool, conn => waybill::purchasing::draft_suggested(conn, &act, first, &wanted).await)?;
    services.changed.notify_waiters();
    match numbers.as_slice() {
        [number] => crate::ctx::redirect(&format!("/stock/purchase-orders/{number}")),
        _ => crate::ctx::redirect("/stock/purchase-orders?state=draft"),
    }
    Ok(())
}

/// Purchase orders, newest first; those that come to the own location only for whoever works at one.
#[server]
pub async fn list_purchase_orders(#[server(default)] state: String, #[server(default)] after: String) -> Result<Page<PurchaseRow>, ApiError> {
    let (services, act) = (crate::ctx::services(), crate::ctx::act());
    let state = crate::error::choice("/state", &state)?;
    let mut conn = services.pool.acquire().await?;
    let own = crate::ctx::own_place(&mut conn).await?.map(|place| place.code);
    let after = (!after.is_empty()).then_some(after);
    Ok(waybill::purchasing::list_purchase_orders(&mut conn, &act, state, None, own.as_deref(), after.as_deref()).await?)
}

/// Whom can be bought from, and for where.
#[server]
pub async fn purchase_choices() -> Result<(Vec<SupplierRow>, Vec<LocationChoice>), ApiError> {
    let (services, act) = (crate::ctx::services(), crate::ctx::act());
    let mut conn = services.pool.acquire().await?;
    let suppliers = waybill::purchasing::list_suppliers(&mut conn, &act).await?;
    Ok((suppliers, waybill::inventory::list_locations(&mut conn, &act).await?))
}

/// Drafts a purchase order and goes to its page. `lines` has a code and how many on each line.
#[server]
pub async fn draft_order(
    #[server(default)] supplier: String,
    #[server(default)] location: String,
    #[server(default)] lines: String,
    #[server(default)] note: String,
) -> Result<(), ApiError> {
    use waybill::ids::PurchaseOrderId;
    let (services, act) = (crate::ctx::services(), crate::ctx::act());
    let lines = waybill::inventory::scans::read_scans("/lines", &lines, 1).map_err(waybill::refusal::Refusal::invalid)?;
    let new = waybill::purchasing::NewPurchaseOrder { supplier, location, note, lines };
    let id = PurchaseOrderId::new(act.now);
    let number = waybill::transact!(services.pool, conn => waybill::purchasing::draft_order(conn, &act, id, &new).await)?;
    services.changed.notify_waiters();
    crate::ctx::redirect(&format!("/stock/purchase-orders/{number}"));
    Ok(())
}

/// A purchase order, and what whoever asks may do with it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PurchaseView {
    pub order: PurchaseDetail,
    pub may_buy: bool,
    pub may_receive: bool,
    /// The path of the supplier's own page, once it was sent.
    pub supplier_link: Option<String>,
}

#[server]
pub async fn read_purchase_order(number: String) -> Result<PurchaseView, ApiError> {
    use waybill::identity::Permission;
    use waybill::purchasing::PurchaseStep;
    let (services, act) = (crate::ctx::services(), crate::ctx::act());
    let mut conn = services.pool.acquire().await?;
    let order = waybill::purchasing::read_purchase_order(&mut conn, &act, &number).await?;
    let may_buy = act.actor.may(Permission::ManagePurchasing);
    let may_receive = order.order_number.is_none()
        && order.state.next(PurchaseStep::Receive).is_some()
        && act.require_location(order.location_id, Permission::MoveStock).is_ok();
    let supplier_link = if may_buy { waybill::purchasing::link_of(&mut conn, &services.link_key, &order.number).await? } else { None };
    Ok(PurchaseView { order, may_buy, may_receive, supplier_link })
}

/// Changes a draft.
#[server]
pub async fn change_draft(number: String, #[server(default)] lines: String, #[server(default)] note: String) -> Result<(), ApiError> {
    let (services, act) = (crate::ctx::services(), crate::ctx::act());
    let lines = waybill::inventory::scans::read_scans("/lines", &lines, 1).map_err(waybill::refusal::Refusal::invalid)?;
    waybill::transact!(services.pool, conn => waybill::purchasing::change_draft(conn, &act, &number, &note, &lines).await)?;
    services.changed.notify_waiters();
    Ok(())
}

/// Approves, sends, closes or cancels.
#[server]
pub async fn take_purchase_step(number: String, step: waybill::purchasing::PurchaseStep) -> Result<(), ApiError> {
    let (services, act) = (crate::ctx::services(), crate::ctx::act());
    waybill::transact!(services.pool, conn => waybill::purchasing::take_step(conn, &act, &number, step).await)?;
    services.changed.notify_waiters();
    Ok(())
}

/// What the supplier has said by telephone: when it comes (`2026-12-01`), and of what fewer come, a code and how many on each line.
#[server]
pub async fn confirm_purchase(number: String, #[server(default)] expected_on: String, #[server(default)] lines: String) -> Result<(), ApiError> {
    let (services, act) = (crate::ctx::services(), crate::ctx::act());
    let lines = waybill::inventory::scans::read_scans("/lines", &lines, 0).map_err(waybill::refusal::Refusal::invalid)?;
    let confirmation = waybill::purchasing::Confirmation { expected_on: crate::error::day("/expected_on", &expected_on)?, lines };
    waybill::transact!(services.pool, conn => waybill::purchasing::confirm_order(conn, &act, &number, &confirmation).await)?;
    services.changed.notify_waiters();
    Ok(())
}

/// Takes in what has come.
#[server]
pub async fn receive_purchase(
    number: String,
    #[server(default)] lines: String,
    #[server(default)] everything: String,
    #[server(default)] close: Option<String>,
) -> Result<(), ApiError> {
    let (services, act) = (crate::ctx::services(), crate::ctx::act());
    let lines = waybill::inventory::scans::read_scans("/lines", &lines, 1).map_err(waybill::refusal::Refusal::invalid)?;
    let receipt = waybill::inventory::receipts::Receipt { lines, everything: !everything.is_empty(), close: close.is_some() };
    waybill::transact!(services.pool, conn => waybill::purchasing::receive_order(conn, &act, &number, &receipt).await)?;
    services.changed.notify_waiters();
    Ok(())
}

#[server]
pub async fn list_suppliers() -> Result<Vec<SupplierRow>, ApiError> {
    let (services, act) = (crate::ctx::services(), crate::ctx::act());
    Ok(waybill::purchasing::list_suppliers(&mut *services.pool.acquire().await?, &act).await?)
}

/// A supplier, and the vendors' locations that it could send from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SupplierView {
    pub detail: SupplierDetail,
    pub locations: Vec<LocationChoice>,
    pub may_buy: bool,
    pub sees_costs: bool,
}

/// An empty code is a supplier that is to be made.
#[server]
pub async fn read_supplier(#[server(default)] code: String) -> Result<SupplierView, ApiError> {
    use waybill::identity::Permission;
    use waybill::inventory::LocationKind;
    use waybill::purchasing::Supplier;
    let (services, act) = (crate::ctx::services(), crate::ctx::act());
    let mut conn = services.pool.acquire().await?;
    let detail = if code.is_empty() {
        let supplier = Supplier { currency: "GBP".to_owned(), lead_days: 14, ..Supplier::default() };
        SupplierDetail { supplier, skus: Vec::new() }
    } else {
        waybill::purchasing::read_supplier(&mut conn, &act, &code).await?
    };
    let places = waybill::inventory::list_locations(&mut conn, &act).await?;
    let locations = places.into_iter().filter(|p| p.kind == LocationKind::Vendor).collect();
    let may = |permission| act.actor.may(permission);
    Ok(SupplierView { detail, locations, may_buy: may(Permission::ManagePurchasing), sees_costs: may(Permission::ReadCosts) })
}

/// A supplier as a form sends it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct SupplierForm {
    pub code: String,
    pub name: String,
    pub email: String,
    pub address: String,
    pub currency: String,
    pub lead_days: String,
    pub location: String,
}

/// Makes a supplier, or changes it. `open` goes to its page.
#[server]
pub async fn save_supplier(form: SupplierForm, #[server(default)] open: bool) -> Result<(), ApiError> {
    let (services, act) = (crate::ctx::services(), crate::ctx::act());
    let lead_days = crate::error::whole_number("/lead_days", &form.lead_days)?;
    let SupplierForm { code, name, email, address, currency, location, .. } = form;
    let supplier = waybill::purchasing::Supplier { code, name, email, address, currency, lead_days, location };
    waybill::transact!(services.pool, conn => waybill::purchasing::save_supplier(conn, &act, &supplier).await)?;
    if open {
        crate::ctx::redirect(&format!("/stock/suppliers/{}", supplier.code.trim()));
    }
    Ok(())
}

/// What a supplier sells, as a form sends it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct TermsForm {
    pub supplier: String,
    pub sku: String,
    pub supplier_code: String,
    pub cost: String,
    pub min_quantity: String,
    pub pack_quantity: String,
    pub lead_days: String,
}

#[server]
pub async fn save_supplier_sku(form: TermsForm) -> Result<(), ApiError> {
    use crate::error::whole_number;
    let (services, act) = (crate::ctx::services(), crate::ctx::act());
    let one_where_empty = |field: &str, text: &str| if text.trim().is_empty() { Ok(1) } else { whole_number(field, text) };
    let lead_days = if form.lead_days.trim().is_empty() { None } else { Some(whole_number("/lead_days", &form.lead_days)?) };
    let terms = waybill::purchasing::SupplierSku {
        min_quantity: one_where_empty("/min_quantity", &form.min_quantity)?,
        pack_quantity: one_where_empty("/pack_quantity", &form.pack_quantity)?,
        sku: form.sku,
        supplier_code: form.supplier_code,
        cost: form.cost,
        lead_days,
    };
    waybill::transact!(services.pool, conn => waybill::purchasing::save_supplier_sku(conn, &act, &form.supplier, &terms).await)?;
    Ok(())
}

#[server]
pub async fn remove_supplier_sku(supplier: String, sku: String) -> Result<(), ApiError> {
    let (services, act) = (crate::ctx::services(), crate::ctx::act());
    waybill::transact!(services.pool, conn => waybill::purchasing::remove_supplier_sku(conn, &act, &supplier, &sku).await)?;
    Ok(())
}
