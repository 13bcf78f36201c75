//! When things will be there: the arithmetic of a promise. It knows calendars, cut-offs, handling time, collections and transit days; which location
//! sends what is routing's to say, and what was promised to whom the order's.
//!
//! A parcel is released, handled in opening hours, handed to the carrier at a collection, moves on the carrier's days and is delivered in a window of the
//! destination's day. Every step has one function forward, for the promise, and one backward, for the latest moment that keeps it.

mod schedule;
#[cfg(feature = "postgres")]
mod try_delivery;
pub mod views;

pub use schedule::{CannotSend, Piece, Reach, Schedule, Span, collect, collect_milestones, collect_worked_on, reach, reaches};
#[cfg(feature = "postgres")]
pub use try_delivery::{Trial, try_delivery};
