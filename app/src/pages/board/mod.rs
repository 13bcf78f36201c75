//! The numbers that matter.

pub mod api;
mod board_page;

pub use board_page::BoardPage;
