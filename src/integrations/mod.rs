//! Other systems: tables that people bring and take away, and imported histories.

pub mod files;
#[cfg(feature = "postgres")]
pub mod world;
