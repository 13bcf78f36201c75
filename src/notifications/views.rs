//! What pages and calls read of messages.

use super::{NotificationKind, NotificationState};
use crate::ids::NotificationId;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// A message in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NotificationRow {
    pub id: NotificationId,
    pub order_number: String,
    pub kind: NotificationKind,
    /// Empty where the customer gave no address, or wanted to be forgotten.
    pub to: String,
    pub subject: String,
    pub state: NotificationState,
    pub attempts: i32,
    pub last_error: Option<String>,
    pub created_at: DateTime<Utc>,
    /// Sent, kept or given up.
    pub ended_at: Option<DateTime<Utc>>,
}

/// A message, whole.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NotificationView {
    pub row: NotificationRow,
    pub body: String,
}
