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
    /// Units that may be owed, what comes on earlier days among them.
    pub most_units: i32,
    /// Of these, taken by orders.
    pub backordered: i32,
    /// None where purchase orders are followed and nothing is on its way.
    pub expected_at: Option<DateTime<Utc>>,
    /// The day that it is then at the location.
    pub expected_on: Option<NaiveDate>,
    pub until: Option<DateTime<Utc>>,
    /// When and how many, purchase orders say.
    pub follows: bool,
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
