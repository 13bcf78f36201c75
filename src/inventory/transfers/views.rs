//! Read models of transfers.

use super::TransferState;
use crate::ids::LocationId;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// A transfer in the list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TransferRow {
    pub number: String,
    pub from: String,
    pub to: String,
    pub state: TransferState,
    pub sent: i64,
    pub received: i64,
    pub sent_at: DateTime<Utc>,
}

/// One transfer, line by line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TransferDetail {
    pub number: String,
    pub from: String,
    pub to: String,
    pub to_id: LocationId,
    pub state: TransferState,
    pub note: String,
    pub sent_at: DateTime<Utc>,
    pub ended_at: Option<DateTime<Utc>>,
    pub lines: Vec<TransferLineView>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TransferLineView {
    pub sku: String,
    pub name: String,
    pub sent: i32,
    pub received: i32,
    pub lost: i32,
}
