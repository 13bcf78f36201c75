//! What customers send back: agreeing to it, and receiving it.

pub mod api;
mod returns_page;

pub use returns_page::{NewReturnPage, ReturnPage, ReturnsPage};

crate::lazy::lazy_pages!(show_returns, __preload_show_returns: ReturnsPage, NewReturnPage, ReturnPage);
