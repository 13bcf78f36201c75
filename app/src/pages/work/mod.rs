//! The work of one location: what to pick, pack, send and hand over. Big buttons, one action a card.

pub mod api;
mod work_page;

pub use work_page::{StorePage, WarehousePage};

crate::lazy::lazy_pages!(show_work, __preload_show_work: StorePage, WarehousePage);
