//! Read models of counts.

use super::CountState;
use crate::ids::LocationId;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// A count in the list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CountRow {
    pub number: String,
    pub location: String,
    pub state: CountState,
    pub lines: i64,
    pub counted: i64,
    pub opened_at: DateTime<Utc>,
}

/// One count, line by line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CountDetail {
    pub number: String,
    pub location: String,
    pub location_id: LocationId,
    pub state: CountState,
    pub note: String,
    pub opened_at: DateTime<Utc>,
    pub ended_at: Option<DateTime<Utc>>,
    pub lines: Vec<CountLineView>,
}

/// One SKU of a count.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CountLineView {
    pub sku: String,
    pub name: String,
    pub gtin: Option<String>,
    pub counted: Option<i32>,
    /// Only for those who may book it, and only once the count is handed in.
    pub difference: Option<Difference>,
    pub counted_by: Option<String>,
}

/// What counting found beside the books.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Difference {
    /// What the books said at that moment, less what was packed.
    pub book: i32,
    /// Of these, what was just being picked.
    pub in_picking: i32,
    pub units: i32,
    pub booked: bool,
}
