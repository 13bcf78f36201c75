//! What is sold, for those who look after it: products, variants, prices, kits.

pub mod api;
mod catalog_page;
mod product_page;

pub use catalog_page::CatalogPage;
pub use product_page::{NewProductPage, ProductRecordPage};

crate::lazy::lazy_pages!(show_catalog, __preload_show_catalog: CatalogPage, ProductRecordPage, NewProductPage);
