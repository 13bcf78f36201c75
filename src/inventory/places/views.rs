//! Read models of locations, for those who look after them.

use super::{LocationSettings, Touches};
use crate::events::{Change, Told};
use crate::geo::GeoPoint;
use crate::ids::ClosureId;
use crate::inventory::LocationKind;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// A location in the list.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PlaceRow {
    pub code: String,
    pub name: String,
    pub kind: LocationKind,
    pub city: String,
    pub point: GeoPoint,
    pub ships: bool,
    pub offers_pickup: bool,
    pub daily_order_capacity: Option<i32>,
    /// Orders counted against today.
    pub taken_today: i64,
    /// Fulfilment orders that have not left.
    pub open_work: i64,
    /// Why it is closed now.
    pub closed: Option<String>,
}

/// One location with all that is set of it, will be and was.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PlaceDetail {
    pub code: String,
    pub settings: LocationSettings,
    /// All locations by city, this one standing out.
    pub all_points: Vec<(String, GeoPoint, bool)>,
    /// Names what was read; a change that names it is refused where somebody was faster.
    pub version: String,
    /// A change that is still to come: from when on, and what it changes.
    pub scheduled: Option<(DateTime<Utc>, Vec<Change>)>,
    /// True where the last change can be taken back.
    pub can_undo: bool,
    pub closed_now: Option<String>,
    pub closures: Vec<ClosureRow>,
    pub touches: Touches,
    /// Newest first.
    pub history: Vec<Told>,
}

/// A time a location is closed, now or later.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClosureRow {
    pub closure_id: ClosureId,
    pub from: DateTime<Utc>,
    /// None is until further notice.
    pub until: Option<DateTime<Utc>>,
    pub reason: String,
}
