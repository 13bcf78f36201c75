//! Read models of returns.

use super::{ReturnReason, ReturnState};
use crate::ids::LocationId;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// A return in the list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReturnRow {
    pub number: String,
    pub order_number: String,
    pub location_code: String,
    pub location: String,
    pub state: ReturnState,
    pub reason: ReturnReason,
    pub announced: i64,
    pub received: i64,
    pub approved_at: DateTime<Utc>,
}

/// One return, line by line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReturnDetail {
    pub number: String,
    pub order_number: String,
    pub location_id: LocationId,
    pub location_code: String,
    pub location: String,
    pub state: ReturnState,
    pub reason: ReturnReason,
    pub note: String,
    pub approved_at: DateTime<Utc>,
    pub ended_at: Option<DateTime<Utc>>,
    pub lines: Vec<ReturnLineView>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReturnLineView {
    pub sku: String,
    pub name: String,
    pub announced: i32,
    pub received: i32,
    /// Of those received, how many the order counts as come back. The others were not of the order, or more than it had.
    pub matched: i32,
}

/// Something of an order that can come back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Returnable {
    pub code: String,
    pub name: String,
    /// At most so many.
    pub units: i32,
}
