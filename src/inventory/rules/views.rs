//! Read models of stock rules.

use super::{Quantity, RuleKind};
use crate::customers::views::CustomerGroup;
use crate::ids::{LocationGroupId, LocationId, StockRuleId};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// A rule in the list, in names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleRow {
    pub id: StockRuleId,
    pub kind: RuleKind,
    pub sku: Option<String>,
    pub category: Option<String>,
    pub location: Option<String>,
    pub location_group: Option<String>,
    pub channel: Option<String>,
    pub customer_group: Option<String>,
    pub from: Option<DateTime<Utc>>,
    /// The first moment at which it no longer counts.
    pub until: Option<DateTime<Utc>>,
    pub quantity: Quantity,
    /// Since when it has been so.
    pub since: DateTime<Utc>,
}

impl RuleRow {
    /// The rule as a sentence, without its dates.
    pub fn sentence(&self) -> String {
        let what = match (&self.sku, &self.category) {
            (Some(sku), _) => format!("of {sku}"),
            (None, Some(category)) => format!("of everything in {category}"),
            (None, None) => "of everything".to_owned(),
        };
        let place = match (&self.location, &self.location_group) {
            (Some(place), _) => format!("at {place}"),
            (None, Some(group)) => format!("at each of {group}"),
            (None, None) => "at each location".to_owned(),
        };
        let quantity = match self.quantity {
            Quantity::Units(1) => "1 unit".to_owned(),
            Quantity::Units(n) => format!("{n} units"),
            Quantity::DaysOfCover(1) => "what is sold in a day".to_owned(),
            Quantity::DaysOfCover(n) => format!("what is sold in {n} days"),
        };
        let group = self.customer_group.as_ref().map(|g| format!(" (customers: {g})")).unwrap_or_default();
        let channel = self.channel.as_deref().unwrap_or_default();
        match (self.kind, &self.channel) {
            (RuleKind::Safety, None) => format!("Keep back {quantity} {what} {place}{group}."),
            (RuleKind::Safety, Some(_)) => format!("Keep back {quantity} {what} {place} from {channel}{group}."),
            (RuleKind::RingFence, _) => format!("Keep the last {quantity} {what} {place} for {channel}{group}."),
            (RuleKind::Cap, _) => format!("Offer {channel} at most {quantity} {what}{group}."),
        }
    }
}

/// What a rule can be for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleChoices {
    pub categories: Vec<String>,
    /// (code, name)
    pub locations: Vec<(String, String)>,
    pub location_groups: Vec<GroupRow>,
    pub channels: Vec<ChannelRow>,
    pub customer_groups: Vec<CustomerGroup>,
}

/// A channel, how long it keeps baskets, and whether it wraps gifts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChannelRow {
    pub channel: String,
    pub name: String,
    /// Zero is not at all.
    pub hold_seconds: i32,
    /// Orders wait so long before they are worked on.
    pub release_delay_minutes: i32,
    /// What wrapping a unit costs, a decimal in the channel's currency; none where it is not offered.
    pub gift_wrap: Option<String>,
}

/// A group of locations.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GroupRow {
    pub id: LocationGroupId,
    pub name: String,
    /// Codes.
    pub locations: Vec<String>,
    /// A change that is still to come: from when on, and who is in it then.
    pub then: Option<(DateTime<Utc>, Vec<String>)>,
}

/// Whether a SKU may ship from, or be collected at, a location.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AllowedRow {
    pub location_id: LocationId,
    pub code: String,
    pub location: String,
    pub ship: bool,
    pub pickup: bool,
}
