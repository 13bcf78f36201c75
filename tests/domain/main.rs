//! The use cases against a real Postgres: one database per test.
#![expect(clippy::unwrap_used, reason = "a test may fail where it stands")]

mod appointments;
mod asked;
mod backorders;
mod closings;
mod company;
mod conditions;
mod counts;
mod delivery;
mod disruptions;
mod doctor;
mod events;
mod files;
mod holds;
mod import;
mod incoming;
mod kits;
mod measures;
mod notifications;
mod offers;
mod orders;
mod places;
mod promises;
mod purchasing;
mod races;
mod readings;
mod returns;
mod routing;
mod shortfall;
mod sign_in;
mod simulation;
mod slots;
mod stock_rules;
mod transfers;
mod users;
mod wishes;
