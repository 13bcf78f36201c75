//! Times that customers choose: what is left of them, and keeping one while somebody decides.
//!
//! An order has one for all of it, or an appointment for a line: a service, done by people with a skill.
//!
//! A plan (a setting of [`crate::carriers`]) says which there are, week after week, and how many fit into each. **no-oversell**: for every slot
//! `0 <= taken <= capacity`, and `taken` is the sum of the open bookings.

use chrono::{DateTime, NaiveDateTime, Utc};
use serde::{Deserialize, Serialize};

/// A slot with room.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SlotView {
    /// Code of the plan.
    pub plan: String,
    pub starts_at: DateTime<Utc>,
    pub ends_at: DateTime<Utc>,
    /// By the clocks of the location that does it.
    pub local_from: NaiveDateTime,
    pub local_until: NaiveDateTime,
    /// So many still fit in.
    pub left: i32,
}

/// A slot that is kept while somebody decides.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    pub booking: crate::ids::BookingId,
    pub slot: SlotView,
    /// Until then, unless it becomes an order.
    pub until: DateTime<Utc>,
}

text_enum! {
    /// How it is with a booking.
    pub enum BookingState {
        /// Kept while somebody decides.
        Open = "open",
        /// An order's.
        Ordered = "ordered",
        /// The appointment's work is done.
        Performed = "performed",
        /// Given back.
        Released = "released",
        /// The time to decide was over.
        Expired = "expired",
    }
}

/// A booking, whatever has become of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BookingView {
    pub booking: crate::ids::BookingId,
    /// Code of the plan.
    pub plan: String,
    pub starts_at: DateTime<Utc>,
    pub ends_at: DateTime<Utc>,
    pub state: BookingState,
    /// Until then it is kept, unless it becomes an order.
    pub expires_at: DateTime<Utc>,
    /// The order whose it is.
    pub order_number: Option<String>,
}

/// A slot is kept for so many minutes.
pub const KEPT_MINUTES: i64 = 15;

#[cfg(feature = "postgres")]
mod book_slot;
#[cfg(feature = "postgres")]
mod list;
#[cfg(feature = "postgres")]
pub use {
    book_slot::{Booked, Ordered, become_ordered, book_slot, expire_booking, give_back, lock_bookings, lock_days, release_booking, release_ordered},
    list::{appointment_plans, free_slots, kept_slots, place_of, read_booking, slot_of_order, slots_of_method, slots_of_skill, slots_of_store},
};
