//! One folder per place. The pages of customers, and signing in, are plain HTML: they are rendered on the server and never hydrated, so
//! their components exist there only. Those of staff live in the browser too.

#[cfg(feature = "ssr")]
pub mod account;
pub mod admin;
pub mod board;
pub mod catalog;
pub mod counts;
pub mod delivery;
pub mod desk;
pub mod disruptions;
pub mod files;
pub mod purchasing;
pub mod returns;
pub mod routing;
#[cfg(feature = "ssr")]
pub mod shop;
pub mod stock;
pub mod stock_rules;
#[cfg(feature = "ssr")]
pub mod supplier;
#[cfg(feature = "ssr")]
pub mod track;
pub mod transfers;
pub mod webhooks;
pub mod work;
