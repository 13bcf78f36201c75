//! What people see: pages, components, and the server functions they call.

#[cfg(all(feature = "ssr", feature = "hydrate"))]
compile_error!("build the app either for the server (ssr) or for the browser (hydrate), never for both at once");

pub mod access;
pub mod components;
#[cfg(feature = "ssr")]
pub mod ctx;
pub mod error;
pub mod layout;
mod lazy;
pub mod loaded;
pub mod pages;
mod routes;
pub mod ui;

pub use routes::StaffApp;
#[cfg(feature = "ssr")]
pub use routes::{CustomerApp, document, forbidden};
