//! Webhooks as people and programs read them.

use super::DeliveryState;
use crate::events::{EventKind, Told};
use crate::ids::{DeliveryId, WebhookId};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// Beyond this many deliveries are not counted: it is one more.
pub const MOST_COUNTED: i64 = 10_000;

/// One webhook.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WebhookRow {
    pub id: WebhookId,
    pub name: String,
    pub url: String,
    /// Empty: all that [`super::offered`] gives.
    pub kinds: Vec<EventKind>,
    pub paused: bool,
    /// Why it was paused, where nobody did.
    pub paused_why: Option<String>,
    /// Counts its changes, from 1.
    pub version: i32,
    /// Deliveries that are to be sent; at most [`MOST_COUNTED`] and one.
    pub waiting: i64,
    /// Deliveries that were given up; at most [`MOST_COUNTED`] and one.
    pub failed: i64,
    pub last_delivered_at: Option<DateTime<Utc>>,
}

/// One webhook with what was changed about it, the newest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WebhookDetail {
    pub webhook: WebhookRow,
    pub history: Vec<Told>,
}

/// One event on its way to a webhook.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeliveryRow {
    pub id: DeliveryId,
    /// None of a trial.
    pub order_number: Option<String>,
    /// None of a trial.
    pub kind: Option<EventKind>,
    pub state: DeliveryState,
    pub attempts: i32,
    /// The HTTP status of the last answer; none where there was none.
    pub status: Option<i32>,
    /// What the last attempt came to.
    pub words: Option<String>,
    pub created_at: DateTime<Utc>,
    /// When it is tried next, where it is to be sent.
    pub due_at: DateTime<Utc>,
    pub ended_at: Option<DateTime<Utc>>,
}

/// One delivery, whole.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeliveryDetail {
    pub webhook: WebhookId,
    pub webhook_name: String,
    pub row: DeliveryRow,
    /// What is sent, JSON.
    pub body: String,
    /// The newest first.
    pub attempts: Vec<Attempt>,
}

/// One try to deliver.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attempt {
    pub at: DateTime<Utc>,
    pub status: Option<i32>,
    pub words: String,
    pub milliseconds: i32,
}
