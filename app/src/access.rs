//! Who may call what: one table for server functions and pages. What is not in it is refused, and a test walks all routes to see that
//! nothing is missing.

use waybill::identity::{Actor, Permission};

/// What a caller needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Anybody. Each such line is a decision.
    Public,
    /// Whoever is signed in.
    SignedIn,
    Needs(Permission),
}

impl Access {
    pub fn allows(self, actor: &Actor) -> bool {
        match self {
            Self::Public => true,
            Self::SignedIn => matches!(actor, Actor::User { .. }),
            Self::Needs(permission) => actor.may(permission),
        }
    }

    pub const fn label(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::SignedIn => "signed in",
            Self::Needs(permission) => permission.as_str(),
        }
    }
}

/// Every server function, by path.
pub const SERVER_FUNCTIONS: &[(&str, Access)] = &[
    // Answers "nobody" to a stranger.
    ("/_fn/waybill_app/layout/who_am_i", Access::Public),
    ("/_fn/waybill_app/pages/account/api/sign_in", Access::Public),
    ("/_fn/waybill_app/pages/account/api/sign_out", Access::SignedIn),
    ("/_fn/waybill_app/pages/account/api/sign_out_everywhere", Access::SignedIn),
    ("/_fn/waybill_app/pages/account/api/change_password", Access::SignedIn),
    ("/_fn/waybill_app/pages/admin/api/add_user", Access::Needs(Permission::ManageUsers)),
    ("/_fn/waybill_app/pages/admin/api/change_user", Access::Needs(Permission::ManageUsers)),
    ("/_fn/waybill_app/pages/admin/api/read_user", Access::Needs(Permission::ManageUsers)),
    ("/_fn/waybill_app/pages/admin/api/undo_user", Access::Needs(Permission::ManageUsers)),
    ("/_fn/waybill_app/pages/admin/api/list_users", Access::Needs(Permission::ManageUsers)),
    ("/_fn/waybill_app/pages/admin/api/reset_password", Access::Needs(Permission::ManageUsers)),
    ("/_fn/waybill_app/pages/admin/api/change_location", Access::Needs(Permission::ManageNetwork)),
    ("/_fn/waybill_app/pages/admin/api/close_location", Access::Needs(Permission::ManageNetwork)),
    ("/_fn/waybill_app/pages/admin/api/list_places", Access::Needs(Permission::ManageNetwork)),
    ("/_fn/waybill_app/pages/admin/api/open_location", Access::Needs(Permission::ManageNetwork)),
    ("/_fn/waybill_app/pages/admin/api/read_place", Access::Needs(Permission::ManageNetwork)),
    ("/_fn/waybill_app/pages/admin/api/undo_location", Access::Needs(Permission::ManageNetwork)),
    ("/_fn/waybill_app/pages/admin/api/withdraw_closure", Access::Needs(Permission::ManageNetwork)),
    ("/_fn/waybill_app/pages/board/api/kpis", Access::Needs(Permission::ReadReports)),
    ("/_fn/waybill_app/pages/catalog/api/change_image", Access::Needs(Permission::ManageCatalog)),
    ("/_fn/waybill_app/pages/catalog/api/remove_image", Access::Needs(Permission::ManageCatalog)),
    ("/_fn/waybill_app/pages/catalog/api/list_catalog", Access::Needs(Permission::ManageCatalog)),
    ("/_fn/waybill_app/pages/catalog/api/read_product", Access::Needs(Permission::ManageCatalog)),
    ("/_fn/waybill_app/pages/catalog/api/save_product", Access::Needs(Permission::ManageCatalog)),
    ("/_fn/waybill_app/pages/catalog/api/set_kit", Access::Needs(Permission::ManageCatalog)),
    ("/_fn/waybill_app/pages/catalog/api/set_price", Access::Needs(Permission::ManageCatalog)),
    ("/_fn/waybill_app/pages/counts/api/book_count", Access::Needs(Permission::AdjustStock)),
    ("/_fn/waybill_app/pages/counts/api/count_again", Access::Needs(Permission::AdjustStock)),
    ("/_fn/waybill_app/pages/counts/api/count_places", Access::Needs(Permission::CountStock)),
    ("/_fn/waybill_app/pages/counts/api/end_count", Access::Needs(Permission::CountStock)),
    ("/_fn/waybill_app/pages/counts/api/list_counts", Access::Needs(Permission::ReadStock)),
    ("/_fn/waybill_app/pages/counts/api/open_count", Access::Needs(Permission::CountStock)),
    ("/_fn/waybill_app/pages/counts/api/read_count", Access::Needs(Permission::ReadStock)),
    ("/_fn/waybill_app/pages/counts/api/record_count", Access::Needs(Permission::CountStock)),
    ("/_fn/waybill_app/pages/delivery/api/end_setting", Access::Needs(Permission::ManageNetwork)),
    ("/_fn/waybill_app/pages/delivery/api/list_settings", Access::Needs(Permission::ManageNetwork)),
    ("/_fn/waybill_app/pages/delivery/api/read_setting", Access::Needs(Permission::ManageNetwork)),
    ("/_fn/waybill_app/pages/delivery/api/save_setting", Access::Needs(Permission::ManageNetwork)),
    ("/_fn/waybill_app/pages/delivery/api/trial_places", Access::Needs(Permission::ManageNetwork)),
    ("/_fn/waybill_app/pages/delivery/api/try_delivery", Access::Needs(Permission::ManageNetwork)),
    ("/_fn/waybill_app/pages/delivery/api/undo_setting", Access::Needs(Permission::ManageNetwork)),
    ("/_fn/waybill_app/pages/desk/api/cancel_order", Access::Needs(Permission::CancelOrders)),
    ("/_fn/waybill_app/pages/desk/api/list_alerts", Access::Needs(Permission::ReadOrders)),
    ("/_fn/waybill_app/pages/desk/api/list_messages", Access::Needs(Permission::ReadOrders)),
    ("/_fn/waybill_app/pages/desk/api/mark_delivered", Access::Needs(Permission::WorkFulfilment)),
    ("/_fn/waybill_app/pages/desk/api/move_appointment", Access::Needs(Permission::CaptureOrders)),
    ("/_fn/waybill_app/pages/desk/api/promises_kept", Access::Needs(Permission::ReadReports)),
    ("/_fn/waybill_app/pages/desk/api/read_message", Access::Needs(Permission::ReadOrders)),
    ("/_fn/waybill_app/pages/desk/api/send_again", Access::Needs(Permission::WriteToCustomers)),
    // Whoever takes orders at the desk can call them off, too: visitors take their own in the shop.
    ("/_fn/waybill_app/pages/desk/api/take_phone_order", Access::Needs(Permission::CancelOrders)),
    ("/_fn/waybill_app/pages/desk/api/list_orders", Access::Needs(Permission::ReadOrders)),
    ("/_fn/waybill_app/pages/desk/api/read_order", Access::Needs(Permission::ReadOrders)),
    ("/_fn/waybill_app/pages/desk/api/answer_order", Access::Needs(Permission::CancelOrders)),
    ("/_fn/waybill_app/pages/desk/api/send_from", Access::Needs(Permission::CancelOrders)),
    ("/_fn/waybill_app/pages/desk/api/hold_back", Access::Needs(Permission::CancelOrders)),
    ("/_fn/waybill_app/pages/desk/api/let_go_on", Access::Needs(Permission::CancelOrders)),
    ("/_fn/waybill_app/pages/disruptions/api/end_disruption", Access::Needs(Permission::ManageNetwork)),
    ("/_fn/waybill_app/pages/disruptions/api/preview_disruption", Access::Needs(Permission::ManageNetwork)),
    ("/_fn/waybill_app/pages/disruptions/api/read_desk", Access::Needs(Permission::ReadRouting)),
    ("/_fn/waybill_app/pages/disruptions/api/read_disruption", Access::Needs(Permission::ReadRouting)),
    ("/_fn/waybill_app/pages/disruptions/api/start_disruption", Access::Needs(Permission::ManageNetwork)),
    ("/_fn/waybill_app/pages/files/api/apply_import", Access::Needs(Permission::ManageCatalog)),
    ("/_fn/waybill_app/pages/files/api/list_imports", Access::Needs(Permission::ManageCatalog)),
    ("/_fn/waybill_app/pages/files/api/map_import", Access::Needs(Permission::ManageCatalog)),
    ("/_fn/waybill_app/pages/files/api/read_import", Access::Needs(Permission::ManageCatalog)),
    ("/_fn/waybill_app/pages/purchasing/api/change_draft", Access::Needs(Permission::ManagePurchasing)),
    ("/_fn/waybill_app/pages/purchasing/api/confirm_purchase", Access::Needs(Permission::ManagePurchasing)),
    ("/_fn/waybill_app/pages/purchasing/api/draft_order", Access::Needs(Permission::ManagePurchasing)),
    ("/_fn/waybill_app/pages/purchasing/api/draft_suggested", Access::Needs(Permission::ManagePurchasing)),
    ("/_fn/waybill_app/pages/purchasing/api/list_purchase_orders", Access::Needs(Permission::ReadPurchasing)),
    ("/_fn/waybill_app/pages/purchasing/api/list_reorder_points", Access::Needs(Permission::ReadPurchasing)),
    ("/_fn/waybill_app/pages/purchasing/api/list_suppliers", Access::Needs(Permission::ReadPurchasing)),
    ("/_fn/waybill_app/pages/purchasing/api/purchase_choices", Access::Needs(Permission::ManagePurchasing)),
    ("/_fn/waybill_app/pages/purchasing/api/read_purchase_order", Access::Needs(Permission::ReadPurchasing)),
    ("/_fn/waybill_app/pages/purchasing/api/read_supplier", Access::Needs(Permission::ReadPurchasing)),
    ("/_fn/waybill_app/pages/purchasing/api/receive_purchase", Access::Needs(Permission::MoveStock)),
    ("/_fn/waybill_app/pages/purchasing/api/remove_reorder_point", Access::Needs(Permission::ManagePurchasing)),
    ("/_fn/waybill_app/pages/purchasing/api/remove_supplier_sku", Access::Needs(Permission::ManagePurchasing)),
    ("/_fn/waybill_app/pages/purchasing/api/save_supplier", Access::Needs(Permission::ManagePurchasing)),
    ("/_fn/waybill_app/pages/purchasing/api/save_supplier_sku", Access::Needs(Permission::ManagePurchasing)),
    ("/_fn/waybill_app/pages/purchasing/api/set_reorder_point", Access::Needs(Permission::ManagePurchasing)),
    ("/_fn/waybill_app/pages/purchasing/api/take_purchase_step", Access::Needs(Permission::ManagePurchasing)),
    ("/_fn/waybill_app/pages/stock/api/adjust_stock", Access::Needs(Permission::AdjustStock)),
    ("/_fn/waybill_app/pages/stock/api/change_condition", Access::Needs(Permission::MoveStock)),
    ("/_fn/waybill_app/pages/stock/api/list_stock", Access::Needs(Permission::ReadStock)),
    ("/_fn/waybill_app/pages/stock/api/reading_places", Access::Needs(Permission::AdjustStock)),
    ("/_fn/waybill_app/pages/stock/api/report_readings", Access::Needs(Permission::AdjustStock)),
    ("/_fn/waybill_app/pages/stock/api/read_stock", Access::Needs(Permission::ReadStock)),
    ("/_fn/waybill_app/pages/stock_rules/api/end_rule", Access::Needs(Permission::ManageStockRules)),
    ("/_fn/waybill_app/pages/stock_rules/api/end_terms", Access::Needs(Permission::ManageStockRules)),
    ("/_fn/waybill_app/pages/stock_rules/api/put_customer_group", Access::Needs(Permission::ManageCatalog)),
    ("/_fn/waybill_app/pages/stock_rules/api/put_rule", Access::Needs(Permission::ManageStockRules)),
    ("/_fn/waybill_app/pages/stock_rules/api/read_offered", Access::Needs(Permission::ReadStock)),
    ("/_fn/waybill_app/pages/stock_rules/api/read_rules", Access::Needs(Permission::ManageStockRules)),
    ("/_fn/waybill_app/pages/stock_rules/api/set_allowed", Access::Needs(Permission::ManageStockRules)),
    ("/_fn/waybill_app/pages/stock_rules/api/set_channel", Access::Needs(Permission::ManageStockRules)),
    ("/_fn/waybill_app/pages/stock_rules/api/undo_location_group", Access::Needs(Permission::ManageNetwork)),
    ("/_fn/waybill_app/pages/stock_rules/api/set_location_group", Access::Needs(Permission::ManageNetwork)),
    ("/_fn/waybill_app/pages/stock_rules/api/set_terms", Access::Needs(Permission::ManageStockRules)),
    ("/_fn/waybill_app/pages/returns/api/cancel_return", Access::Needs(Permission::ManageReturns)),
    ("/_fn/waybill_app/pages/returns/api/list_returns", Access::Needs(Permission::ReadStock)),
    ("/_fn/waybill_app/pages/returns/api/open_return", Access::Needs(Permission::ManageReturns)),
    ("/_fn/waybill_app/pages/returns/api/read_return", Access::Needs(Permission::ReadStock)),
    ("/_fn/waybill_app/pages/returns/api/receive_return", Access::Needs(Permission::MoveStock)),
    ("/_fn/waybill_app/pages/returns/api/read_returnable", Access::Needs(Permission::ManageReturns)),
    ("/_fn/waybill_app/pages/routing/api/activate_version", Access::Needs(Permission::ManageRouting)),
    ("/_fn/waybill_app/pages/routing/api/approve_version", Access::Needs(Permission::ManageRouting)),
    ("/_fn/waybill_app/pages/routing/api/begin_draft", Access::Needs(Permission::ManageRouting)),
    ("/_fn/waybill_app/pages/routing/api/cancel_simulation", Access::Needs(Permission::ManageRouting)),
    ("/_fn/waybill_app/pages/routing/api/check_rules", Access::Needs(Permission::ManageRouting)),
    ("/_fn/waybill_app/pages/routing/api/comment_on_version", Access::Needs(Permission::ManageRouting)),
    ("/_fn/waybill_app/pages/routing/api/delete_draft", Access::Needs(Permission::ManageRouting)),
    ("/_fn/waybill_app/pages/routing/api/delete_simulation", Access::Needs(Permission::ManageRouting)),
    ("/_fn/waybill_app/pages/routing/api/look_at_rules", Access::Needs(Permission::ReadRouting)),
    ("/_fn/waybill_app/pages/routing/api/publish_draft", Access::Needs(Permission::ManageRouting)),
    ("/_fn/waybill_app/pages/routing/api/read_draft", Access::Needs(Permission::ReadRouting)),
    ("/_fn/waybill_app/pages/routing/api/read_move", Access::Needs(Permission::ReadRouting)),
    ("/_fn/waybill_app/pages/routing/api/read_overview", Access::Needs(Permission::ReadRouting)),
    ("/_fn/waybill_app/pages/routing/api/read_simulation", Access::Needs(Permission::ReadRouting)),
    ("/_fn/waybill_app/pages/routing/api/read_trial", Access::Needs(Permission::ReadRouting)),
    ("/_fn/waybill_app/pages/routing/api/read_version", Access::Needs(Permission::ReadRouting)),
    ("/_fn/waybill_app/pages/routing/api/resume_routing", Access::Needs(Permission::ManageRouting)),
    ("/_fn/waybill_app/pages/routing/api/save_draft", Access::Needs(Permission::ManageRouting)),
    ("/_fn/waybill_app/pages/routing/api/set_demands", Access::Needs(Permission::ManageUsers)),
    ("/_fn/waybill_app/pages/routing/api/start_simulation", Access::Needs(Permission::ManageRouting)),
    ("/_fn/waybill_app/pages/routing/api/stop_routing", Access::Needs(Permission::ManageRouting)),
    ("/_fn/waybill_app/pages/routing/api/try_order", Access::Needs(Permission::ReadRouting)),
    ("/_fn/waybill_app/pages/routing/api/withdraw_activation", Access::Needs(Permission::ManageRouting)),
    ("/_fn/waybill_app/pages/transfers/api/list_transfers", Access::Needs(Permission::ReadStock)),
    ("/_fn/waybill_app/pages/transfers/api/read_transfer", Access::Needs(Permission::ReadStock)),
    ("/_fn/waybill_app/pages/transfers/api/receive_transfer", Access::Needs(Permission::MoveStock)),
    ("/_fn/waybill_app/pages/transfers/api/send_transfer", Access::Needs(Permission::MoveStock)),
    ("/_fn/waybill_app/pages/transfers/api/transfer_places", Access::Needs(Permission::MoveStock)),
    ("/_fn/waybill_app/pages/shop/api/basket", Access::Public),
    ("/_fn/waybill_app/pages/shop/api/change_basket", Access::Public),
    ("/_fn/waybill_app/pages/shop/api/set_place", Access::Public),
    ("/_fn/waybill_app/pages/shop/api/keep_time", Access::Public),
    ("/_fn/waybill_app/pages/shop/api/typed_before", Access::Public),
    ("/_fn/waybill_app/pages/shop/api/place_order", Access::Public),
    ("/_fn/waybill_app/pages/shop/api/product", Access::Public),
    ("/_fn/waybill_app/pages/shop/api/products", Access::Public),
    // The signed link is the key.
    ("/_fn/waybill_app/pages/supplier/api/supplier_confirms", Access::Public),
    ("/_fn/waybill_app/pages/supplier/api/supplier_declines", Access::Public),
    ("/_fn/waybill_app/pages/supplier/api/supplier_order", Access::Public),
    ("/_fn/waybill_app/pages/supplier/api/supplier_ships", Access::Public),
    // The signed link, or the number with e-mail, postcode or phone number, is the key.
    ("/_fn/waybill_app/pages/track/api/answer_tracked", Access::Public),
    ("/_fn/waybill_app/pages/track/api/cancel_tracked", Access::Public),
    ("/_fn/waybill_app/pages/track/api/look_up", Access::Public),
    ("/_fn/waybill_app/pages/track/api/tracked", Access::Public),
    ("/_fn/waybill_app/pages/work/api/answer_offer", Access::Needs(Permission::WorkFulfilment)),
    ("/_fn/waybill_app/pages/work/api/perform_appointment", Access::Needs(Permission::WorkFulfilment)),
    ("/_fn/waybill_app/pages/work/api/take_step", Access::Needs(Permission::WorkFulfilment)),
    ("/_fn/waybill_app/pages/work/api/read_work", Access::Needs(Permission::ReadFulfilment)),
    ("/_fn/waybill_app/pages/webhooks/api/add_webhook", Access::Needs(Permission::ManageWebhooks)),
    ("/_fn/waybill_app/pages/webhooks/api/change_webhook", Access::Needs(Permission::ManageWebhooks)),
    ("/_fn/waybill_app/pages/webhooks/api/deliver_again", Access::Needs(Permission::ManageWebhooks)),
    ("/_fn/waybill_app/pages/webhooks/api/deliver_all_again", Access::Needs(Permission::ManageWebhooks)),
    ("/_fn/waybill_app/pages/webhooks/api/list_deliveries", Access::Needs(Permission::ManageWebhooks)),
    ("/_fn/waybill_app/pages/webhooks/api/list_webhooks", Access::Needs(Permission::ManageWebhooks)),
    ("/_fn/waybill_app/pages/webhooks/api/read_delivery", Access::Needs(Permission::ManageWebhooks)),
    ("/_fn/waybill_app/pages/webhooks/api/read_webhook", Access::Needs(Permission::ManageWebhooks)),
    ("/_fn/waybill_app/pages/webhooks/api/remove_webhook", Access::Needs(Permission::ManageWebhooks)),
    ("/_fn/waybill_app/pages/webhooks/api/renew_secret", Access::Needs(Permission::ManageWebhooks)),
    ("/_fn/waybill_app/pages/webhooks/api/try_webhook", Access::Needs(Permission::ManageWebhooks)),
];

/// Every page, as the router writes its path.
pub const PAGES: &[(&str, Access)] = &[
    ("/", Access::Public),
    ("/routing", Access::Needs(Permission::ReadRouting)),
    ("/routing/disruptions", Access::Needs(Permission::ReadRouting)),
    ("/routing/disruptions/:id", Access::Needs(Permission::ReadRouting)),
    ("/routing/drafts/:id", Access::Needs(Permission::ReadRouting)),
    ("/routing/simulations/:id", Access::Needs(Permission::ReadRouting)),
    ("/routing/simulations/:id/moves/:no", Access::Needs(Permission::ReadRouting)),
    ("/routing/try", Access::Needs(Permission::ReadRouting)),
    ("/routing/versions/:ruleset/:version", Access::Needs(Permission::ReadRouting)),
    ("/admin/delivery", Access::Needs(Permission::ManageNetwork)),
    ("/admin/delivery/try", Access::Needs(Permission::ManageNetwork)),
    ("/admin/delivery/:kind/new", Access::Needs(Permission::ManageNetwork)),
    ("/admin/delivery/:kind/:code", Access::Needs(Permission::ManageNetwork)),
    ("/admin/files", Access::Needs(Permission::ManageCatalog)),
    ("/admin/files/:id", Access::Needs(Permission::ManageCatalog)),
    ("/admin/locations", Access::Needs(Permission::ManageNetwork)),
    ("/admin/locations/:code", Access::Needs(Permission::ManageNetwork)),
    ("/admin/locations/new", Access::Needs(Permission::ManageNetwork)),
    ("/admin/users", Access::Needs(Permission::ManageUsers)),
    ("/admin/users/:email", Access::Needs(Permission::ManageUsers)),
    ("/admin/webhooks", Access::Needs(Permission::ManageWebhooks)),
    ("/admin/webhooks/:id", Access::Needs(Permission::ManageWebhooks)),
    ("/admin/webhooks/deliveries/:id", Access::Needs(Permission::ManageWebhooks)),
    ("/admin/stock-rules", Access::Needs(Permission::ManageStockRules)),
    ("/basket", Access::Public),
    ("/board", Access::Needs(Permission::ReadReports)),
    ("/catalog", Access::Needs(Permission::ManageCatalog)),
    ("/catalog/new", Access::Needs(Permission::ManageCatalog)),
    ("/catalog/:handle", Access::Needs(Permission::ManageCatalog)),
    ("/checkout", Access::Public),
    ("/desk/orders", Access::Needs(Permission::ReadOrders)),
    ("/desk/messages", Access::Needs(Permission::ReadOrders)),
    ("/desk/messages/:id", Access::Needs(Permission::ReadOrders)),
    ("/desk/promises", Access::Needs(Permission::ReadOrders)),
    ("/desk/promises/kept", Access::Needs(Permission::ReadReports)),
    ("/desk/orders/new", Access::Needs(Permission::CancelOrders)),
    ("/desk/orders/:reference", Access::Needs(Permission::ReadOrders)),
    ("/p/:handle", Access::Public),
    ("/sign-in", Access::Public),
    ("/stock", Access::Needs(Permission::ReadStock)),
    ("/stock/counts", Access::Needs(Permission::ReadStock)),
    ("/stock/counts/new", Access::Needs(Permission::CountStock)),
    ("/stock/counts/:number", Access::Needs(Permission::ReadStock)),
    ("/stock/purchase-orders", Access::Needs(Permission::ReadPurchasing)),
    ("/stock/purchase-orders/new", Access::Needs(Permission::ManagePurchasing)),
    ("/stock/purchase-orders/:number", Access::Needs(Permission::ReadPurchasing)),
    ("/stock/readings", Access::Needs(Permission::AdjustStock)),
    ("/stock/reorder", Access::Needs(Permission::ReadPurchasing)),
    ("/stock/suppliers", Access::Needs(Permission::ReadPurchasing)),
    ("/stock/suppliers/new", Access::Needs(Permission::ManagePurchasing)),
    ("/stock/suppliers/:code", Access::Needs(Permission::ReadPurchasing)),
    ("/stock/returns", Access::Needs(Permission::ReadStock)),
    ("/stock/returns/new", Access::Needs(Permission::ManageReturns)),
    ("/stock/returns/:number", Access::Needs(Permission::ReadStock)),
    ("/stock/transfers", Access::Needs(Permission::ReadStock)),
    ("/stock/transfers/new", Access::Needs(Permission::MoveStock)),
    ("/stock/transfers/:number", Access::Needs(Permission::ReadStock)),
    ("/stock/:sku/offered", Access::Needs(Permission::ReadStock)),
    ("/stock/:sku", Access::Needs(Permission::ReadStock)),
    ("/store", Access::Needs(Permission::ReadFulfilment)),
    ("/supplier/o/:token", Access::Public),
    ("/track", Access::Public),
    ("/track/o/:token", Access::Public),
    ("/warehouse", Access::Needs(Permission::ReadFulfilment)),
];

/// Every file that goes out, or comes in, as the router writes its path.
pub const FILES: &[(&str, Access)] = &[
    ("/admin/files/:id/bad-rows.csv", Access::Needs(Permission::ManageCatalog)),
    ("/admin/files/out/:table", Access::Needs(Permission::ManageCatalog)),
    ("/admin/files/upload", Access::Needs(Permission::ManageCatalog)),
    ("/catalog/:handle/images", Access::Needs(Permission::ManageCatalog)),
    // Products are shown to everybody.
    ("/images/:file", Access::Public),
    ("/stock/purchase-orders/:number/document.pdf", Access::Needs(Permission::ReadPurchasing)),
    // The signed link is the key.
    ("/supplier/o/:token/document.pdf", Access::Public),
];

/// What a page, file or server function needs; none where it is not in the tables.
pub fn access_of(path: &str) -> Option<Access> {
    let (table, more) = if path.starts_with("/_fn/waybill_app/") { (SERVER_FUNCTIONS, &[][..]) } else { (PAGES, FILES) };
    table.iter().chain(more).find(|(pattern, _)| fits(pattern, path)).map(|(_, access)| *access)
}

/// Pages that need a permission are staff's; the others are plain.
pub fn is_staff_page(path: &str) -> bool {
    matches!(access_of(path), Some(Access::Needs(_)))
}

/// `:name` stands for one part of the path.
fn fits(pattern: &str, path: &str) -> bool {
    let trimmed = if path.len() > 1 { path.trim_end_matches('/') } else { path };
    let (mut parts, mut given) = (pattern.split('/'), trimmed.split('/'));
    loop {
        match (parts.next(), given.next()) {
            (None, None) => return true,
            (Some(part), Some(text)) if part == text || (part.starts_with(':') && !text.is_empty()) => {}
            _ => return false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_paths_are_not_allowed() {
        assert_eq!(access_of("/_fn/waybill_app/pages/desk/api/drop_everything"), None);
        assert_eq!(access_of("/desk/orders/1/2"), None);
        assert_eq!(access_of("/p/"), None);
        assert_eq!(access_of("/desk/orders/W-1"), Some(Access::Needs(Permission::ReadOrders)));
        assert_eq!(access_of("/"), Some(Access::Public));
    }
}
