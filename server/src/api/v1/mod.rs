//! Version 1.

mod appointments;
mod catalog;
mod changes;
mod channels;
mod counts;
mod customer_groups;
mod delivery;
mod disruptions;
mod drafts;
mod files;
mod fulfilment;
mod holds;
mod locations;
mod notifications;
mod order_history;
mod order_holds;
mod orders;
mod products;
mod promises;
mod purchase_orders;
mod reports;
mod returns;
mod routing;
mod simulations;
mod slots;
mod stock;
mod stock_rules;
mod suppliers;
mod tracking;
mod transfers;
mod users;
mod webhooks;

use crate::router::{AppState, LARGEST_FILE};
use axum::body::Bytes;
use axum::extract::DefaultBodyLimit;
use axum::http::HeaderMap;
use serde::de::DeserializeOwned;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use waybill::idempotency::Key;
use waybill::identity::{Act, Permission};
use waybill::refusal::{Refusal, RefusalCode};

/// Each operation with the permission it needs; none where anybody may call it. A test compares this with the description.
pub const ACCESS: &[(&str, &str, Option<Permission>)] = &[
    ("get", "/v1/channels", Some(Permission::ReadCatalog)),
    ("put", "/v1/channels/{channel}", Some(Permission::ManageStockRules)),
    ("get", "/v1/counts", Some(Permission::ReadStock)),
    ("post", "/v1/counts", Some(Permission::CountStock)),
    ("get", "/v1/counts/{number}", Some(Permission::ReadStock)),
    ("post", "/v1/counts/{number}/lines", Some(Permission::CountStock)),
    ("post", "/v1/counts/{number}/{step}", Some(Permission::CountStock)),
    ("get", "/v1/customer-groups", Some(Permission::ReadCatalog)),
    ("put", "/v1/customer-groups/{code}", Some(Permission::ManageCatalog)),
    ("get", "/v1/delivery-settings", Some(Permission::ManageNetwork)),
    ("get", "/v1/delivery-settings/{kind}/{code}", Some(Permission::ManageNetwork)),
    ("put", "/v1/delivery-settings/{kind}/{code}", Some(Permission::ManageNetwork)),
    ("delete", "/v1/delivery-settings/{kind}/{code}", Some(Permission::ManageNetwork)),
    ("post", "/v1/delivery-settings/{kind}/{code}/preview", Some(Permission::ManageNetwork)),
    ("post", "/v1/delivery-settings/{kind}/{code}/undo", Some(Permission::ManageNetwork)),
    ("get", "/v1/delivery-trials", Some(Permission::ManageNetwork)),
    // Bringing stock needs stock:adjust besides, taking it away stock:read.
    ("get", "/v1/exports/{kind}", Some(Permission::ReadCatalog)),
    ("post", "/v1/imports", Some(Permission::ManageCatalog)),
    ("get", "/v1/imports/{id}", Some(Permission::ManageCatalog)),
    ("get", "/v1/imports/{id}/errors", Some(Permission::ManageCatalog)),
    ("post", "/v1/imports/{id}/apply", Some(Permission::ManageCatalog)),
    ("put", "/v1/imports/{id}/mapping", Some(Permission::ManageCatalog)),
    ("get", "/v1/fulfilments", Some(Permission::ReadFulfilment)),
    ("post", "/v1/holds", Some(Permission::CaptureOrders)),
    ("delete", "/v1/holds/{hold}", Some(Permission::CaptureOrders)),
    ("post", "/v1/holds/{hold}/extend", Some(Permission::CaptureOrders)),
    ("get", "/v1/kpis", Some(Permission::ReadReports)),
    ("get", "/v1/location-groups", Some(Permission::ReadStock)),
    ("put", "/v1/location-groups/{name}", Some(Permission::ManageNetwork)),
    ("post", "/v1/location-groups/{name}/preview", Some(Permission::ManageNetwork)),
    ("post", "/v1/location-groups/{name}/undo", Some(Permission::ManageNetwork)),
    ("get", "/v1/locations", Some(Permission::ReadCatalog)),
    ("post", "/v1/locations", Some(Permission::ManageNetwork)),
    ("get", "/v1/locations/{code}", Some(Permission::ManageNetwork)),
    ("put", "/v1/locations/{code}", Some(Permission::ManageNetwork)),
    ("post", "/v1/locations/{code}/closures", Some(Permission::ManageNetwork)),
    ("delete", "/v1/locations/{code}/closures/{closure}", Some(Permission::ManageNetwork)),
    ("post", "/v1/locations/{code}/preview", Some(Permission::ManageNetwork)),
    ("post", "/v1/locations/{code}/undo", Some(Permission::ManageNetwork)),
    ("get", "/v1/notifications", Some(Permission::ReadOrders)),
    ("get", "/v1/notifications/{id}", Some(Permission::ReadOrders)),
    ("post", "/v1/notifications/{id}/send", Some(Permission::WriteToCustomers)),
    ("get", "/v1/orders", Some(Permission::ReadOrders)),
    ("post", "/v1/orders", Some(Permission::CaptureOrders)),
    ("get", "/v1/orders/{order}", Some(Permission::ReadOrders)),
    ("post", "/v1/orders/{order}/cancel", Some(Permission::CancelOrders)),
    ("get", "/v1/orders/{order}/history", Some(Permission::ReadOrders)),
    ("get", "/v1/appointments", Some(Permission::ReadFulfilment)),
    ("post", "/v1/orders/{order}/appointments/{line_no}/perform", Some(Permission::WorkFulfilment)),
    ("put", "/v1/orders/{order}/appointments/{line_no}", Some(Permission::CaptureOrders)),
    ("post", "/v1/orders/{order}/fulfilments/{no}/{step}", Some(Permission::WorkFulfilment)),
    ("get", "/v1/products", Some(Permission::ReadCatalog)),
    ("get", "/v1/products/{handle}", Some(Permission::ManageCatalog)),
    ("put", "/v1/products/{handle}", Some(Permission::ManageCatalog)),
    ("post", "/v1/products/{handle}/images", Some(Permission::ManageCatalog)),
    ("put", "/v1/products/{handle}/images/{image}", Some(Permission::ManageCatalog)),
    ("delete", "/v1/products/{handle}/images/{image}", Some(Permission::ManageCatalog)),
    ("get", "/v1/purchase-orders", Some(Permission::ReadPurchasing)),
    ("post", "/v1/purchase-orders", Some(Permission::ManagePurchasing)),
    ("post", "/v1/purchase-orders/suggested", Some(Permission::ManagePurchasing)),
    ("get", "/v1/purchase-orders/{number}", Some(Permission::ReadPurchasing)),
    ("put", "/v1/purchase-orders/{number}", Some(Permission::ManagePurchasing)),
    ("get", "/v1/purchase-orders/{number}/document", Some(Permission::ReadPurchasing)),
    ("post", "/v1/purchase-orders/{number}/receipts", Some(Permission::MoveStock)),
    ("post", "/v1/purchase-orders/{number}/{step}", Some(Permission::ManagePurchasing)),
    ("get", "/v1/reorder-points", Some(Permission::ReadPurchasing)),
    ("get", "/v1/returns", Some(Permission::ReadStock)),
    ("post", "/v1/returns", Some(Permission::ManageReturns)),
    ("get", "/v1/returns/{number}", Some(Permission::ReadStock)),
    ("post", "/v1/returns/{number}/cancel", Some(Permission::ManageReturns)),
    ("post", "/v1/returns/{number}/receipts", Some(Permission::MoveStock)),
    ("get", "/v1/routing/catalogue", Some(Permission::ReadRouting)),
    ("put", "/v1/routing/demands", Some(Permission::ManageUsers)),
    ("get", "/v1/routing/drafts", Some(Permission::ReadRouting)),
    ("post", "/v1/routing/drafts", Some(Permission::ManageRouting)),
    ("get", "/v1/routing/drafts/{draft}", Some(Permission::ReadRouting)),
    ("put", "/v1/routing/drafts/{draft}", Some(Permission::ManageRouting)),
    ("delete", "/v1/routing/drafts/{draft}", Some(Permission::ManageRouting)),
    ("post", "/v1/routing/drafts/{draft}/publish", Some(Permission::ManageRouting)),
    ("put", "/v1/routing/lint", Some(Permission::ReadRouting)),
    ("put", "/v1/routing/stop", Some(Permission::ManageRouting)),
    ("put", "/v1/routing/trial", Some(Permission::ReadRouting)),
    ("get", "/v1/simulations", Some(Permission::ReadRouting)),
    ("post", "/v1/simulations", Some(Permission::ManageRouting)),
    ("get", "/v1/simulations/{simulation}", Some(Permission::ReadRouting)),
    ("delete", "/v1/simulations/{simulation}", Some(Permission::ManageRouting)),
    ("post", "/v1/simulations/{simulation}/cancel", Some(Permission::ManageRouting)),
    ("get", "/v1/simulations/{simulation}/orders", Some(Permission::ReadRouting)),
    ("delete", "/v1/ruleset-activations/{activation}", Some(Permission::ManageRouting)),
    ("get", "/v1/rulesets", Some(Permission::ReadRouting)),
    ("get", "/v1/rulesets/{ruleset}/versions/{version}", Some(Permission::ReadRouting)),
    ("put", "/v1/rulesets/{ruleset}/versions/{version}", Some(Permission::ManageRouting)),
    ("post", "/v1/rulesets/{ruleset}/versions/{version}/comments", Some(Permission::ManageRouting)),
    ("post", "/v1/rulesets/{ruleset}/versions/{version}/activations", Some(Permission::ManageRouting)),
    ("put", "/v1/skus/{sku}/components", Some(Permission::ManageCatalog)),
    ("put", "/v1/skus/{sku}/price", Some(Permission::ManageCatalog)),
    ("get", "/v1/stock", Some(Permission::ReadStock)),
    ("get", "/v1/stock/{sku}", Some(Permission::ReadStock)),
    ("put", "/v1/stock/{sku}/allowed/{location}", Some(Permission::ManageStockRules)),
    ("get", "/v1/stock/{sku}/movements", Some(Permission::ReadStock)),
    ("get", "/v1/stock/{sku}/backorder-terms", Some(Permission::ReadStock)),
    ("put", "/v1/stock/{sku}/backorder-terms/{location}", Some(Permission::ManageStockRules)),
    ("delete", "/v1/stock/{sku}/backorder-terms/{location}", Some(Permission::ManageStockRules)),
    ("put", "/v1/stock/{sku}/reorder-point/{location}", Some(Permission::ManagePurchasing)),
    ("delete", "/v1/stock/{sku}/reorder-point/{location}", Some(Permission::ManagePurchasing)),
    ("get", "/v1/stock/{sku}/offered", Some(Permission::ReadStock)),
    ("post", "/v1/orders/{order}/answer", Some(Permission::CancelOrders)),
    ("post", "/v1/orders/{order}/send-from", Some(Permission::CancelOrders)),
    ("post", "/v1/orders/{order}/holds", Some(Permission::CancelOrders)),
    ("post", "/v1/orders/{order}/holds/{kind}/release", Some(Permission::CancelOrders)),
    ("get", "/v1/fulfilment-offers", Some(Permission::ReadFulfilment)),
    ("post", "/v1/orders/{order}/fulfilments/{no}/offer", Some(Permission::WorkFulfilment)),
    ("get", "/v1/disruptions", Some(Permission::ReadRouting)),
    ("put", "/v1/disruptions/preview", Some(Permission::ManageNetwork)),
    ("post", "/v1/disruptions", Some(Permission::ManageNetwork)),
    ("get", "/v1/disruptions/{disruption}", Some(Permission::ReadRouting)),
    ("delete", "/v1/disruptions/{disruption}", Some(Permission::ManageNetwork)),
    ("get", "/v1/promise-alerts", Some(Permission::ReadOrders)),
    ("get", "/v1/promise-report", Some(Permission::ReadReports)),
    // Another moment than now needs orders:read besides.
    ("get", "/v1/promises", Some(Permission::ReadCatalog)),
    ("post", "/v1/slots", Some(Permission::CaptureOrders)),
    ("get", "/v1/slots/{booking}", Some(Permission::CaptureOrders)),
    ("delete", "/v1/slots/{booking}", Some(Permission::CaptureOrders)),
    ("get", "/v1/stock-rules", Some(Permission::ReadStock)),
    ("post", "/v1/stock-rules", Some(Permission::ManageStockRules)),
    ("put", "/v1/stock-rules/{id}", Some(Permission::ManageStockRules)),
    ("delete", "/v1/stock-rules/{id}", Some(Permission::ManageStockRules)),
    ("post", "/v1/stock/conditions", Some(Permission::MoveStock)),
    ("post", "/v1/stock/movements", Some(Permission::AdjustStock)),
    ("post", "/v1/stock/readings", Some(Permission::AdjustStock)),
    ("get", "/v1/suppliers", Some(Permission::ReadPurchasing)),
    ("get", "/v1/suppliers/{code}", Some(Permission::ReadPurchasing)),
    ("put", "/v1/suppliers/{code}", Some(Permission::ManagePurchasing)),
    ("put", "/v1/suppliers/{code}/skus/{sku}", Some(Permission::ManagePurchasing)),
    ("delete", "/v1/suppliers/{code}/skus/{sku}", Some(Permission::ManagePurchasing)),
    ("get", "/v1/transfers", Some(Permission::ReadStock)),
    ("post", "/v1/transfers", Some(Permission::MoveStock)),
    ("get", "/v1/transfers/{number}", Some(Permission::ReadStock)),
    ("post", "/v1/transfers/{number}/receipts", Some(Permission::MoveStock)),
    ("get", "/v1/users", Some(Permission::ManageUsers)),
    ("post", "/v1/users", Some(Permission::ManageUsers)),
    ("put", "/v1/users/{email}", Some(Permission::ManageUsers)),
    ("post", "/v1/users/{email}/preview", Some(Permission::ManageUsers)),
    ("post", "/v1/users/{email}/undo", Some(Permission::ManageUsers)),
    ("get", "/v1/webhooks", Some(Permission::ManageWebhooks)),
    ("post", "/v1/webhooks", Some(Permission::ManageWebhooks)),
    ("get", "/v1/webhooks/{id}", Some(Permission::ManageWebhooks)),
    ("put", "/v1/webhooks/{id}", Some(Permission::ManageWebhooks)),
    ("delete", "/v1/webhooks/{id}", Some(Permission::ManageWebhooks)),
    ("get", "/v1/webhooks/{id}/deliveries", Some(Permission::ManageWebhooks)),
    ("post", "/v1/webhooks/{id}/deliveries/send", Some(Permission::ManageWebhooks)),
    ("post", "/v1/webhooks/{id}/secret", Some(Permission::ManageWebhooks)),
    ("post", "/v1/webhooks/{id}/trial", Some(Permission::ManageWebhooks)),
    ("get", "/v1/webhook-deliveries/{id}", Some(Permission::ManageWebhooks)),
    ("post", "/v1/webhook-deliveries/{id}/send", Some(Permission::ManageWebhooks)),
    // The number with the e-mail address or postcode is the key.
    ("get", "/v1/tracking", None),
];

pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(orders::list, orders::capture))
        .routes(routes!(orders::read))
        .routes(routes!(order_history::read))
        .routes(routes!(orders::cancel))
        .routes(routes!(orders::answer))
        .routes(routes!(orders::send_from))
        .routes(routes!(order_holds::hold))
        .routes(routes!(order_holds::release))
        .routes(routes!(fulfilment::step))
        .routes(routes!(fulfilment::list))
        .routes(routes!(fulfilment::offers))
        .routes(routes!(fulfilment::answer_offer))
        .routes(routes!(catalog::products))
        .routes(routes!(channels::list))
        .routes(routes!(channels::change))
        .routes(routes!(customer_groups::list))
        .routes(routes!(customer_groups::put))
        .routes(routes!(delivery::list))
        .routes(routes!(delivery::read, delivery::save, delivery::end))
        .routes(routes!(delivery::preview))
        .routes(routes!(delivery::undo))
        .routes(routes!(delivery::try_out))
        .routes(routes!(disruptions::list, disruptions::start))
        .routes(routes!(disruptions::preview))
        .routes(routes!(disruptions::read, disruptions::end))
        .routes(routes!(notifications::list))
        .routes(routes!(notifications::read))
        .routes(routes!(notifications::send))
        .routes(routes!(slots::book))
        .routes(routes!(appointments::list))
        .routes(routes!(appointments::perform))
        .routes(routes!(appointments::change))
        .routes(routes!(slots::read))
        .routes(routes!(slots::release))
        .routes(routes!(promises::promise))
        .routes(routes!(promises::alerts))
        .routes(routes!(promises::report))
        .merge(OpenApiRouter::new().routes(routes!(files::open)).layer(DefaultBodyLimit::max(LARGEST_FILE)))
        .routes(routes!(files::read))
        .routes(routes!(files::errors))
        .routes(routes!(files::map))
        .routes(routes!(files::apply))
        .routes(routes!(files::export))
        .routes(routes!(products::read, products::save))
        .merge(OpenApiRouter::new().routes(routes!(products::add_image)).layer(DefaultBodyLimit::max(LARGEST_FILE)))
        .routes(routes!(products::change_image, products::remove_image))
        .routes(routes!(products::set_price))
        .routes(routes!(products::set_components))
        .routes(routes!(catalog::locations, locations::open))
        .routes(routes!(locations::read, locations::change))
        .routes(routes!(locations::preview))
        .routes(routes!(locations::undo))
        .routes(routes!(locations::close))
        .routes(routes!(locations::withdraw_closure))
        .routes(routes!(stock::list))
        .routes(routes!(stock::read))
        .routes(routes!(stock::movements))
        .routes(routes!(stock::post_movement))
        .routes(routes!(stock_rules::list, stock_rules::set))
        .routes(routes!(stock_rules::change, stock_rules::end))
        .routes(routes!(stock_rules::groups))
        .routes(routes!(stock_rules::set_group))
        .routes(routes!(stock_rules::preview_group))
        .routes(routes!(stock_rules::undo_group))
        .routes(routes!(stock_rules::set_allowed))
        .routes(routes!(stock_rules::offered))
        .routes(routes!(stock_rules::terms))
        .routes(routes!(stock_rules::set_terms, stock_rules::end_terms))
        .routes(routes!(stock::change_condition))
        .routes(routes!(stock::report))
        .routes(routes!(counts::list, counts::open))
        .routes(routes!(counts::read))
        .routes(routes!(counts::record))
        .routes(routes!(counts::step))
        .routes(routes!(holds::hold))
        .routes(routes!(holds::extend))
        .routes(routes!(holds::release))
        .routes(routes!(suppliers::list))
        .routes(routes!(suppliers::read, suppliers::save))
        .routes(routes!(suppliers::save_sku, suppliers::remove_sku))
        .routes(routes!(suppliers::points))
        .routes(routes!(suppliers::set_point, suppliers::remove_point))
        .routes(routes!(purchase_orders::list, purchase_orders::draft))
        .routes(routes!(purchase_orders::draft_suggested))
        .routes(routes!(purchase_orders::read, purchase_orders::change))
        .routes(routes!(purchase_orders::document))
        .routes(routes!(purchase_orders::receive))
        .routes(routes!(purchase_orders::step))
        .routes(routes!(reports::kpis))
        .routes(routes!(returns::list, returns::open))
        .routes(routes!(returns::read))
        .routes(routes!(returns::receive))
        .routes(routes!(returns::cancel))
        .routes(routes!(routing::list))
        .routes(routes!(routing::read, routing::publish))
        .routes(routes!(routing::comment))
        .routes(routes!(routing::activate))
        .routes(routes!(routing::withdraw))
        .routes(routes!(routing::stop))
        .routes(routes!(routing::catalogue))
        .routes(routes!(routing::lint))
        .routes(routes!(routing::set_demands))
        .routes(routes!(routing::try_order))
        .routes(routes!(simulations::list, simulations::start))
        .routes(routes!(simulations::read, simulations::delete))
        .routes(routes!(simulations::moves))
        .routes(routes!(simulations::cancel))
        .routes(routes!(drafts::list, drafts::begin))
        .routes(routes!(drafts::read, drafts::save, drafts::delete))
        .routes(routes!(drafts::publish))
        .routes(routes!(transfers::list, transfers::send))
        .routes(routes!(transfers::read))
        .routes(routes!(transfers::receive))
        .routes(routes!(users::list, users::add))
        .routes(routes!(users::change))
        .routes(routes!(users::preview))
        .routes(routes!(users::undo))
        .routes(routes!(webhooks::list, webhooks::add))
        .routes(routes!(webhooks::read, webhooks::change, webhooks::remove))
        .routes(routes!(webhooks::renew))
        .routes(routes!(webhooks::attempt))
        .routes(routes!(webhooks::deliveries))
        .routes(routes!(webhooks::send_all))
        .routes(routes!(webhooks::read_delivery))
        .routes(routes!(webhooks::send))
        .routes(routes!(tracking::track))
}

/// The key of a POST, which is required: without one, a lost answer leaves the sender guessing.
fn key(act: &Act, headers: &HeaderMap, path: &str, body: &[u8]) -> Result<Key, Refusal> {
    let text = headers.get("idempotency-key").and_then(|v| v.to_str().ok()).map(|k| k.trim().trim_matches('"')).unwrap_or_default();
    if text.is_empty() || text.len() > 200 {
        return Err(Refusal::new(RefusalCode::Invalid, "Send an Idempotency-Key header of 1 to 200 characters, a new one for each new request."));
    }
    let client = act.actor.id().map(|id| id.to_string()).unwrap_or_default();
    Ok(Key::new(client, text, &[path.as_bytes(), b"\n", body].concat()))
}

/// Reads a JSON body, with the place of what is wrong.
fn json<T: DeserializeOwned>(body: &Bytes) -> Result<T, Refusal> {
    serde_json::from_slice(body).map_err(|e| Refusal::field("", format!("The body cannot be read: {e}. Compare it with /api/openapi.json.")))
}
