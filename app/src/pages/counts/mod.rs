//! Counting what stands at a location, and booking what differs.

pub mod api;
mod count_page;
mod counts_page;

pub use count_page::CountPage;
pub use counts_page::{CountsPage, NewCountPage};

crate::lazy::lazy_pages!(show_counts, __preload_show_counts: CountPage, CountsPage, NewCountPage);
