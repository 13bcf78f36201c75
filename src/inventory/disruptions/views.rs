//! What people see of disruptions.

use super::DisruptionKind;
use crate::ids::DisruptionId;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// A disruption.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DisruptionRow {
    pub id: DisruptionId,
    pub kind: DisruptionKind,
    /// Codes, where it is about one.
    pub location: Option<String>,
    pub carrier: Option<String>,
    pub service: Option<String>,
    pub sku: Option<String>,
    /// What is out of order, for people: `Leeds store`, `Parcel next day`, `LAMP at Leeds store`.
    pub about: String,
    pub reason: String,
    pub since: DateTime<Utc>,
    /// When it is expected to be over; nobody knows where it is left out.
    pub until: Option<DateTime<Utc>>,
    pub ended_at: Option<DateTime<Utc>>,
    pub brings_back: bool,
    pub started_by: Option<String>,
    pub ended_by: Option<String>,
}
