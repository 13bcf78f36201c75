//! A supplier's page for one purchase order, by signed link and without an account.

pub mod api;
mod order_page;

pub use order_page::SupplierOrderPage;
