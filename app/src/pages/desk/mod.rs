//! Customer service: find any order, see the whole truth about it, act.

pub mod api;
mod order_page;
mod orders_page;

pub use order_page::OrderPage;
pub use orders_page::OrdersPage;
