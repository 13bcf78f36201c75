//! Following an order, without an account.

pub mod api;
mod look_up_page;
mod track_page;

pub use look_up_page::LookUpPage;
pub use track_page::TrackPage;
