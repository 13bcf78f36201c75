//! Goods on their way between our own locations: sending, receiving, and what is under way.

pub mod api;
mod transfers_page;

pub use transfers_page::{NewTransferPage, TransferPage, TransfersPage};

crate::lazy::lazy_pages!(show_transfers, __preload_show_transfers: TransfersPage, NewTransferPage, TransferPage);
