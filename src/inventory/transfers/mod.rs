//! Goods that move between two of our locations, in two steps: they leave the one shelf when they are sent and are on the other when they are
//! received. Between the two they are in transit, and nobody promises them.
//!
//! **stock-ledger**: what is sent and received are movements that name their transfer; doctor compares the two.

use serde::{Deserialize, Serialize};

pub mod views;

text_enum! {
    /// Where a transfer is.
    pub enum TransferState {
        /// On its way, perhaps partly there.
        Sent = "sent",
        /// Everything that was sent has come.
        Received = "received",
        /// Ended though not everything has come: the rest is given up.
        Closed = "closed",
    }
}

impl TransferState {
    /// For people.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Sent => "On its way",
            Self::Received => "Received",
            Self::Closed => "Closed short",
        }
    }
}

/// What somebody wants to send.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewTransfer {
    /// Codes of the locations.
    pub from: String,
    pub to: String,
    pub note: String,
    /// (SKU code or GTIN, units)
    pub lines: Vec<(String, i32)>,
}

#[cfg(feature = "postgres")]
mod list;
#[cfg(feature = "postgres")]
mod receive_transfer;
#[cfg(feature = "postgres")]
mod send_transfer;
#[cfg(feature = "postgres")]
pub use {
    list::{list_transfers, number_of, read_transfer},
    receive_transfer::receive_transfer,
    send_transfer::send_transfer,
};
