//! What is there and still not offered to everybody, and how the number comes about that a channel sees.

pub mod api;
mod offered_page;
mod rules_page;

pub use offered_page::OfferedPage;
pub use rules_page::StockRulesPage;

crate::lazy::lazy_pages!(show_stock_rules, __preload_show_stock_rules: OfferedPage, StockRulesPage);
