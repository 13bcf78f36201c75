//! Customer service: find any order, see the whole truth about it, act; take an order, see what is in danger, and what customers were told.

pub mod api;
mod holds;
mod messages_page;
mod new_order_page;
mod order_page;
mod orders_page;
mod promises_page;

pub use messages_page::{MessagePage, MessagesPage};
pub use new_order_page::NewOrderPage;
pub use order_page::OrderPage;
pub use orders_page::OrdersPage;
pub use promises_page::{KeptPage, PromisesPage};

crate::lazy::lazy_pages!(show_desk, __preload_show_desk: MessagesPage, MessagePage, NewOrderPage, OrderPage, OrdersPage, PromisesPage, KeptPage);
