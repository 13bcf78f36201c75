//! Other systems: idempotent requests, imports.

#[cfg(feature = "postgres")]
mod idempotency;
#[cfg(feature = "postgres")]
pub use idempotency::{Key, Seen, remember, see};
#[cfg(feature = "postgres")]
pub mod world;
