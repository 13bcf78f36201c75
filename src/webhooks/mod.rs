//! Telling other systems what happens to orders, in the form of Standard Webhooks (the specification of standardwebhooks.com, 1.0.0).
//!
//! Events become deliveries in the transaction that moves the reader of the events on, so that none is missed and none is sent for twice. A worker sends
//! them, each order's in their order; what is not taken is tried again ever more slowly, and in the end waits for somebody to see. A call that was made and
//! not recorded is made again, with the same id: whoever is told knows it by that.

use crate::events::EventKind;

pub mod views;

text_enum! {
    /// Where a delivery is.
    pub enum DeliveryState {
        Queued = "queued",
        Delivered = "delivered",
        /// It was given up, and waits for somebody.
        Failed = "failed",
    }
}

impl DeliveryState {
    /// For people.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Queued => "To be sent",
            Self::Delivered => "Delivered",
            Self::Failed => "Given up",
        }
    }
}

/// The events that other systems can be told of.
pub fn offered() -> impl Iterator<Item = EventKind> {
    EventKind::ALL.iter().copied().filter(|kind| kind.is_for_systems())
}

#[cfg(feature = "postgres")]
mod body;
#[cfg(feature = "postgres")]
mod list;
#[cfg(feature = "postgres")]
mod queue_deliveries;
#[cfg(feature = "postgres")]
mod send_deliveries;
#[cfg(feature = "postgres")]
mod set_webhook;
#[cfg(feature = "postgres")]
pub use {
    list::{DeliveryFilter, list_deliveries, list_webhooks, read_delivery, read_webhook},
    queue_deliveries::queue_deliveries,
    send_deliveries::{
        Answer, Call, Poster, PosterCall, Taken, forget_some, record_answer, send_again, send_some_again, send_some_now, take_due, webhooks_due,
    },
    set_webhook::{WebhookSettings, add_webhook, change_webhook, remove_webhook, renew_secret, require_webhook, try_webhook},
};
