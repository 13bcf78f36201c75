//! The domain of Waybill: what an order is, and everything that may happen to it.
//!
//! Plain Rust. It knows nothing of HTTP, HTML or environment variables. Without the `postgres` feature it compiles for the browser, which
//! then shares its types, states and rules; with it come the use cases, one file each.
//!
//! Reading order: the kernel (`money`, `ids`, `clock`, `events`, `geo`, `refusal`), then the areas from the bottom up.

#[macro_use]
mod text_enum;

pub mod clock;
pub mod events;
pub mod geo;
pub mod ids;
pub mod money;
pub mod page;
pub mod refusal;
pub mod tags;

#[cfg(feature = "postgres")]
pub mod batch;
#[cfg(feature = "postgres")]
pub mod db;
#[cfg(feature = "postgres")]
pub mod doctor;
#[cfg(feature = "postgres")]
pub mod idempotency;
#[cfg(feature = "postgres")]
pub mod jobs;
#[cfg(feature = "postgres")]
pub mod planning_state;
#[cfg(feature = "postgres")]
mod secret;
#[cfg(feature = "postgres")]
pub mod services;

pub mod carriers;
pub mod catalog;
pub mod customers;
pub mod fulfilment;
pub mod identity;
pub mod integrations;
pub mod inventory;
pub mod notifications;
pub mod orders;
pub mod payments;
pub mod promising;
pub mod purchasing;
pub mod reports;
pub mod returns;
pub mod routing;
pub mod simulation;
pub mod slots;
pub mod webhooks;

#[cfg(feature = "postgres")]
pub use secret::{constant_time_eq, random_bytes, random_token, sha256, shared_key, sign, signature_is_valid};

/// The schema, forward only.
#[cfg(feature = "postgres")]
pub static MIGRATOR: sqlx::migrate::Migrator = sqlx::migrate!();
