//! Buying: what is short, purchase orders, and whom we buy from.

pub mod api;
mod order_page;
mod orders_page;
mod reorder_page;
mod supplier_page;
mod suppliers_page;

pub use order_page::PurchaseOrderPage;
pub use orders_page::{NewPurchaseOrderPage, PurchaseOrdersPage};
pub use reorder_page::ReorderPage;
pub use supplier_page::{NewSupplierPage, SupplierRecordPage};
pub use suppliers_page::SuppliersPage;

crate::lazy::lazy_pages!(show_purchasing, __preload_show_purchasing: PurchaseOrderPage, PurchaseOrdersPage, NewPurchaseOrderPage, ReorderPage, NewSupplierPage, SupplierRecordPage, SuppliersPage);
