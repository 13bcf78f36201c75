//! Counting what stands at a location while orders flow. Whoever counts does not see what the books say; whoever may correct stock sees the
//! differences afterwards and books them, or has things counted again.
//!
//! A difference is between what was counted and what the books said at that moment, less what was packed already: what is sold or received
//! between counting and booking changes nothing about it.

use serde::{Deserialize, Serialize};

pub mod views;

text_enum! {
    /// Where a count is.
    pub enum CountState {
        /// Being counted.
        Open = "open",
        /// Handed in; differences wait to be booked.
        Review = "review",
        Closed = "closed",
        /// Called off; what had been booked by then stays booked.
        Cancelled = "cancelled",
    }
}

impl CountState {
    /// For people.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Open => "Being counted",
            Self::Review => "To be checked",
            Self::Closed => "Done",
            Self::Cancelled => "Called off",
        }
    }
}

/// What somebody wants counted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewCount {
    /// Code of the location.
    pub location: String,
    /// SKU codes or GTINs; everything that the books have there where it is left empty.
    pub skus: Vec<String>,
    pub note: String,
}

/// Refuses a step that the state does not allow.
#[cfg(feature = "postgres")]
pub(crate) fn require_state(number: &str, state: CountState, wanted: CountState) -> crate::refusal::Result<(), crate::refusal::Refusal> {
    if state == wanted {
        return Ok(());
    }
    let now = match state {
        CountState::Open => "is still being counted: hand it in first",
        CountState::Review => "has been handed in: have things counted again where they must be",
        CountState::Closed => "is done: begin a new one",
        CountState::Cancelled => "was called off: begin a new one",
    };
    Err(crate::refusal::Refusal::new(crate::refusal::RefusalCode::IllegalTransition, format!("Count {number} {now}.")))
}

#[cfg(feature = "postgres")]
mod cancel_count;
#[cfg(feature = "postgres")]
mod hand_in_count;
#[cfg(feature = "postgres")]
mod list;
#[cfg(feature = "postgres")]
mod open_count;
#[cfg(feature = "postgres")]
mod record_count;
#[cfg(feature = "postgres")]
mod recount;
#[cfg(feature = "postgres")]
pub(crate) use hand_in_count::close_if_settled;
#[cfg(feature = "postgres")]
pub(crate) use list::{Counting, lock_count};
#[cfg(feature = "postgres")]
pub use {
    cancel_count::cancel_count,
    hand_in_count::hand_in_count,
    list::{list_counts, number_of, read_count},
    open_count::open_count,
    record_count::record_count,
    recount::recount,
};
