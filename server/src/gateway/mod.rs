//! The built-in payment gateway: it behaves like a real one (delays, declines, late decisions reported back), as a process of its own with
//! a store of its own, so that a crash of either side can be tested.
//!
//! Cards are named by tokens: `tok_ok`, `tok_declined`, `tok_slow` (answers after four seconds), `tok_late` (decides after three seconds and
//! reports back).

mod client;
mod journal;
mod rules;
mod serve;

pub use client::{HttpGateway, start_or_adopt};
pub use serve::serve;
