//! The numbers that matter.

pub mod api;
mod board_page;

pub use board_page::BoardPage;

crate::lazy::lazy_pages!(show_board, __preload_show_board: BoardPage);
