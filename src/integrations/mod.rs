//! Other systems: imports.

#[cfg(feature = "postgres")]
pub mod world;
