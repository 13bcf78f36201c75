//! The whole program, as processes: the REST interface, several nodes, and what survives `kill -9`.
#![expect(clippy::unwrap_used, reason = "a test may fail where it stands")]

mod crash;
mod disruptions;
mod hammer;
mod node;
mod nodes;
mod promising;
mod rest;
mod routing;
mod to_store;
mod webhooks;
