//! The shop: browse, basket, checkout. It works without JavaScript; the basket is a cookie.

pub mod api;
mod basket_page;
mod checkout_page;
mod options;
mod product_page;
mod shop_page;

pub use basket_page::BasketPage;
pub use checkout_page::CheckoutPage;
pub use product_page::ProductPage;
pub use shop_page::ShopPage;
