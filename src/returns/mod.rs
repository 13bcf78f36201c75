//! What customers send back: agreed first, then received, in one go or in several.
//!
//! **quantities**: per order line, `returned <= shipped + collected`; what the lines count as come back is what the returns were matched with.
//! A parcel whose goods have all come back ends, so that nobody hands it over any more.
//! **stock-ledger**: what a return says was received is what its movements make. Doctor compares both.

use crate::inventory::Condition;
use crate::inventory::receipts::Receipt;
use serde::{Deserialize, Serialize};

pub mod views;

text_enum! {
    /// Where a return is.
    pub enum ReturnState {
        /// Agreed, and on its way.
        Approved = "approved",
        /// Everything that was announced has come.
        Received = "received",
        /// Ended though not everything has come.
        Closed = "closed",
        Cancelled = "cancelled",
    }
}

impl ReturnState {
    /// For people.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Approved => "On its way",
            Self::Received => "Received",
            Self::Closed => "Closed short",
            Self::Cancelled => "Cancelled",
        }
    }
}

text_enum! {
    /// Why something is sent back.
    pub enum ReturnReason {
        ChangedMind = "changed_mind",
        DoesNotFit = "does_not_fit",
        NotAsDescribed = "not_as_described",
        Faulty = "faulty",
        DamagedOnTheWay = "damaged_on_the_way",
        WrongItem = "wrong_item",
        CameTooLate = "came_too_late",
        Undelivered = "undelivered",
        NotCollected = "not_collected",
    }
}

impl ReturnReason {
    /// For people.
    pub const fn label(self) -> &'static str {
        match self {
            Self::ChangedMind => "Changed their mind",
            Self::DoesNotFit => "Does not fit",
            Self::NotAsDescribed => "Not as described",
            Self::Faulty => "Faulty",
            Self::DamagedOnTheWay => "Damaged on the way",
            Self::WrongItem => "The wrong thing was sent",
            Self::CameTooLate => "Came too late",
            Self::Undelivered => "Could not be delivered",
            Self::NotCollected => "Nobody collected it",
        }
    }
}

/// A return as somebody agrees to it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewReturn {
    /// The order's number.
    pub order: String,
    /// Code of the location that it comes to.
    pub location: String,
    pub reason: String,
    pub note: String,
    /// (SKU code or GTIN, units). A kit of the order stands for its parts.
    pub lines: Vec<(String, i32)>,
}

/// What has come of a return, and in what condition.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReturnReceipt {
    pub receipt: Receipt,
    pub condition: Condition,
}

#[cfg(feature = "postgres")]
mod cancel_return;
#[cfg(feature = "postgres")]
mod list;
#[cfg(feature = "postgres")]
mod open_return;
#[cfg(feature = "postgres")]
mod receive_return;
#[cfg(feature = "postgres")]
pub use {
    cancel_return::cancel_return,
    list::{list_returns, number_of, read_return, returns_of_order},
    open_return::{open_return, returnable},
    receive_return::receive_return,
};
