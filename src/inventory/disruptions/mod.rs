//! What is out of order for a while: a location, a carrier or one of its services, a SKU whose stock nobody trusts. It is noted as it happens, from now on and until
//! somebody says that it is over or its time is; planning leaves it out meanwhile. What is known beforehand is planned: a location's closed days.

use crate::ids::{LocationId, SkuId};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

pub mod views;

text_enum! {
    /// What is out of order.
    pub enum DisruptionKind {
        /// A location is closed.
        Location = "location",
        /// A carrier takes nothing by any of its services.
        Carrier = "carrier",
        /// A carrier service takes nothing.
        Service = "service",
        /// What the books say of a SKU is not true.
        Sku = "sku",
    }
}

impl DisruptionKind {
    /// True where parcels stay where they are and nobody carries them.
    pub const fn is_of_carriage(self) -> bool {
        matches!(self, Self::Carrier | Self::Service)
    }

    /// For people.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Location => "A location is closed",
            Self::Carrier => "A carrier is on strike",
            Self::Service => "A carrier service is down",
            Self::Sku => "A SKU’s stock is wrong",
        }
    }
}

/// What somebody says is out of order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewDisruption {
    pub kind: DisruptionKind,
    /// Code; of a SKU, where its stock is wrong: everywhere where it is left out.
    #[serde(default)]
    pub location: Option<String>,
    /// The name of a carrier.
    #[serde(default)]
    pub carrier: Option<String>,
    /// Code of a carrier service.
    #[serde(default)]
    pub service: Option<String>,
    /// Code.
    #[serde(default)]
    pub sku: Option<String>,
    pub reason: String,
    /// When it is expected to be over; nobody knows where it is left out.
    #[serde(default)]
    pub until: Option<DateTime<Utc>>,
    /// When it is over, orders that were moved, and that nobody has begun with, go back.
    pub brings_back: bool,
}

/// What planning leaves out, besides locations: those are closed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stopped {
    /// All services of a carrier. With when it is expected to take parcels again, where anybody knows.
    Carrier(String, Option<DateTime<Utc>>),
    Service(String, Option<DateTime<Utc>>),
    /// At one location, or everywhere.
    Sku(SkuId, Option<LocationId>),
}

#[cfg(feature = "postgres")]
mod end_disruption;
#[cfg(feature = "postgres")]
mod list;
#[cfg(feature = "postgres")]
mod start_disruption;
#[cfg(feature = "postgres")]
pub use {
    end_disruption::end_disruption,
    list::{disruption, list_disruptions, stopped_at},
    start_disruption::{note_disruption, start_disruption},
};
