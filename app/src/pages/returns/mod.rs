//! What customers send back: agreeing to it, and receiving it.

pub mod api;
mod returns_page;

pub use returns_page::{NewReturnPage, ReturnPage, ReturnsPage};
