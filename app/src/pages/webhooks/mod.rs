//! Which other systems are told what happens to orders, and what was sent to them.

pub mod api;
mod delivery_page;
mod webhook_page;
mod webhooks_page;

pub use delivery_page::DeliveryPage;
pub use webhook_page::WebhookPage;
pub use webhooks_page::WebhooksPage;

crate::lazy::lazy_pages!(show_webhooks, __preload_show_webhooks: DeliveryPage, WebhookPage, WebhooksPage);
