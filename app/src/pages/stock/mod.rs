//! What stands where: one view of stock, and every movement behind it.

pub mod api;
mod readings_page;
mod sku_page;
mod stock_page;

pub use readings_page::ReadingsPage;
pub use sku_page::SkuPage;
pub use stock_page::StockPage;

crate::lazy::lazy_pages!(show_stock, __preload_show_stock: ReadingsPage, SkuPage, StockPage);
