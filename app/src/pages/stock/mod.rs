//! What stands where: one view of stock, and every movement behind it.

pub mod api;
mod sku_page;
mod stock_page;

pub use sku_page::SkuPage;
pub use stock_page::StockPage;
