//! What admins set: the places.

pub mod api;
mod location_page;
mod locations_page;

pub use location_page::{LocationPage, NewLocationPage};
pub use locations_page::LocationsPage;
