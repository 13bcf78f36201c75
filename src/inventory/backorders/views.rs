//! Read models of what is sold before it is there.

use super::LaterKind;
use crate::ids::{LocationId, SkuId};
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

/// Terms of a SKU at a location, and how far they are used.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TermsRow {
    pub location_id: LocationId,
    pub code: String,
    pub location: String,
    pub kind: LaterKind,
    pub most_units: i32,
    /// Of these, taken by orders.
    pub backordered: i32,
    pub expected_at: DateTime<Utc>,
    /// The day that it is then at the location.
    pub expected_on: NaiveDate,
    pub until: Option<DateTime<Utc>>,
}

/// What a customer can order of a SKU before it is there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LaterOffer {
    pub sku: SkuId,
    pub kind: LaterKind,
    /// Units that can still be ordered.
    pub units: i32,
    /// The earliest day on which it is expected, where it is expected.
    pub expected_on: NaiveDate,
}
