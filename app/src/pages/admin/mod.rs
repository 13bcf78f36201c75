//! What admins set: the places, and who works there.

pub mod api;
mod location_page;
mod locations_page;
mod users_page;

pub use location_page::{LocationPage, NewLocationPage};
pub use locations_page::LocationsPage;
pub use users_page::{UserPage, UsersPage};

crate::lazy::lazy_pages!(show_admin, __preload_show_admin: LocationPage, NewLocationPage, LocationsPage, UsersPage, UserPage);
