//! Telling customers how their order is going, before they ask.
//!
//! Events call for messages: each event for one at most, written down in the transaction that moves the reader of the events on, so that none is missed
//! and none is written twice. A worker sends what is written, tries again ever more slowly, and in the end leaves it for somebody to see. Where nothing
//! is set up to send with, messages are kept to be looked at.

use serde::{Deserialize, Serialize};

#[cfg(feature = "postgres")]
mod compose;
pub mod views;

#[cfg(feature = "postgres")]
pub use compose::{Facts, Letter, compose};

text_enum! {
    /// What a message is about.
    pub enum NotificationKind {
        Confirmed = "confirmed",
        Shipped = "shipped",
        Ready = "ready",
        DateMoved = "date_moved",
        Asked = "asked",
        Substituted = "substituted",
        AppointmentMoved = "appointment_moved",
        Delivered = "delivered",
        /// A rule has it written to people of the company.
        Staff = "staff",
    }
}

impl NotificationKind {
    /// For people.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Confirmed => "Order confirmed",
            Self::Shipped => "On its way",
            Self::Ready => "Ready to collect",
            Self::DateMoved => "Date moved",
            Self::Asked => "Question about what is missing",
            Self::Substituted => "Something else is sent",
            Self::AppointmentMoved => "Appointment moved",
            Self::Delivered => "Delivered",
            Self::Staff => "Note to staff",
        }
    }
}

text_enum! {
    /// Where a message is.
    pub enum NotificationState {
        Queued = "queued",
        Sent = "sent",
        /// Nothing is set up to send it with.
        Kept = "kept",
        /// It was given up, and waits for somebody.
        Failed = "failed",
    }
}

impl NotificationState {
    /// For people.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Queued => "To be sent",
            Self::Sent => "Sent",
            Self::Kept => "Kept here",
            Self::Failed => "Not sent",
        }
    }
}

/// A message to an address.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mail {
    /// The same each time it is sent: receivers that see it twice know.
    pub id: crate::ids::NotificationId,
    pub to_name: String,
    pub to_address: String,
    pub subject: String,
    pub body: String,
}

#[cfg(feature = "postgres")]
mod list;
#[cfg(feature = "postgres")]
mod queue_notifications;
#[cfg(feature = "postgres")]
mod send_notifications;
#[cfg(feature = "postgres")]
pub use {
    list::{NotificationFilter, list_notifications, notifications_of_order, read_notification},
    queue_notifications::{Writing, queue_notifications, start_from_now},
    send_notifications::{MailCall, MailTrouble, Mailer, Taken, keep_unsent, record_outcome, send_again, take_due},
};
